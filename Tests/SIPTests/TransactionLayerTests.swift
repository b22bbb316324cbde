import Testing

@testable import SIP

/// Matching, routing and bounds of the transaction layer.
struct TransactionLayerTests {
    private let now = Samples.epoch
    private func at(_ milliseconds: Int) -> SIPInstant { Samples.after(.milliseconds(milliseconds)) }
    private func layer(_ configure: (inout TransactionLayer.Configuration) -> Void = { _ in }) -> TransactionLayer {
        var configuration = TransactionLayer.Configuration()
        configure(&configuration)
        return TransactionLayer(configuration: configuration, random: Samples.random)
    }

    // MARK: Requests that come

    @Test func aRequestIsReportedOnceAndItsRetransmissionGetsTheResponseAgain() throws {
        var layer = layer()
        let octets = try Samples.request(.options).serialized()
        let (id, request) = try #require(layer.receive(octets, on: Samples.udp, at: now).arrived.first)
        #expect(layer.receive(octets, on: Samples.udp, at: now).isEmpty)
        let answer = layer.respond(request.response(200, tag: "b"), to: id, at: now)
        #expect(answer.sentResponses.map(\.status) == [200])
        #expect(layer.receive(octets, on: Samples.udp, at: now) == answer)
        #expect(layer.deadline == at(32_000))
        #expect(layer.advance(to: at(32_000)).isEmpty)
        #expect(layer.serverTransactionCount == 0 && layer.deadline == nil)
    }

