import ConferenceInfo
import SIP
import Testing

@testable import Signalling

/// REFER both ways, and calls that take another's place, in virtual time.
@Suite struct TransferTests {
    private func answer(_ caller: inout Caller, _ request: SIPRequest, _ status: UInt16, headers: String = "") {
        let text = """
            SIP/2.0 \(status) Answer
            Via: \(request.vias[0])
            From: \(request.from)
            To: \(request.to)
            Call-ID: \(request.callID)
            CSeq: \(request.cseq)
            \(headers)Content-Length: 0


            """
        caller.take(
            caller.core.receive(Array(text.replacing("\n", with: "\r\n").utf8), on: caller.flow, at: caller.now))
    }

    private func referral(_ caller: Caller) -> Referral? {
        caller.events.compactMap { if case .referred(let referral) = $0 { referral } else { nil } }.last
    }

    @Test func aPointIsToldHowTheCallGoesThatItAskedFor() throws {
        var caller = Caller()
        _ = try caller.callUp()
        caller.say("REFER", 3, headers: "Refer-To: <sip:phuloc@causeway.test>\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 202)
        let asked = try #require(referral(caller))
        #expect(asked.username == "so1" && asked.room == "giaoban" && asked.target == "phuloc")
        let first = try #require(caller.requests.last)
        #expect(first.method == .notify && first.headers[.event] == "refer")
        #expect(String(decoding: first.body, as: UTF8.self) == "SIP/2.0 100 Trying\r\n")
        answer(&caller, first, 200)
        caller.core.tell(asked.id, status: 200, at: caller.now)
        caller.take(caller.core.takeActions())
        let last = try #require(caller.requests.last)
        #expect(last.headers[.subscriptionState]?.hasPrefix("terminated") == true)
        #expect(String(decoding: last.body, as: UTF8.self) == "SIP/2.0 200 OK\r\n")
        #expect(caller.core.subscribers.isEmpty)
    }

    @Test(
        arguments: [
            ("Refer-To: <sip:nguoi-la@elsewhere.test>\n", 403),
            ("Refer-To: <sip:so2@causeway.test;method=INFO>\n", 403),
            ("Refer-To: <tel:113>\n", 403), ("", 400),
            ("Refer-To: <sip:a@causeway.test>, <sip:b@causeway.test>\n", 400),
        ] as [(String, UInt16)])
    func whatIsNoCallOfThisBridgeIsRefused(_ header: String, _ status: UInt16) throws {
        var caller = Caller()
        _ = try caller.callUp()
        caller.say("REFER", 3, headers: header, tag: caller.toTag)
        #expect(caller.responses.last?.status == status)
        #expect(caller.core.subscribers.isEmpty && referral(caller) == nil)
    }

    @Test func whoeverIsToBeRemovedIsNamed() throws {
        var caller = Caller()
        _ = try caller.callUp()
        caller.say("REFER", 3, headers: "Refer-To: <sip:phuloc@causeway.test;method=BYE>\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 202)
        let asked = try #require(referral(caller))
        #expect(
            asked.deed == .removal && asked.target == "phuloc" && asked.room == "giaoban" && asked.username == "so1")
        caller.core.tell(asked.id, status: 403, at: caller.now)
        caller.take(caller.core.takeActions())
        answer(&caller, try #require(caller.requests.last), 200)
        let last = try #require(caller.requests.last)
        #expect(String(decoding: last.body, as: UTF8.self).hasPrefix("SIP/2.0 403"))
    }

    @Test func whatAPointWantsInItsPanesIsReadLineByLine() {
        #expect(
            InfoPanes.wish(in: "alone\n3 soyte\n4 phuloc\n")
                == PaneWish(.alone, subjects: ["3": "soyte", "4": "phuloc"]))
        #expect(InfoPanes.wish(in: "beside\r\n3 soyte") == PaneWish(.beside, subjects: ["3": "soyte"]))
        #expect(InfoPanes.wish(in: "composed") == PaneWish(.composed))
        for body in ["", "3 soyte", "alone\nsoyte", "alone\n3 so y te", "nothing"] {
            #expect(InfoPanes.wish(in: body) == nil)
        }
        #expect(InfoPanes.wish(in: "alone\n" + String(repeating: "1 a\n", count: 40)) == nil)
        #expect(InfoPanes.wish(in: "alone\n1 " + String(repeating: "a", count: 200)) == nil)
    }

    @Test func whoWantsToHearNothingHearsNothing() throws {
        var caller = Caller()
        _ = try caller.callUp()
        caller.say(
            "REFER", 3, headers: "Refer-To: <sip:phuloc@causeway.test>\nRefer-Sub: false\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 202)
        #expect(caller.responses.last?.headers[.referSub] == "false")
        #expect(caller.requests.isEmpty && referral(caller) != nil)
    }

    @Test func aPointIsSentToAnotherRoomAndItsNotifyBelieved() throws {
        var caller = Caller()
        let id = try caller.callUp(headers: "Allow: INVITE, ACK, BYE, REFER, NOTIFY\n")
        caller.core.transfer(id, to: "kiemtra", at: caller.now)
        caller.take(caller.core.takeActions())
        let refer = try #require(caller.requests.last)
        #expect(refer.method == .refer && refer.headers[.referTo] == "<sip:kiemtra@causeway.test>")
        answer(&caller, refer, 202)
        for (number, state, body) in [
            (3, "active;expires=60", "SIP/2.0 100 Trying\n"), (4, "terminated;reason=noresource", "SIP/2.0 200 OK\n"),
        ] {
            caller.say(
                "NOTIFY", number,
                headers: "Event: refer\nSubscription-State: \(state)\nContent-Type: message/sipfrag;version=2.0\n",
                body: body, tag: caller.toTag)
            #expect(caller.responses.last?.status == 200)
        }
        #expect(caller.events.contains { if case .transferEnded(id, 200) = $0 { true } else { false } })
        // Nobody asked for this one.
        caller.say("NOTIFY", 5, headers: "Event: refer\nSubscription-State: active\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 481)
    }

    @Test func whoCannotBeSentIsNotAsked() throws {
        var caller = Caller()
        let id = try caller.callUp()
        caller.core.transfer(id, to: "kiemtra", at: caller.now)
        caller.take(caller.core.takeActions())
        #expect(caller.requests.isEmpty)
        #expect(caller.events.contains { if case .transferEnded(id, 405) = $0 { true } else { false } })
    }

    // MARK: Replaces

    @Test func aCallTakesTheSeatOfTheOneThatItReplaces() throws {
        var caller = Caller()
        let first = try caller.callUp()
        let old = try #require(caller.core.calls[first]?.dialog.id)
        let second = try caller.callElsewhere(
            headers: "Replaces: \(old.callID);to-tag=\(old.localTag);from-tag=\(old.remoteTag)\n")
        #expect(caller.core.calls[second]?.point.room == "giaoban")
        try caller.accept(second)
        let bye = try #require(caller.requests.last)
        #expect(bye.method == .bye && bye.callID == old.callID)
        #expect(caller.ends == [.localHangUp("replaced")])
    }

    @Test func aCallThatIsNotThereIsNotReplaced() throws {
        var caller = Caller()
        let first = try caller.callUp()
        let old = try #require(caller.core.calls[first]?.dialog.id)
        for (value, status) in [
            ("khac;to-tag=a;from-tag=b", 481),
            ("\(old.callID);to-tag=\(old.localTag);from-tag=\(old.remoteTag);early-only", 486),
            ("\(old.callID);to-tag=\(old.localTag)", 400),
        ] as [(String, UInt16)] {
            _ = try caller.callElsewhere(headers: "Replaces: \(value)\n")
            #expect(caller.responses.last?.status == status)
        }
        #expect(caller.core.calls.count == 1)
    }
}

extension Caller {
    /// Another call, in a dialog of its own.
    mutating func callElsewhere(headers: String) throws -> CallID {
        let callID = callID
        defer { self.callID = callID }
        self.callID = "c\(branch + 1)@point"
        return try call(headers: headers)
    }
}
