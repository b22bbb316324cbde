import SIP
import Testing

@testable import Signalling

/// Calls of the bridge's to points, in virtual time.
@Suite struct DiallingTests {
    /// A point and its devices, as the core sees them.
    private struct Point {
        var caller = Caller()
        let id: CallID

        init(registered flows: Flow..., address: String? = nil, instance: String? = nil) throws {
            let id = caller.core.newCallID()
            self.id = id
            for (index, flow) in flows.enumerated() {
                let number = UInt32(index + 1)
                let binding = Binding(
                    uri: try URI(parsing: "sip:so1@192.0.2.\(7 + index):5070"),
                    key: instance.map { .flow(instance: $0, number: number) } ?? .contact, callID: "r\(index)",
                    sequence: 1, expires: caller.now + .seconds(3600 - index), path: [], flow: flow)
                caller.core.registrar.restore(
                    caller.core.registrar.contacts(of: "so1", at: caller.now) + [binding], of: "so1")
            }
            try dial(address: address)
        }

        private mutating func dial(address: String?) throws {
            caller.core.dial(
                id, "so1", into: "giaoban", title: "Giao ban tuần",
                address: try address.map { text throws(SIPSyntaxError) in try URI(parsing: text) },
                offering: [Array("v=0\r\n".utf8), Array("v=0\r\ns=lesser\r\n".utf8)], at: caller.now)
            caller.take(caller.core.takeActions())
        }

        var invites: [SIPRequest] { caller.requests.filter { $0.method == .invite } }

        mutating func answer(
            _ request: SIPRequest, _ status: UInt16, tag: String = "p1", headers: String = "", body: String = "",
            on flow: Flow? = nil
        ) {
            let text = """
                SIP/2.0 \(status) Answer
                Via: \(request.vias[0])
                From: \(request.from)
                To: \(request.to);tag=\(tag)
                Call-ID: \(request.callID)
                CSeq: \(request.cseq)
                Contact: <sip:so1@192.0.2.7:5070>
                \(headers)Content-Length: \(body.utf8.count)

                \(body)
                """
            let octets = Array(text.replacing("\n", with: "\r\n").utf8)
            caller.take(caller.core.receive(octets, on: flow ?? caller.flow, at: caller.now))
        }

        mutating func hangUp() {
            caller.core.hangUp(id, .localHangUp("test"), at: caller.now)
            caller.take(caller.core.takeActions())
        }

        var answers: [(PointCall, String)] {
            caller.events.compactMap { event in
                guard case .callAnswered(let call, let answer, _) = event else { return nil }
                return (call, String(decoding: answer, as: UTF8.self))
            }
        }
        var sought: [String] {
            caller.events.compactMap { event in
                switch event {
                case .findWay(_, let uri): uri.description
                case .findNextWay: "next"
                default: nil
                }
            }
        }
    }

    private static let udp = Flow(
        listener: 0, connection: 0, transport: .udp, remoteHost: "192.0.2.7", remotePort: 5070)
    private static func tcp(_ number: UInt64) -> Flow {
        Flow(listener: 0, connection: number, transport: .tcp, remoteHost: "192.0.2.7", remotePort: 40_000)
    }

    @Test func aPointIsCalledWhereItRegisteredAndItsAnswerAcknowledged() throws {
        var point = try Point(registered: Self.udp)
        let invite = try #require(point.invites.first)
        #expect(invite.uri.description == "sip:so1@192.0.2.7:5070")
        #expect(invite.from.displayName == "Giao ban tuần")
        #expect(invite.contact?.description == "<sip:giaoban@192.0.2.1:5060>;isfocus")
        #expect(invite.headers[.sessionExpires] == "1800;refresher=uac")
        point.answer(invite, 180)
        #expect(point.caller.events.contains { if case .callProgressed(_, 180) = $0 { true } else { false } })
        point.answer(invite, 200, headers: "Session-Expires: 600;refresher=uac\nAllow: UPDATE\n", body: "v=0")
        let (call, answer) = try #require(point.answers.first)
        #expect(call.direction == .outgoing && call.username == "so1" && call.room == "giaoban" && answer == "v=0")
        #expect(point.caller.requests.count { $0.method == .ack } == 1)
        // Its ACK was lost: the 200 comes again, and is no second answer.
        point.answer(invite, 200, body: "v=0")
        #expect(point.caller.requests.count { $0.method == .ack } == 2)
        #expect(point.answers.count == 1)
        // The bridge refreshes at half time, as agreed.
        point.caller.wait(.seconds(301))
        #expect(point.caller.requests.last?.method == .update)
        #expect(point.caller.core.dialling.isEmpty)
    }

