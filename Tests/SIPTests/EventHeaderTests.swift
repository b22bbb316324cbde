import Testing

@testable import SIP

/// Headers of event notification and of call transfer.
struct EventHeaderTests {
    private func headers(_ name: SIPHeaderName, _ values: String...) -> SIPHeaders {
        SIPHeaders(values.map { .init(name, $0) })
    }

    @Test func eventsAreRead() throws {
        #expect(try headers("o", "conference").event() == SIPEvent("conference"))
        let event = try #require(try headers(.event, " refer ; ID=93 ;x=y").event())
        #expect(event.package == "refer" && event.id == "93" && event.description == "refer;id=93;x=y")
        #expect(event.matches(SIPEvent("refer", id: "93")) && !event.matches(SIPEvent("refer")))
        #expect(!SIPEvent("Refer", id: "93").matches(event), "packages are compared letter by letter (RFC 6665 §8.2.1)")
        #expect(try SIPHeaders().event() == nil)
        for bad in ["", ";id=1", "a b", "a;id", "a;id=", "a,b"] {
            #expect(throws: SIPSyntaxError.self, "\(bad)") { try headers(.event, bad).event() }
        }
        #expect(throws: SIPSyntaxError.self) { try headers(.event, "a", "a").event() }
    }

    @Test func subscriptionStatesAreReadAndWritten() throws {
        for (text, state) in [
            ("active;expires=3600", SubscriptionState(.active, expires: .seconds(3600))),
            ("pending", .init(.pending)),
            ("terminated;reason=timeout", .init(.terminated, reason: .timeout)),
            (
                "terminated;reason=probation;retry-after=60",
                .init(.terminated, reason: .probation, retryAfter: .seconds(60))
            ),
            ("waiting;reason=strange", .init(.other("waiting"), reason: .other("strange"))),
        ] {
            #expect(try headers(.subscriptionState, text).subscriptionState() == state)
            #expect(state.description == text)
        }
        #expect(try SubscriptionState(parsing: "Terminated ; Reason=NoResource").reason == .noresource)
        for bad in ["", ";expires=1", "active;expires", "active;expires=x", "active;expires=99999999999", "active x"] {
            #expect(throws: SIPSyntaxError.self, "\(bad)") { try SubscriptionState(parsing: bad) }
        }
    }

