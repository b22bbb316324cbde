import Testing

@testable import SIP

struct MessageTests {
    private func parse(_ lines: String..., body: String = "") throws -> SIPMessage {
        try SIPMessage(parsing: Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    private func request(_ extra: String..., uri: String = "sip:a@b", body: String = "") throws -> SIPRequest {
        let head = [
            "INVITE \(uri) SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bKq", "From: <sip:a@b>;tag=1", "To: <sip:c@d>",
            "Call-ID: 1", "CSeq: 1 INVITE",
        ]
        let text = (head + extra).joined(separator: "\r\n") + "\r\n\r\n" + body
        guard case .request(let request) = try SIPMessage(parsing: Array(text.utf8)) else {
            throw SIPSyntaxError("a response")
        }
        return request
    }

    private func reason(_ extra: String..., body: String = "") -> String? {
        do {
            let head = extra.joined(separator: "\r\n")
            _ = try request(head, body: body)
            return nil
        } catch {
            return (error as? SIPParseError)?.reason
        }
    }

    // MARK: URIs

    @Test(arguments: [
        "sip:alice@atlanta.com", "sip:alice:secretword@atlanta.com;transport=tcp",
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sips:1212@gateway.com", "sip:alice@192.0.2.4", "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com", "sip:[2001:db8::1]:5060;lr", "sip:*43#@pbx_1.local",
        "tel:+84-24-3804;ext=1",
        "urn:service:sos",
    ])
    func urisAreWrittenAsTheyWereRead(text: String) throws { #expect(try URI(parsing: text).description == text) }

    @Test(arguments: [
        "", "alice", ":a", "sip:", "sip:@b", "sip:a@", "sip:a@b:", "sip:a@b:0", "sip:a@b:65536", "sip:a@b;",
        "sip:a@b;;x",
        "sip:a@b?", "sip:a b@c", "sip:a@b c", "sip:a%4@b", "sip:a%zz@b", "sip:a@[::1", "sip:a@[1]", "sip:a@b>",
        "1sip:a@b",
        "sip:a@b@c", "tel:", "x:<y>",
    ])
    func brokenURIsAreRefused(text: String) { #expect(throws: SIPSyntaxError.self) { try URI(parsing: text) } }

    @Test func aUserIsEscapedAndUnescaped() throws {
        let uri = SIPURI(user: "Phòng họp@1", host: "::1", port: 5070)
        #expect(uri.description == "sip:Ph%C3%B2ng%20h%E1%BB%8Dp%401@[::1]:5070")
        #expect(try URI(parsing: uri.description).user == "Phòng họp@1")
        #expect(try URI(parsing: "tel:+84243804;ext=1").user == "+84243804")
    }

    @Test func aParameterIsEscapedInAURIAndQuotedInAHeader() throws {
        var address = NameAddress(.sip(SIPURI(user: "a", host: "b", parameters: .init())))
        address.parameters["x"] = "p q;\"r"
        #expect(address.description == #"<sip:a@b>;x="p q;\"r""#)
        var uri = SIPURI(user: "a", host: "b")
        uri.parameters["x"] = "p q;50%"
        #expect(uri.description == "sip:a@b;x=p%20q%3B50%25")
        _ = try URI(parsing: uri.description)
    }

    /// The examples of RFC 3261 §19.1.4.
    @Test(arguments: [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", true),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true),
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false),
        ("sip:a@b", "sips:a@b", false),
        // Of a parameter that appears twice the first counts, so that a URI is always its own equivalent.
        ("sip:a@b;x=1;x=2", "sip:a@b;x=1;x=2", true),
        ("sip:a@b;x=1;x=2", "sip:a@b;x=2", false),
    ])
    func urisAreComparedAsTheRFCSays(left: String, right: String, same: Bool) throws {
        let left = try URI(parsing: left)
        let right = try URI(parsing: right)
        #expect(left.isEquivalent(to: right) == same && right.isEquivalent(to: left) == same)
    }

    // MARK: Addresses

    @Test func addressesOfAllForms() throws {
        let quoted = try NameAddress(parsing: #""Trần \"A\", B" <sip:a@b;x=y>;tag=t;q="a;b""#)
        #expect(quoted.displayName == #"Trần "A", B"# && quoted.tag == "t" && quoted.parameters["q"] == "a;b")
        #expect(quoted.uri.sip?.parameters["x"] == "y")
        let plain = try NameAddress(parsing: "Phòng họp 1 <sip:a@b>")
        #expect(plain.displayName == "Phòng họp 1")
        let bare = try NameAddress(parsing: "sip:a@b;tag=t")
        #expect(bare.tag == "t" && bare.displayName == nil && bare.uri.sip?.parameters.isEmpty == true)
        let tricky = try NameAddress(parsing: "sip:a@b;x=\"<\";tag=t")
        #expect(tricky.tag == "t" && tricky.parameters["x"] == "<")
        for address in [quoted, plain, bare, tricky] {
            #expect(try NameAddress(parsing: address.description) == address)
        }
    }

    @Test(arguments: [
        "", "<>", "<sip:a@b", "sip:a@b>", "\"x <sip:a@b>", "\"x\" sip:a@b", "A, B <sip:a@b>", "<sip:a@b>;",
        "<sip:a@b>;;x",
        "<sip:a@b> x", "sip:a@b?x=y", "< sip:a@b>", "<sip:a@b>;x=\"y",
    ])
    func brokenAddressesAreRefused(text: String) {
        #expect(throws: SIPSyntaxError.self) { try NameAddress(parsing: text) }
    }

    // MARK: Via

    @Test func viasOfAllForms() throws {
        let via = try Via(parsing: "SIP / 2.0 / TLS  [2001:db8::9:1] : 5061 ; rport ; branch = z9hG4bKx;received=::1")
        #expect(via.host == "2001:db8::9:1" && via.port == 5061 && via.transport == "TLS")
        #expect(via.requestsPort && via.rport == nil && via.received == "::1" && via.hasUniqueBranch)
        #expect(via.sentBy == "[2001:db8::9:1]:5061")
        #expect(via.description == "SIP/2.0/TLS [2001:db8::9:1]:5061;rport;branch=z9hG4bKx;received=::1")
        for bad in [
            "", "SIP/2.0/UDP", "SIP/2.0 h", "SIP/2.0/UDP h:x", "SIP/2.0/UDP h;;", "SIP/2.0/UDP h x", "SIP/2.0/UDP ;a",
        ] {
            #expect(throws: SIPSyntaxError.self, "\(bad)") { try Via(parsing: bad) }
        }
    }

    // MARK: Headers

    @Test func namesAreTheSameInAnyCaseAndShort() throws {
        let request = try request("k: a", "SUPPORTED:b , c", "m: <sip:x@y>,", " <sip:z@y>")
        #expect(request.headers.list(.supported) == ["a", "b", "c"])
        #expect(request.headers.lists("B", in: "supported"))
        #expect(try request.headers.addresses(.contact).count == 2)
        #expect(SIPHeaderName("X-Own") == "x-oWN" && SIPHeaderName("v") == .via)
    }

    @Test func commasInQuotesAndBracketsDoNotSplit() throws {
        let request = try request(#"Contact: "a, \", b" <sip:x,y@h>;q="1,2", <sip:z@h>"#)
        #expect(try request.headers.addresses(.contact).map(\.displayName) == [#"a, ", b"#, nil])
    }

    @Test func headersKeepTheirOrderAndChangeInPlace() {
        var headers = SIPHeaders([.init("A", "1"), .init("B", "2"), .init("a", "3")])
        headers["a"] = "4"
        #expect(headers.fields == [.init("A", "4"), .init("B", "2")])
        headers["C"] = "5"
        headers["b"] = nil
        #expect(headers.fields.map(\.value) == ["4", "5"])
    }

    @Test func foldsAreJoined() throws {
        #expect(
            try request("Subject: I know you're there,", "         pick up", "\tthe phone").headers["s"]
                == "I know you're there, pick up the phone")
    }

    @Test func theWildcardContactStandsAlone() throws {
        #expect(try request("Contact: *").headers.contacts() == .all)
        #expect(reason("Contact: *, <sip:a@b>") != nil)
        #expect(reason("Contact: *", "Contact: <sip:a@b>") != nil)
    }

    // MARK: Framing of one message

    @Test func contentLengthIsObeyed() throws {
        #expect(try request("Content-Length: 3", body: "abcdef").body == Array("abc".utf8))
        #expect(try request(body: "abcdef").body.count == 6)
        #expect(reason("Content-Length: 7", body: "abcdef") == "the body is shorter than Content-Length says")
        for bad in ["-1", "+3", "3 3", "0x3", "", "3,3", "99999999999999999999"] {
            #expect(reason("Content-Length: \(bad)", body: "abcdef") == "Content-Length is malformed", "\(bad)")
        }
        #expect(reason("Content-Length: 3", "l: 3", body: "abc") == "Content-Length appears more than once")
    }

    @Test func brokenHeadsAreRefusedWithAReason() {
        #expect(reason("NoColon") == "a header has no colon")
        #expect(reason("Bad Name: x") == "a header's name is malformed")
        #expect(reason(": x") == "a header's name is malformed")
        #expect(reason("X: a\nY: b") == "a line ends in LF without CR")
        #expect(reason("X: a\rY: b") == "a line ends in CR without LF")
        #expect(reason("Max-Forwards: 256") == "Max-Forwards is malformed")
        #expect(reason("To: <sip:x@y>") == "To appears more than once")
        #expect(reason("Route: <sip:x@y>,") != nil)
        #expect(reason("X: " + String(repeating: "a", count: 9000)) == "a line is too long")
        #expect(reason("X: a\r\n " + String(repeating: "a", count: 8190)) == "a header is too long")
        #expect(reason(repeatElement("X: a", count: 300).joined(separator: "\r\n")) == "too many headers")
    }

    @Test func aMessageBeyondTheLimitIs413() {
        let error = #expect(throws: SIPParseError.self) { try request(body: String(repeating: "a", count: 70_000)) }
        #expect(error?.status == 413 && error?.response(tag: "t") != nil)
    }

    @Test func statusLines() throws {
        let rest = ["Via: SIP/2.0/UDP h", "From: <sip:a@b>;tag=1", "To: <sip:c@d>", "Call-ID: 1", "CSeq: 1 INVITE"]
        func status(_ line: String) -> UInt16? {
            let text = ([line] + rest).joined(separator: "\r\n") + "\r\n\r\n"
            guard case .response(let response)? = try? SIPMessage(parsing: Array(text.utf8)) else { return nil }
            return response.status
        }
        #expect(status("SIP/2.0 200 OK") == 200 && status("SIP/2.0 699 x") == 699 && status("SIP/2.0 180 ") == 180)
        #expect(status("SIP/2.0 99 x") == nil && status("SIP/2.0 700 x") == nil && status("SIP/2.0 +20 x") == nil)
        #expect(status("SIP/3.0 200 OK") == nil && status("SIP/2.0200 OK") == nil)
    }

    @Test func nothingInAValueCanStartANewHeader() throws {
        var request = try Samples.request()
        request.headers.add("Subject", "a\r\nContact: <sip:evil@h>\r\n\r\nbody")
        request.from.displayName = "a\r\nX: y"
        request.callID = "c"
        guard case .request(let read) = try SIPMessage(parsing: request.serialized()) else { return }
        #expect(read.headers.contains("X") == false && read.contact == request.contact && read.body.isEmpty)
        #expect(read.headers["Subject"] == "a  Contact: <sip:evil@h>    body")
    }

    // MARK: Streams

    @Test func aStreamThatCannotBeFramedEnds() throws {
        func error(_ text: String) -> SIPParseError? {
            var framer = StreamFramer(maximumMessageSize: 1000)
            framer.append(Array(text.utf8))
            do throws(SIPParseError) {
                _ = try framer.next()
                return nil
            } catch {
                return error
            }
        }
        let head =
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nTo: <sip:a@b>\r\nFrom: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
        #expect(error(head + "\r\n")?.reason == "Content-Length is missing")
        #expect(error(head + "\r\n")?.response(tag: "t") != nil)
        #expect(error(head + "l: 1\r\nContent-Length: 1\r\n\r\na")?.reason == "Content-Length appears more than once")
        #expect(error(head + "l: -1\r\n\r\n")?.reason == "Content-Length is malformed")
        #expect(error(head + "l: 2000\r\n\r\n")?.status == 413)
        #expect(error(String(repeating: "a", count: 1001))?.status == 413)
        #expect(error(head + "l: 5\r\n\r\n") == nil)
    }

    /// Nothing before a message may make the framer wait for ever while it takes more and more in.
    @Test(arguments: ["\r\r", "\r\n\rA", "\rINVITE", "\r\n\r\n\r\r"])
    func aCarriageReturnAloneEndsTheStream(_ text: String) throws {
        var framer = StreamFramer(maximumMessageSize: 1000)
        framer.append(Array(text.utf8))
        #expect(throws: SIPParseError.self) { while try framer.next() != nil {} }
    }

    /// Whoever keeps a message keeps no buffer along with it that once held a longer one.
    @Test func messagesHaveNoMoreMemoryThanTheyNeed() throws {
        var framer = StreamFramer(maximumMessageSize: 65_535)
        for length in [60_000, 10] {
            framer.append(
                Array("OPTIONS sip:a@b SIP/2.0\r\nl: \(length)\r\n\r\n".utf8) + [UInt8](repeating: 0x61, count: length))
            guard case .message(let octets) = try framer.next() else { throw SIPParseError(reason: "no message") }
            #expect(octets.capacity < octets.count + 64)
        }
    }

    @Test func keepAlivesAreToldFromLineEnds() throws {
        var framer = StreamFramer(maximumMessageSize: 1000)
        for octet in [UInt8]("\r\n\r".utf8) {
            framer.append([octet])
            #expect(try framer.next() == nil)
        }
        framer.append([10])
        #expect(try framer.next() == .keepAlive)
        #expect(!framer.isInsideMessage)
        framer.append(Array("\r\nOPT".utf8))
        #expect(try framer.next() == nil)
        #expect(framer.isInsideMessage)
    }
}
