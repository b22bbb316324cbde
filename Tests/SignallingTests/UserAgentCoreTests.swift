import Crypto
import SIP
import Testing

@testable import Signalling

/// The user agent core in memory, in virtual time: octets in, octets and events out.
@Suite struct UserAgentCoreTests {
    @Test func aCallIsChallengedAdmittedAnsweredAndHungUp() throws {
        var caller = Caller()
        let id = try caller.callUp()
        #expect(caller.responses.map(\.status) == [401, 200])
        #expect(caller.responses.first?.headers.values(.wwwAuthenticate).count == 1)
        #expect(caller.responses.last?.contact != nil)
        caller.say("BYE", 3, tag: caller.toTag)
        #expect(caller.responses.last?.status == 200)
        #expect(caller.ends == [.remoteHangUp])
        #expect(caller.core.calls[id] == nil)
        caller.say("BYE", 4, tag: caller.toTag)
        #expect(caller.responses.last?.status == 481)
    }

    @Test func whoeverIsNotAnsweredAtOnceHearsThatItRings() throws {
        var caller = Caller()
        caller.say("INVITE", 1)
        caller.say("INVITE", 2, headers: try caller.authorization("INVITE"))
        caller.wait(.milliseconds(50))
        #expect(caller.responses.map(\.status) == [401])
        caller.wait(.milliseconds(60))
        #expect(caller.responses.map(\.status) == [401, 180])
        caller.wait(.seconds(2))
        #expect(caller.responses.map(\.status) == [401, 180], "once")
    }

    @Test func theSameAnswersForAWrongPasswordAndAnUnknownPointAndThenTheDoorIsShut() throws {
        var caller = Caller { $0.authenticationFailures = 3 }
        caller.say("INVITE", 1)
        for attempt in 0..<3 {
            let header = try caller.authorization("INVITE", password: "doan-mo")
            caller.say("INVITE", 2 + attempt, headers: header)
            #expect(
                caller.responses.allSatisfy { $0.cseq.number != 2 + attempt }, "a wrong guess is not answered at once")
            caller.wait(.seconds(4))
        }
        let answers = Dictionary(grouping: caller.responses.filter(\.isFinal), by: \.cseq.number)
        #expect((1...4).map { answers[$0]?.first?.status } == [401, 401, 401, 403])
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

    @Test func ringingIsReliableForWhomItMustBe() throws {
        var caller = Caller()
        let id = try caller.call(headers: "Require: 100rel\n")
        let ringing = try #require(caller.responses.last)
        let number = try #require(ringing.headers[.rSeq])
        #expect(ringing.status == 180)
        caller.wait(.seconds(1))
        #expect(caller.responses.count { $0.status == 180 } == 2)
        let tag = ringing.to.tag
        caller.say("PRACK", 3, headers: "RAck: \(number) 1 INVITE\n", tag: tag)
        #expect(caller.responses.last?.status == 481, "another INVITE's")
        caller.say("PRACK", 4, headers: "RAck: \(number) 2 INVITE\n", tag: tag)
        #expect(caller.responses.last?.status == 200)
        caller.wait(.seconds(20))
        #expect(caller.responses.count { $0.status == 180 } == 2)
        try caller.accept(id)
        #expect(caller.responses.last?.status == 200)
    }

    @Test func whoNeverAcknowledgesRingingIsGivenUp() throws {
        var caller = Caller()
        _ = try caller.call(headers: "Require: 100rel\n")
        caller.wait(.seconds(33))
        #expect(caller.responses.last?.status == 504)
        #expect(caller.ends == [.notAcknowledged])
        #expect(caller.core.calls.isEmpty)
    }

