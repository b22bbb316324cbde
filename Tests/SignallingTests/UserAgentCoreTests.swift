import Crypto
import SIP
import Testing

@testable import Signalling

/// The user agent core in memory, in virtual time: octets in, octets and events out.
@Suite struct UserAgentCoreTests {
    /// A point that calls over UDP, with what it remembers of its call.
    private struct Caller {
        var core: UserAgentCore
        var now = SIPInstant.now
        let flow = Flow(listener: 0, connection: 0, transport: .udp, remoteHost: "192.0.2.7", remotePort: 5070)
        var sent: [SIPMessage] = []
        var events: [UserAgentAction] = []
        var branch = 0
        let callID = "c1@point"
        var toTag = ""

        init(_ change: (inout SignallingLimits) -> Void = { _ in }) {
            var limits = SignallingLimits()
            change(&limits)
            let generator = SeedBox()
            core = UserAgentCore(
                settings: .init(
                    domain: "causeway.test", rings: true, limits: limits, registrar: .init(), sessionTimer: .init(),
                    secret: { $0 == "so1" ? .password("bi-mat") : nil }, random: { generator.octets($0) }),
                identity: Identity(
                    product: "Causeway", addresses: [.init(transport: .udp, host: "192.0.2.1", port: 5060)]),
                epoch: now)
        }

        mutating func take(_ actions: [UserAgentAction]) {
            for action in actions {
                if case .send(let octets, _) = action, let message = try? SIPMessage(parsing: octets) {
                    sent.append(message)
                } else {
                    events.append(action)
                }
            }
        }

        mutating func say(
            _ method: String, _ number: Int, headers: String = "", body: String = "", tag: String? = nil,
            same: Bool = false
        ) {
            if !same { branch += 1 }
            let to = tag.map { ";tag=\($0)" } ?? ""
            let text = """
                \(method) sip:giaoban@192.0.2.1 SIP/2.0
                Via: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK\(branch);rport
                From: <sip:so1@causeway.test>;tag=f1
                To: <sip:giaoban@causeway.test>\(to)
                Call-ID: \(callID)
                CSeq: \(number) \(method)
                Contact: <sip:so1@192.0.2.7:5070>
                Max-Forwards: 70
                User-Agent: baresip test
                \(headers)Content-Length: \(body.utf8.count)

                \(body)
                """
            let octets = Array(text.replacing("\n", with: "\r\n").utf8)
            take(core.receive(octets, on: flow, at: now))
        }

        mutating func wait(_ duration: Duration) {
            let end = now + duration
            while let due = core.deadline, due <= end {
                now = max(now, due)
                take(core.advance(to: now))
            }
            now = end
            take(core.advance(to: now))
        }

        var responses: [SIPResponse] {
            sent.compactMap { if case .response(let response) = $0 { response } else { nil } }
        }
        var requests: [SIPRequest] {
            sent.compactMap { if case .request(let request) = $0 { request } else { nil } }
        }

        /// An answer to the newest challenge, in MD5.
        func authorization(_ method: String, password: String = "bi-mat", count: Int = 1) throws -> String {
            let challenge = try #require(responses.last { $0.status == 401 }?.headers[.wwwAuthenticate])
            let nonce = try #require(challenge.split(separator: "nonce=\"").last?.split(separator: "\"").first)
            func md5(_ text: String) -> String {
                Insecure.MD5.hash(data: Array(text.utf8)).map { byte in
                    let text = String(byte, radix: 16)
                    return text.count == 1 ? "0" + text : text
                }.joined()
            }
            let uri = "sip:giaoban@192.0.2.1"
            let nc = "0000000\(count)"
            let response = md5(
                "\(md5("so1:causeway.test:\(password)")):\(nonce):\(nc):abc:auth:\(md5("\(method):\(uri)"))")
            return
                "Authorization: Digest username=\"so1\", realm=\"causeway.test\", nonce=\"\(nonce)\", uri=\"\(uri)\", "
                + "response=\"\(response)\", algorithm=MD5, cnonce=\"abc\", qop=auth, nc=\(nc)\n"
        }