    @Test func dialogsAreNamed() throws {
        // RFC 3891 §6.1 and §7, RFC 4538 §7.
        let replaces = try #require(
            try headers(.replaces, "12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only").replaces())
        #expect(replaces.receiverID == DialogID(callID: "12adf2f34456gs5", localTag: "12345", remoteTag: "54321"))
        #expect(replaces.isEarlyOnly)
        let target = try #require(
            try headers(.targetDialog, "fa77as7dad8-sd98ajzz@host.example.com ;local-tag=kkaz-;remote-tag=6544")
                .dialogReference(.targetDialog))
        #expect(target.receiverTag == "6544" && target.peerTag == "kkaz-" && !target.isEarlyOnly)
        let old = try DialogReference(parsing: "87134@192.0.2.23;to-tag=24796;from-tag=0", as: .join)
        #expect(old.receiverID.remoteTag.isEmpty, "0 stands for no tag (RFC 3891 §3)")
        for bad in [
            "", ";to-tag=1;from-tag=2", "a;to-tag=1", "a;from-tag=1", "a;to-tag=1;from-tag=2;to-tag=3",
            "a;to-tag;from-tag=2", "a;to-tag=\"1 2\";from-tag=2", "a;to-tag=1;from-tag=2, b;to-tag=1;from-tag=2",
            "a b;to-tag=1;from-tag=2",
        ] {
            #expect(throws: SIPSyntaxError.self, "\(bad)") { try DialogReference(parsing: bad, as: .replaces) }
        }
        let value = "a;to-tag=1;from-tag=2"
        #expect(throws: SIPSyntaxError.self) { try headers(.replaces, value, value).replaces() }
        var both = headers(.replaces, value)
        both.add(.join, value)
        #expect(throws: SIPSyntaxError.self) { try both.replaces() }
    }

    @Test(arguments: DialogReference.Header.allCases)
    func dialogReferencesSurviveTheWire(header: DialogReference.Header) throws {
        var random = SplitMix64(seed: 4)
        for _ in 0..<200 {
            func token() -> String {
                let letters = Array("abcXYZ019-.!%*_+`'~")
                return String(
                    (0...Int.random(in: 0..<8, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a"
                    })
            }
            let reference = DialogReference(
                callID: token() + "@" + token(), receiverTag: token(), peerTag: token(),
                isEarlyOnly: header == .replaces && Bool.random(using: &random))
            #expect(try DialogReference(parsing: reference.headerValue(as: header), as: header) == reference)
            if header == .replaces {
                let refer = ReferTo(NameAddress(try Samples.uri("sip:a@b")), replaces: reference)
                #expect(try ReferTo(parsing: refer.headerValue) == refer)
            }
        }
    }

    @Test func referralsAreRead() throws {
        // RFC 3515 §2.1, RFC 3891 §1.
        let plain = try #require(try headers("r", "sip:alice@atlanta.example.com").referTo())
        #expect(plain.method == .invite && plain.replaces == nil)
        #expect(plain.target.uri.description == "sip:alice@atlanta.example.com")
        let transfer = try #require(
            try headers(
                .referTo,
                "\"Dave\" <sip:dave@denver.example.org?Replaces=12345%40192.168.118.3%3B"
                    + "to-tag%3D12345%3Bfrom-tag%3D5FFE-3994&Subject=evil%0d%0aVia:%20x>"
            ).referTo())
        #expect(transfer.replaces == .init(callID: "12345@192.168.118.3", receiverTag: "12345", peerTag: "5FFE-3994"))
        #expect(transfer.target.description == "\"Dave\" <sip:dave@denver.example.org>")
        let subscribe = try ReferTo(parsing: "<sips:a8342043f@atlanta.example.com;method=SUBSCRIBE>")
        #expect(subscribe.method == .subscribe && subscribe.headerValue.contains(";method=SUBSCRIBE"))
        #expect(try ReferTo(parsing: "http://www.ietf.org").target.uri.sip == nil)
        for bad in [
            "", "<sip:a@b>, <sip:c@d>", "sip:a@b?Replaces=x", "<sip:a@b?Replaces=x>", "<sip:a@b;method>", "alice",
            "<sip:a@b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>",
        ] {
            #expect(throws: SIPSyntaxError.self, "\(bad)") { try ReferTo(parsing: bad) }
        }
        #expect(throws: SIPSyntaxError.self) { try headers(.referTo, "<sip:a@b>", "<sip:c@d>").referTo() }
    }

    @Test func referrersAreRead() throws {
        let referrer = try #require(
            try headers("b", "<sip:r@ref.example>;cid=\"20398823.2UWQFN309shb3@referrer.example\"").referredBy())
        #expect(referrer.contentID == "20398823.2UWQFN309shb3@referrer.example")
        #expect(referrer.referrer.uri.user == "r")
        #expect(throws: SIPSyntaxError.self) { try headers(.referredBy, "<sip:a@b>, <sip:c@d>").referredBy() }
        #expect(try SIPHeaders().wantsReferSubscription())
        #expect(try !headers(.referSub, "False").wantsReferSubscription())
        #expect(throws: SIPSyntaxError.self) { try headers(.referSub, "maybe").wantsReferSubscription() }
    }

    @Test func fragmentsAreStatusLines() throws {
        #expect(String(octets: SIPFragment(status: 100).body) == "SIP/2.0 100 Trying\r\n")
        #expect(String(octets: SIPFragment(status: 603, reason: "No\r\nthanks").body) == "SIP/2.0 603 No  thanks\r\n")
        #expect(try SIPFragment(parsing: Array("SIP/2.0 200 OK\r\nContact: <sip:a@b>\r\n".utf8)) == .init(status: 200))
        #expect(try SIPFragment(parsing: Array("SIP/2.0 180".utf8)).isFinal == false)
        for bad in ["", "SIP/2.0", "INVITE sip:a@b SIP/2.0", "SIP/2.0 99 x", "SIP/2.0 700 x", "SIP/2.0 2000 x"] {
            #expect(throws: SIPSyntaxError.self, "\(bad)") { try SIPFragment(parsing: Array(bad.utf8)) }
        }
        #expect(MediaType.sipFragment.description == "message/sipfrag;version=2.0")
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func randomTextDoesNotTrap(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let pieces = [
            "<", ">", "sip:", "a@b", ";", "=", "\"", "%", "%3B", "?", "&", "Replaces", "to-tag", "id", ",", " ", "é",
        ]
        for _ in 0..<200 {
            let text = (0..<Int.random(in: 0..<12, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = try? SIPEvent(parsing: text)
            _ = try? SubscriptionState(parsing: text)
            _ = try? ReferTo(parsing: text).headerValue
            _ = try? ReferredBy(parsing: text)
            _ = try? DialogReference(parsing: text, as: .join)
            _ = try? SIPFragment(parsing: (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }
}