    @Test func theLayerTellsWhereARequestCameFrom() throws {
        var layer = layer()
        let (_, request) = try #require(
            layer.receive(try Samples.request().serialized(), on: Samples.udp, at: now).arrived.first)
        #expect(request.vias.first?.received == "192.0.2.7")
        #expect(request.vias.first?.rport == 49_152)
    }

    @Test func withRportResponsesGoBackToTheSourcePort() throws {
        var layer = layer()
        let (id, request) = try #require(
            layer.receive(.request(try Samples.request(.options)), on: Samples.udp, at: now).arrived.first)
        let actions = layer.respond(request.response(200, tag: "b"), to: id, at: now)
        #expect(actions.sentFlows == [Samples.udp])
        #expect(actions.sentResponses.first?.vias.first?.description.contains("rport=49152") == true)
    }

    @Test func withoutRportResponsesGoToThePortInVia() throws {
        var layer = layer()
        let message = SIPMessage.request(try Samples.request(.options, rport: false))
        let (id, request) = try #require(layer.receive(message, on: Samples.udp, at: now).arrived.first)
        #expect(request.vias.first?.received == "192.0.2.7" && request.vias.first?.rport == nil)
        let flow = try #require(layer.respond(request.response(200, tag: "b"), to: id, at: now).sentFlows.first)
        #expect(flow.remoteHost == "192.0.2.7" && flow.remotePort == 5070 && flow.id == Samples.udp.id)
    }

    @Test func overAConnectionResponsesGoBackOnIt() throws {
        var layer = layer()
        let message = SIPMessage.request(try Samples.request(.options, rport: false))
        let (id, request) = try #require(layer.receive(message, on: Samples.tls, at: now).arrived.first)
        #expect(layer.respond(request.response(200, tag: "b"), to: id, at: now).sentFlows == [Samples.tls])
        #expect(layer.serverTransactionCount == 0)
    }

    @Test func theAckOfARefusalIsTheLayersOwn() throws {
        var layer = layer()
        let (id, request) = try #require(
            layer.receive(.request(try Samples.request()), on: Samples.udp, at: now).arrived.first)
        _ = layer.respond(request.response(486, tag: "b"), to: id, at: now)
        let ack = try Samples.request(.ack, toTag: "b")
        #expect(layer.receive(.request(ack), on: Samples.udp, at: at(10)).isEmpty)
        #expect(layer.advance(to: at(600)).isEmpty)
        #expect(layer.deadline == at(5010))
    }

    @Test func theAckOfASuccessIsReported() throws {
        var layer = layer()
        let (id, request) = try #require(
            layer.receive(.request(try Samples.request()), on: Samples.udp, at: now).arrived.first)
        _ = layer.respond(request.response(200, tag: "b"), to: id, at: now)
        let own = try Samples.request(.ack, branch: "z9hG4bKack", toTag: "b")
        guard case .ack(let ack, Samples.udp)? = layer.receive(.request(own), on: Samples.udp, at: at(10)).events.first
        else {
            Issue.record("the ACK was not reported")
            return
        }
        #expect(ack.cseq == CSeq(1, .ack))
        // Some clients reuse the INVITE's branch.
        let same = layer.receive(.request(try Samples.request(.ack, toTag: "b")), on: Samples.udp, at: at(20)).events
        #expect(same.count == 1)
    }

    @Test func a2xxCanBeSentAgainUntilTimerL() throws {
        var layer = layer()
        let (id, request) = try #require(
            layer.receive(.request(try Samples.request()), on: Samples.udp, at: now).arrived.first)
        let ok = request.response(200, tag: "b")
        #expect(layer.respond(ok, to: id, at: now).sent.count == 1)
        #expect(layer.respond(ok, to: id, at: at(500)).sent.count == 1)
        #expect(!layer.isPending(id))
        _ = layer.advance(to: at(32_000))
        #expect(layer.respond(ok, to: id, at: at(32_001)).isEmpty)
    }

    @Test func aSlowUserGetsA100WithoutATag() throws {
        var layer = layer()
        _ = layer.receive(.request(try Samples.request()), on: Samples.udp, at: now)
        #expect(layer.advance(to: at(199)).isEmpty)
        let trying = try #require(layer.advance(to: at(200)).sentResponses.first)
        #expect(trying.status == 100 && trying.to.tag == nil)
    }

    @Test func aCancelIsAnsweredAndReported() throws {
        var layer = layer()
        let (id, request) = try #require(
            layer.receive(.request(try Samples.request()), on: Samples.udp, at: now).arrived.first)
        _ = layer.respond(request.response(180, tag: "b"), to: id, at: now)
        let actions = layer.receive(.request(try Samples.request(.cancel)), on: Samples.udp, at: at(10))
        let answer = try #require(actions.sentResponses.first)
        #expect(answer.status == 200 && answer.cseq.method == .cancel && answer.to.tag == "b")
        guard case .cancel(of: id, _)? = actions.events.first else {
            Issue.record("the CANCEL was not reported")
            return
        }
        // Again: the same answer, no second report.
        #expect(
            layer.receive(.request(try Samples.request(.cancel)), on: Samples.udp, at: at(20))
                == Array(actions.prefix(1)))
        _ = layer.respond(request.response(487, tag: "b"), to: id, at: at(30))
        #expect(!layer.isPending(id))
    }

    @Test func aCancelThatComesTooLateChangesNothing() throws {
        var layer = layer()
        let (id, request) = try #require(
            layer.receive(.request(try Samples.request()), on: Samples.udp, at: now).arrived.first)
        _ = layer.respond(request.response(200, tag: "b"), to: id, at: now)
        let actions = layer.receive(.request(try Samples.request(.cancel)), on: Samples.udp, at: at(10))
        #expect(actions.sentResponses.map(\.status) == [200] && actions.events.isEmpty)
    }

    @Test func aCancelOfNothingIs481() throws {
        var layer = layer()
        let actions = layer.receive(.request(try Samples.request(.cancel)), on: Samples.udp, at: now)
        #expect(actions.sentResponses.map(\.status) == [481] && actions.events.isEmpty)
    }

    @Test func aStrangerCannotCancel() throws {
        var layer = layer()
        _ = layer.receive(.request(try Samples.request()), on: Samples.udp, at: now)
        var stranger = Samples.udp
        stranger.remoteHost = "203.0.113.66"
        let actions = layer.receive(.request(try Samples.request(.cancel)), on: stranger, at: at(10))
        #expect(actions.sentResponses.map(\.status) == [481] && actions.events.isEmpty)
    }

    @Test func aRequestThatCameByTwoWaysIs482() throws {
        var layer = layer()
        #expect(layer.receive(.request(try Samples.request()), on: Samples.udp, at: now).arrived.count == 1)
        let twin = layer.receive(.request(try Samples.request(branch: "z9hG4bKother")), on: Samples.udp, at: now)
        #expect(twin.sentResponses.map(\.status) == [482] && twin.arrived.isEmpty)
    }

    @Test func aNewAttemptAfterAChallengeIsNoMerge() throws {
        var layer = layer()
        let (id, request) = try #require(
            layer.receive(.request(try Samples.request()), on: Samples.udp, at: now).arrived.first)
        _ = layer.respond(request.response(401, tag: "b"), to: id, at: now)
        let again = try Samples.request(branch: "z9hG4bKother")
        #expect(layer.receive(.request(again), on: Samples.udp, at: at(10)).arrived.count == 1)
    }

    @Test func requestsWithoutTheCookieAreMatchedByWhatTheySay() throws {
        var layer = layer()
        for branch in [nil, "1", "z9hG4bK"] {
            let one = try Samples.request(.options, branch: branch, sequence: 7, fromTag: nil)
            let other = try Samples.request(.options, branch: branch, sequence: 8, fromTag: nil)
            #expect(layer.receive(.request(one), on: Samples.udp, at: now).arrived.count == 1)
            #expect(layer.receive(.request(one), on: Samples.udp, at: now).arrived.isEmpty)
            #expect(layer.receive(.request(other), on: Samples.udp, at: now).arrived.count == 1)
        }
    }

    @Test func theAckOfAnOldClientMatchesItsRefusedInvite() throws {
        var layer = layer()
        let invite = try Samples.request(branch: nil)
        let (id, request) = try #require(layer.receive(.request(invite), on: Samples.udp, at: now).arrived.first)
        _ = layer.respond(request.response(403, tag: "b"), to: id, at: now)
        #expect(
            layer.receive(.request(try Samples.request(.ack, branch: nil, toTag: "b")), on: Samples.udp, at: at(10))
                .isEmpty)
        #expect(layer.deadline == at(5010))
    }

    @Test func beyondTheLimitNewRequestsGet503AndOldOnesGoOn() throws {
        var layer = layer { $0.maximumServerTransactions = 4 }
        var first: (ServerTransactionID, SIPRequest)?
        for index in 0..<4 {
            let request = try Samples.request(branch: "z9hG4bK\(index)", callID: "call-\(index)")
            let arrived = layer.receive(.request(request), on: Samples.udp, at: now).arrived
            #expect(arrived.count == 1)
            first = first ?? arrived.first
        }
        let fifth = try Samples.request(branch: "z9hG4bK5", callID: "call-5")
        let refused = layer.receive(.request(fifth), on: Samples.udp, at: now)
        #expect(refused.arrived.isEmpty && refused.sentResponses.map(\.status) == [503])
        #expect(refused.sentResponses.first?.headers[.retryAfter] == "10")
        #expect(refused.sentResponses.first?.to.tag != nil)
        #expect(layer.serverTransactionCount == 4)
        // What ends calls still gets through, up to its own bound.
        let bye = try Samples.request(.bye, branch: "z9hG4bKbye", sequence: 2, toTag: "b")
        #expect(layer.receive(.request(bye), on: Samples.udp, at: now).arrived.count == 1)
        let second = try Samples.request(.bye, branch: "z9hG4bKbye2", sequence: 3, toTag: "b")
        #expect(layer.receive(.request(second), on: Samples.udp, at: now).sentResponses.map(\.status) == [503])
        let (id, request) = try #require(first)
        #expect(layer.respond(request.response(486, tag: "b"), to: id, at: now).sent.count == 1)
    }

    @Test func malformedRequestsAreAnsweredResponsesAndAcksAreNot() throws {
        var layer = layer()
        let bad =
            "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKq\r\nFrom: <sip:a@b>;tag=1\r\nTo: \"x <sip:c@d>\r\n"
            + "Call-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"
        let actions = layer.receive(Array(bad.utf8), on: Samples.udp, at: now)
        let text = Samples.text(
            try #require(actions.compactMap { if case .send(let octets, _) = $0 { octets } else { nil } }.first))
        #expect(text.hasPrefix("SIP/2.0 400 To: a quoted string is not closed\r\n"))
        #expect(actions.sentFlows == [Samples.udp])
        guard case .discarded? = actions.events.first else {
            Issue.record("not reported")
            return
        }
        let ack = bad.replacing("INVITE", with: "ACK")
        #expect(layer.receive(Array(ack.utf8), on: Samples.udp, at: now).sentFlows.isEmpty)
        let response = bad.replacing("INVITE sip:a@b SIP/2.0", with: "SIP/2.0 200 OK")
        #expect(layer.receive(Array(response.utf8), on: Samples.udp, at: now).sentFlows.isEmpty)
        #expect(layer.receive([13, 10, 13, 10], on: Samples.udp, at: now).isEmpty)
        #expect(layer.receive([0x80, 0x60, 0, 1], on: Samples.udp, at: now).sentFlows.isEmpty)
        #expect(layer.serverTransactionCount == 0)
    }

    @Test func aFailedFlowEndsWhatIsOnIt() throws {
        var layer = layer()
        let (id, _) = try #require(
            layer.receive(.request(try Samples.request()), on: Samples.tcp, at: now).arrived.first)
        let (client, _) = try layer.send(
            try Samples.request(.bye, toTag: "b"), on: Samples.tcp, sentBy: Samples.sentBy, at: now)
        let (other, _) = try layer.send(
            try Samples.request(.bye, toTag: "b"), on: Samples.tls, sentBy: Samples.sentBy, at: now)
        let events = layer.transportFailed(Samples.tcp, at: now).events
        #expect(Set(events) == [.transportError(.server(id)), .transportError(.client(client))])
        #expect(layer.serverTransactionCount == 0 && layer.clientTransactionCount == 1)
        #expect(layer.advance(to: at(32_000)).events == [.timeout(.client(other))])
    }

    // MARK: Requests that are sent

    @Test func aRequestGetsAViaAndItsResponseComesBackToIt() throws {
        var layer = layer()
        let (id, actions) = try layer.send(
            try Samples.request(.bye, toTag: "b"), on: Samples.udp, sentBy: Samples.sentBy, at: now)
        let sent = try #require(actions.sentRequests.first)
        let via = try #require(sent.vias.first)
        #expect(sent.vias.count == 1 && via.hasUniqueBranch && via.requestsPort && via.host == "bridge.example.vn")
        #expect(layer.advance(to: at(500)).sentRequests == [sent])
        let ok = sent.response(200, tag: nil)
        #expect(layer.receive(.response(ok), on: Samples.udp, at: at(600)).events == [.response(id, ok, Samples.udp)])
        #expect(layer.receive(.response(ok), on: Samples.udp, at: at(700)).isEmpty)
        _ = layer.advance(to: at(5600))
        #expect(layer.clientTransactionCount == 0)
        guard case .discarded? = layer.receive(.response(ok), on: Samples.udp, at: at(5700)).events.first else {
            Issue.record("a late response must be discarded")
            return
        }
    }

    @Test func twoRequestsNeverShareABranch() throws {
        var layer = layer()
        var branches: Set<String> = []
        for _ in 0..<200 {
            let (_, actions) = try layer.send(
                try Samples.request(.options), on: Samples.udp, sentBy: Samples.sentBy, at: now)
            branches.insert(actions.sentRequests.first?.vias.first?.branch ?? "")
        }
        #expect(branches.count == 200)
    }

    @Test func clientTransactionsAreBounded() throws {
        var layer = layer { $0.maximumClientTransactions = 1 }
        _ = try layer.send(try Samples.request(.options), on: Samples.udp, sentBy: Samples.sentBy, at: now)
        #expect(throws: TransactionError.tooManyTransactions) {
            try layer.send(try Samples.request(.options), on: Samples.udp, sentBy: Samples.sentBy, at: now)
        }
        #expect(throws: TransactionError.notARequest(.ack)) {
            try layer.send(try Samples.request(.ack), on: Samples.udp, sentBy: Samples.sentBy, at: now)
        }
    }

    @Test func aCancelWaitsForAProvisionalResponse() throws {
        var layer = layer()
        let (id, actions) = try layer.send(try Samples.request(), on: Samples.udp, sentBy: Samples.sentBy, at: now)
        let invite = try #require(actions.sentRequests.first)
        #expect(layer.cancel(id, at: at(10)).isEmpty)
        let cancel = try #require(
            layer.receive(.response(invite.response(100, tag: nil)), on: Samples.udp, at: at(20)).sentRequests.first)
        #expect(cancel.method == .cancel && cancel.vias == invite.vias && cancel.cseq == CSeq(1, .cancel))
        #expect(cancel.uri == invite.uri && cancel.to == invite.to)
        #expect(layer.cancel(id, at: at(30)).isEmpty)
        #expect(layer.receive(.response(cancel.response(200, tag: "b")), on: Samples.udp, at: at(40)).events.isEmpty)
        let terminated = invite.response(487, tag: "b")
        let last = layer.receive(.response(terminated), on: Samples.udp, at: at(50))
        #expect(last.sentRequests.map(\.method) == [.ack] && last.responses == [terminated])
    }

    @Test func anInviteThatIgnoresItsCancelIsGivenUp() throws {
        var layer = layer()
        let (id, actions) = try layer.send(try Samples.request(), on: Samples.tcp, sentBy: Samples.sentBy, at: now)
        let invite = try #require(actions.sentRequests.first)
        _ = layer.receive(.response(invite.response(180, tag: "b")), on: Samples.tcp, at: at(100))
        let cancel = try #require(layer.cancel(id, at: at(1000)).sentRequests.first)
        _ = layer.receive(.response(cancel.response(200, tag: "b")), on: Samples.tcp, at: at(1100))
        #expect(layer.advance(to: at(32_999)).isEmpty)
        #expect(layer.advance(to: at(33_000)).events == [.timeout(.client(id))])
        #expect(layer.clientTransactionCount == 0)
    }

    @Test func twoLayersCarryACallThroughALossyNetwork() throws {
        var random = SplitMix64(seed: 42)
        for _ in 0..<50 {
            var caller = layer()
            var callee = layer()
            var accepted: AcceptedInvite?
            var target: ServerTransactionID?
            var isAcknowledged = false
            var answered = 0
            let (_, first) = try caller.send(try Samples.request(), on: Samples.udp, sentBy: Samples.sentBy, at: now)
            var toCallee = first
            var toCaller: [TransactionAction] = []
            var time = 0
            while !isAcknowledged, time < 31_000 {
                time += 10
                for case .send(let octets, _) in toCallee where Int.random(in: 0..<10, using: &random) >= 3 {
                    for event in callee.receive(octets, on: Samples.udp, at: at(time)).events {
                        switch event {
                        case .request(let id, let request, _):
                            let ok = request.response(200, tag: "b")
                            target = id
                            accepted = AcceptedInvite(ok, at: at(time))
                            toCaller += callee.respond(ok, to: id, at: at(time))
                        case .ack(let ack, _):
                            isAcknowledged = accepted?.handle(.ack(ack), at: at(time)).isEmpty == false
                        default: break
                        }
                    }
                }
                toCallee = caller.advance(to: at(time))
                for case .send(let octets, _) in toCaller where Int.random(in: 0..<10, using: &random) >= 3 {
                    for response in caller.receive(octets, on: Samples.udp, at: at(time)).responses
                    where response.isSuccess {
                        answered += 1
                        let ack = try Samples.request(.ack, toTag: response.to.tag)
                        toCallee.append(caller.acknowledge(ack, on: Samples.udp, sentBy: Samples.sentBy))
                    }
                }
                toCaller = callee.advance(to: at(time))
                if let due = accepted?.deadline, due <= at(time), let target {
                    for case .send(let ok)? in accepted?.handle(.timer, at: at(time)).map(Optional.some) ?? [] {
                        toCaller += callee.respond(ok, to: target, at: at(time))
                    }
                }
            }
            #expect(isAcknowledged && answered >= 1)
        }
    }
}