        /// INVITE, challenge, INVITE again; returns the call that arrived.
        mutating func call(headers: String = "") throws -> CallID {
            say("INVITE", 1, headers: "Content-Type: application/sdp\n", body: "v=0\n")
            say("ACK", 1, tag: responses.last?.to.tag, same: true)
            let authorization = try authorization("INVITE")
            say("INVITE", 2, headers: authorization + headers + "Content-Type: application/sdp\n", body: "v=0\n")
            let arrived = events.compactMap { if case .callArrived(let call, _, _) = $0 { call } else { nil } }
            return try #require(arrived.last).id
        }

        mutating func accept(_ id: CallID) throws {
            let isAccepted = core.accept(id, description: Array("v=0".utf8), at: now)
            try #require(isAccepted)
            take(core.takeActions())
        }

        /// A call that is up.
        mutating func callUp(headers: String = "") throws -> CallID {
            let id = try call(headers: headers)
            try accept(id)
            toTag = try #require(responses.last?.to.tag)
            say("ACK", 2, tag: toTag)
            return id
        }

        var ends: [CallEndReason] {
            events.compactMap { if case .callEnded(_, let reason) = $0 { reason } else { nil } }
        }
    }

    private final class SeedBox: @unchecked Sendable {
        // Used by one core on one thread.
        private var state: UInt64 = 42
        func octets(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
        }
    }

    @Test func aCallIsChallengedAdmittedAnsweredAndHungUp() throws {
        var caller = Caller()
        let id = try caller.callUp()
        #expect(caller.responses.map(\.status) == [401, 180, 200])
        #expect(caller.responses.first?.headers.values(.wwwAuthenticate).count == 1)
        #expect(caller.responses.last?.contact != nil)
        caller.say("BYE", 3, tag: caller.toTag)
        #expect(caller.responses.last?.status == 200)
        #expect(caller.ends == [.remoteHangUp])
        #expect(caller.core.calls[id] == nil)
        caller.say("BYE", 4, tag: caller.toTag)
        #expect(caller.responses.last?.status == 481)
    }

    @Test func theSameAnswersForAWrongPasswordAndAnUnknownPointAndThenTheDoorIsShut() throws {
        var caller = Caller { $0.authenticationFailures = 3 }
        caller.say("INVITE", 1)
        for attempt in 0..<3 {
            let header = try caller.authorization("INVITE", password: "doan-mo")
            caller.say("INVITE", 2 + attempt, headers: header)
        }
        #expect(caller.responses.map(\.status) == [401, 401, 401, 403])
        let right = try caller.authorization("INVITE")
        caller.say("INVITE", 9, headers: right)
        #expect(caller.responses.last?.status == 403)
        caller.wait(.seconds(90))
        caller.say("INVITE", 10)
        #expect(caller.responses.last?.status == 401)
        #expect(caller.core.calls.isEmpty)
    }

    @Test func the200IsSentAgainUntilItsACKAndTheCallGivenUpWithout() throws {
        var caller = Caller()
        let id = try caller.call()
        try caller.accept(id)
        caller.wait(.seconds(10))
        // T1 doubling to T2: at 0, 0.5, 1.5, 3.5 and 7.5 s.
        #expect(caller.responses.count { $0.status == 200 } == 5)
        caller.wait(.seconds(30))
        #expect(caller.ends == [.notAcknowledged])
        #expect(caller.requests.contains { $0.method == .bye })
    }

    @Test func aCancelledCallIsOver() throws {
        var caller = Caller()
        let id = try caller.call()
        caller.say("CANCEL", 2, same: true)
        #expect(Set(caller.responses.suffix(2).map(\.status)) == [200, 487])
        #expect(caller.ends == [.cancelled])
        let isAccepted = caller.core.accept(id, description: [], at: caller.now)
        #expect(!isAccepted)
    }

    @Test func theBridgeHangsUpWithAReasonAndForgetsTheCallWithItsAnswer() throws {
        var caller = Caller()
        let id = try caller.callUp()
        caller.core.hangUp(id, .localHangUp("meeting-ended"), at: caller.now)
        caller.take(caller.core.takeActions())
        let bye = try #require(caller.requests.last)
        #expect(bye.method == .bye)
        #expect(bye.headers[.reason]?.contains("meeting-ended") == true)
        #expect(caller.ends == [.localHangUp("meeting-ended")])
        let answer = bye.response(200, tag: nil)
        caller.take(caller.core.receive(answer.serialized(), on: caller.flow, at: caller.now))
        #expect(caller.core.calls.isEmpty)
        #expect(caller.core.callsByInvite.isEmpty)
        #expect(caller.core.callsByDialog.isEmpty)
    }