    @Test(
        arguments: [
            ("application/dtmf-relay", "Signal=5\nDuration=160\n", "5"), ("application/dtmf-relay", "Signal= #\n", "#"),
            ("application/dtmf-relay", "Duration=1\nsignal=10", "*"), ("application/dtmf", "d", "D"),
            ("application/dtmf-relay", "Signal=55\n", nil), ("application/dtmf-relay", "", nil),
            ("application/dtmf", "1\n", "1"), ("text/plain", "5", nil),
        ] as [(String, String, String?)]) func keysComeInINFO(_ type: String, _ body: String, _ key: String?) throws
    {
        var caller = Caller()
        let id = try caller.callUp()
        caller.say("INFO", 3, headers: "Content-Type: \(type)\n", body: body, tag: caller.toTag)
        #expect(caller.responses.last?.status == 200)
        let pressed = caller.events.compactMap { if case .digit(id, let digit) = $0 { String(digit) } else { nil } }
        #expect(pressed == (key.map { [$0] } ?? []))
    }

    @Test func aMessageIsAnsweredAsTheRoomTakesIt() throws {
        var caller = Caller()
        let text = "Đề nghị bật micrô"
        caller.say("MESSAGE", 1, contact: nil)
        let authorization = try caller.authorization("MESSAGE")
        caller.say(
            "MESSAGE", 2, headers: authorization + "Content-Type: text/plain;charset=UTF-8\n", body: text, contact: nil)
        let arrived = caller.events.compactMap { event in
            if case .messageArrived(let id, let message) = event { (id, message) } else { nil }
        }
        let (id, message) = try #require(arrived.last)
        #expect(message == RoomMessage(username: "so1", room: "giaoban", text: text))
        caller.core.answerMessage(id, .refused(code: 403, reason: "not here"), at: caller.now)
        caller.take(caller.core.takeActions())
        #expect(caller.responses.last?.status == 403)
        let again = try caller.authorization("MESSAGE", count: 2)
        caller.say("MESSAGE", 3, headers: again + "Content-Type: text/html\n", body: "<b>", contact: nil)
        #expect(caller.responses.last?.status == 415)
        #expect(caller.responses.last?.headers[.accept] == "text/plain")
    }

    @Test func anOfferAmongOtherPartsIsFound() throws {
        var caller = Caller()
        caller.say("INVITE", 1)
        let authorization = try caller.authorization("INVITE")
        caller.say(
            "INVITE", 2, headers: authorization + "Content-Type: multipart/mixed;boundary=x\n",
            body: """
                --x
                Content-Type: application/pidf+xml
                Content-Disposition: render;handling=optional

                <presence/>
                --x
                Content-Type: application/sdp

                v=0
                --x--
                """)
        let offers = caller.events.compactMap { if case .callArrived(_, let offer, _) = $0 { offer } else { nil } }
        #expect(offers == [Array("v=0".utf8)])
        caller.wait(.milliseconds(150))
        #expect(caller.responses.last?.headers[.contact]?.hasSuffix(";isfocus") == true)
    }

    /// RFC 4028 §7.4: whoever has no UPDATE gets the same INVITE again.
    @Test func aSessionIsRefreshedByINVITEWhereThereIsNoUPDATE() throws {
        var caller = Caller()
        let id = try caller.callUp(headers: "Session-Expires: 600\nAllow: INVITE, ACK, BYE\n")
        caller.wait(.seconds(301))
        let invite = try #require(caller.requests.last)
        #expect(invite.method == .invite && invite.headers[.sessionExpires]?.hasPrefix("600") == true)
        #expect(String(decoding: invite.body, as: UTF8.self) == "v=0", "the description that the bridge gave")
        func answer(_ status: UInt16) {
            let text =
                "SIP/2.0 \(status) Answer\nVia: \(invite.vias[0])\nFrom: \(invite.from)\nTo: \(invite.to)\nCall-ID: "
                + "\(invite.callID)\nCSeq: \(invite.cseq)\nContact: <sip:so1@192.0.2.7:5070>\nContent-Length: 0\n\n"
            caller.take(
                caller.core.receive(Array(text.replacing("\n", with: "\r\n").utf8), on: caller.flow, at: caller.now))
        }
        answer(200)
        #expect(caller.requests.last?.method == .ack)
        // Its ACK was lost.
        answer(200)
        #expect(caller.requests.count { $0.method == .ack } == 2)
        caller.wait(.seconds(301))
        #expect(Set(caller.requests.filter { $0.method == .invite }.map(\.cseq)).count == 2)
        #expect(caller.core.calls[id] != nil)
    }
}