    @Test(arguments: [406, 415, 488, 606] as [UInt16])
    func whoRefusesAnOfferIsMadeTheNext(status: UInt16) throws {
        var point = try Point(registered: Self.udp)
        let invite = try #require(point.invites.first)
        point.answer(invite, status)
        try #require(point.invites.count == 2)
        let again = point.invites[1]
        #expect(again.callID == invite.callID && again.cseq.number == invite.cseq.number + 1)
        #expect(again.uri == invite.uri && again.to.tag == nil)
        #expect(String(decoding: again.body, as: UTF8.self).contains("lesser"))
        point.answer(again, 200, body: "v=0")
        #expect(
            point.caller.events.contains { event in
                if case .callAnswered(_, _, let offer) = event { offer == again.body } else { false }
            })
        #expect(point.caller.ends.isEmpty)
    }

    @Test func whoRefusesEveryOfferIsNotThere() throws {
        var point = try Point(registered: Self.udp)
        point.answer(try #require(point.invites.first), 488)
        point.answer(try #require(point.invites.last), 488)
        #expect(point.invites.count == 2)
        #expect(point.caller.ends.count == 1)
        // A busy point is not asked about other descriptions.
        var busy = try Point(registered: Self.udp)
        busy.answer(try #require(busy.invites.first), 486)
        #expect(busy.invites.count == 1 && busy.caller.ends.count == 1)
    }

    @Test func ofSeveralDevicesTheFirstToAnswerHasTheCall() throws {
        let other = Flow(listener: 0, connection: 0, transport: .udp, remoteHost: "192.0.2.8", remotePort: 5070)
        var point = try Point(registered: Self.udp, other)
        #expect(point.invites.count == 2)
        let (first, second) = (point.invites[0], point.invites[1])
        point.answer(first, 180)
        point.answer(second, 180, on: other)
        point.answer(second, 200, body: "v=0", on: other)
        #expect(point.answers.count == 1)
        let cancel = try #require(point.caller.requests.last { $0.method == .cancel })
        #expect(cancel.callID == first.callID)
        // It answered before the CANCEL reached it: one call is enough.
        point.answer(first, 200, body: "v=0")
        #expect(point.answers.count == 1)
        let bye = try #require(point.caller.requests.last { $0.method == .bye })
        #expect(bye.callID == first.callID)
        #expect(point.caller.core.calls.count == 1)
        point.caller.wait(.seconds(40))
        #expect(point.caller.core.dialling.isEmpty)
        #expect(point.caller.ends.isEmpty)
    }

    @Test func whatAPersonSaidCountsMoreThanADeadDevice() throws {
        let other = Flow(listener: 0, connection: 0, transport: .udp, remoteHost: "192.0.2.8", remotePort: 5070)
        var point = try Point(registered: Self.udp, other)
        point.answer(point.invites[0], 480)
        #expect(point.caller.ends.isEmpty)
        point.answer(point.invites[1], 486, on: other)
        #expect(point.caller.ends == [.declined(code: 486, reason: "Answer")])
        #expect(point.caller.core.dialling.isEmpty)
    }

    @Test func aCallIsGivenUpWhileItRings() throws {
        var point = try Point(registered: Self.udp)
        let invite = try #require(point.invites.first)
        point.answer(invite, 180)
        point.hangUp()
        #expect(point.caller.requests.last?.method == .cancel)
        point.answer(invite, 487)
        #expect(point.caller.ends == [.localHangUp("test")])
    }

    @Test func nobodyIsRungForever() throws {
        var point = try Point(registered: Self.udp)
        point.answer(try #require(point.invites.first), 180)
        point.caller.wait(.seconds(61))
        let cancel = try #require(point.caller.requests.last)
        #expect(cancel.method == .cancel)
        point.answer(try #require(point.invites.first), 487)
        #expect(point.caller.ends == [.noAnswer])
    }

    @Test func aPointThatIsNowhereIsUnreachableAtOnce() throws {
        let point = try Point()
        #expect(point.caller.ends == [.unreachable])
        #expect(point.caller.sent.isEmpty)
    }

    @Test func anAddressIsLookedUpAndTheNextServerTriedAfter503() throws {
        var point = try Point(address: "sip:phong-hop@so1.test")
        #expect(point.sought == ["sip:phong-hop@so1.test"])
        #expect(point.invites.isEmpty)
        point.caller.core.reached(.branch(point.id, 0), on: Self.udp, at: point.caller.now)
        point.caller.take(point.caller.core.takeActions())
        point.answer(try #require(point.invites.first), 503)
        #expect(point.sought.last == "next")
        point.caller.core.unreachable(.branch(point.id, 0), at: point.caller.now)
        point.caller.take(point.caller.core.takeActions())
        #expect(point.caller.ends == [.declined(code: 503, reason: "Answer")])
    }

    /// RFC 5626 §5.3.
    @Test func ofTheFlowsOfADeviceTheNextIsUsedWhenOneFails() throws {
        var point = try Point(registered: Self.tcp(1), Self.tcp(2), instance: "<urn:uuid:1>")
        #expect(point.invites.count == 1)
        point.caller.take(point.caller.core.flowFailed(Self.tcp(1), at: point.caller.now))
        #expect(point.invites.count == 2)
        point.answer(point.invites[1], 200, body: "v=0", on: Self.tcp(2))
        #expect(point.answers.count == 1)
    }

    @Test func anAnswerBeforeThePointIsThereIsItsAnswer() throws {
        var point = try Point(registered: Self.udp)
        let invite = try #require(point.invites.first)
        point.answer(invite, 183, body: "v=early")
        point.answer(invite, 200)
        #expect(point.answers.first?.1 == "v=early")
    }

    @Test func aByeFindsAnotherConnectionWhereTheCallsOwnIsGone() throws {
        var point = try Point(registered: Self.tcp(1))
        point.answer(try #require(point.invites.first), 200, body: "v=0", on: Self.tcp(1))
        point.caller.take(point.caller.core.flowFailed(Self.tcp(1), at: point.caller.now))
        point.hangUp()
        #expect(!point.caller.requests.contains { $0.method == .bye })
        #expect(point.sought == ["sip:so1@192.0.2.7:5070"])
        point.caller.core.reached(.dialog(point.id), on: Self.tcp(2), at: point.caller.now)
        point.caller.take(point.caller.core.takeActions())
        let bye = try #require(point.caller.requests.last { $0.method == .bye })
        #expect(point.caller.events.contains { if case .forgetWay(.dialog(point.id)) = $0 { true } else { false } })
        point.answer(bye, 200, on: Self.tcp(2))
        #expect(point.caller.core.calls.isEmpty && point.caller.core.stranded.isEmpty)
    }
}