    @Test func aCallThatIsHungUpBeforeItsACKGetsItsBYEWithIt() throws {
        var caller = Caller()
        let id = try caller.call()
        try caller.accept(id)
        caller.core.hangUp(id, .localHangUp("shutdown"), at: caller.now)
        caller.take(caller.core.takeActions())
        #expect(caller.requests.isEmpty)
        caller.say("ACK", 2, tag: caller.responses.last?.to.tag)
        #expect(caller.requests.map(\.method) == [.bye])
        #expect(caller.ends == [.localHangUp("shutdown")])
    }

    @Test func aChangeIsAnsweredAndASecondOneMeanwhileIsGlare() throws {
        var caller = Caller()
        let id = try caller.callUp()
        caller.say("INVITE", 3, headers: "Content-Type: application/sdp\n", body: "v=0\n", tag: caller.toTag)
        caller.say("UPDATE", 4, headers: "Content-Type: application/sdp\n", body: "v=0\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 491)
        caller.core.answerChange(id, description: Array("v=0".utf8), at: caller.now)
        caller.take(caller.core.takeActions())
        #expect(caller.responses.last?.status == 200)
        caller.say("ACK", 3, tag: caller.toTag)
        #expect(caller.core.calls[id]?.change == nil)
    }

    @Test func aSessionThatIsNotRefreshedEnds() throws {
        var caller = Caller()
        _ = try caller.callUp(headers: "Supported: timer\nSession-Expires: 120;refresher=uac\n")
        #expect(caller.responses.last?.headers[.sessionExpires] == "120;refresher=uac")
        caller.wait(.seconds(60))
        caller.say("UPDATE", 3, headers: "Supported: timer\nSession-Expires: 120;refresher=uac\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 200)
        caller.wait(.seconds(80))
        #expect(caller.ends.isEmpty)
        caller.wait(.seconds(60))
        #expect(caller.ends == [.sessionExpired])
    }

    @Test func tooShortASessionIsRefusedWithTheMinimum() throws {
        var caller = Caller()
        caller.say("INVITE", 1)
        caller.say("ACK", 1, tag: caller.responses.last?.to.tag, same: true)
        let authorization = try caller.authorization("INVITE")
        caller.say("INVITE", 2, headers: authorization + "Supported: timer\nSession-Expires: 30\n")
        #expect(caller.responses.last?.status == 422)
        #expect(caller.responses.last?.headers[.minSE] == "90")
    }

    @Test func aStrangerCannotHangUpSomebodyElsesCall() throws {
        var caller = Caller()
        let id = try caller.callUp()
        let text = """
            BYE sip:giaoban@192.0.2.1 SIP/2.0
            Via: SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bKx
            From: <sip:so1@causeway.test>;tag=f1
            To: <sip:giaoban@causeway.test>;tag=\(caller.toTag)
            Call-ID: \(caller.callID)
            CSeq: 9 BYE
            Max-Forwards: 70
            Content-Length: 0


            """
        let stranger = Flow(listener: 0, connection: 0, transport: .udp, remoteHost: "198.51.100.9", remotePort: 5060)
        caller.take(caller.core.receive(Array(text.replacing("\n", with: "\r\n").utf8), on: stranger, at: caller.now))
        #expect(caller.responses.last?.status == 401)
        #expect(caller.core.calls[id] != nil)
    }

    @Test func callsBeyondTheLimitHear503() throws {
        var caller = Caller { $0.calls = 0 }
        caller.say("INVITE", 1)
        #expect(caller.responses.last?.status == 503)
        #expect(caller.responses.last?.headers[.retryAfter] == "10")
    }

    @Test func aFastPictureUpdateAsksForAKeyframe() throws {
        var caller = Caller()
        let id = try caller.callUp()
        caller.say(
            "INFO", 3, headers: "Content-Type: application/media_control+xml\n",
            body:
                "<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>",
            tag: caller.toTag)
        let asked = caller.events.contains { if case .keyframeRequested(id) = $0 { true } else { false } }
        #expect(asked)
    }
}
