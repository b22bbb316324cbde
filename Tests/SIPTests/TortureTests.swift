import Foundation
import Testing

@testable import SIP

/// The messages of RFC 4475, each judged as the RFC judges it.
@Suite(.enabled(if: Torture.isHere, "../shared/corpora/rfc4475 is not there"))
struct TortureTests {
    enum Expectation: Sendable, CustomTestStringConvertible {
        case request(SIPMethod)
        case response(UInt16)
        /// Refused with this status and, among others, these words, and the refusal can be sent.
        case refused(UInt16, String)
        /// Refused, and nothing may be sent.
        case dropped(String)

        var testDescription: String { "\(self)" }
    }

    static let expectations: [(String, Expectation)] = [
        // §3.1.1 Valid messages
        ("wsinv", .request(.invite)),
        ("intmeth", .request("!interesting-Method0123456789_*+`.%indeed'~")),
        ("esc01", .request(.invite)),
        ("escnull", .request(.register)),
        ("esc02", .request("RE%47IST%45R")),
        ("lwsdisp", .request(.options)),
        ("longreq", .request(.invite)),
        ("dblreq", .request(.register)),
        ("semiuri", .request(.options)),
        ("transports", .request(.options)),
        ("mpart01", .request(.message)),
        ("unreason", .response(200)),
        ("noreason", .response(100)),
        // §3.1.2 Invalid messages
        ("badinv01", .refused(400, "parameter's name")),
        ("clerr", .refused(400, "shorter than Content-Length")),
        ("ncl", .refused(400, "Content-Length is malformed")),
        ("scalar02", .refused(400, "CSeq's number")),
        ("scalarlg", .dropped("CSeq's number")),
        ("quotbal", .refused(400, "quoted string is not closed")),
        ("ltgtruri", .refused(400, "URI's scheme")),
        ("lwsruri", .refused(400, "request line")),
        ("lwsstart", .refused(400, "request line")),
        ("trws", .refused(400, "request line")),
        ("escruri", .refused(400, "Request-URI holds headers")),
        // The RFC leaves it to the element whether it minds a Date that it has no use for.
        ("baddate", .request(.invite)),
        ("regbadct", .refused(400, "needs < and >")),
        ("badaspec", .refused(400, "URI's scheme")),
        ("baddn", .refused(400, "empty line")),
        ("badvers", .refused(505, "version not supported")),
        ("mismatch01", .refused(400, "CSeq names another method")),
        ("mismatch02", .refused(400, "CSeq names another method")),
        ("bigcode", .dropped("status line")),
        // §3.2 Transaction layer semantics
        ("badbranch", .request(.options)),
        // §3.3 Application layer semantics: what the parser passes, the user agent decides
        ("insuf", .refused(400, "From is missing")),
        ("unkscm", .request(.options)),
        ("novelsc", .request(.options)),
        ("unksm2", .request(.register)),
        ("bext01", .request(.options)),
        ("invut", .request(.invite)),
        ("regaut01", .request(.register)),
        ("multi01", .refused(400, "appears more than once")),
        ("mcl01", .refused(400, "Content-Length appears more than once")),
        ("bcast", .response(200)),
        ("zeromf", .request(.options)),
        ("cparam01", .request(.register)),
        ("cparam02", .request(.register)),
        ("regescrt", .request(.register)),
        ("sdp01", .request(.invite)),
        // §3.4 Backward compatibility
        ("inv2543", .request(.invite)),
    ]

    @Test func allFortyNineAreJudged() { #expect(Set(Self.expectations.map(\.0)).count == 49) }

    @Test(arguments: expectations)
    func isJudgedAsTheRFCSays(name: String, expectation: Expectation) throws {
        let octets = try Torture.octets(name)
        switch expectation {
        case .request(let method):
            guard case .request(let request) = try SIPMessage(parsing: octets) else {
                Issue.record("not a request")
                return
            }
            #expect(request.method == method)
            #expect(try SIPMessage(parsing: request.serialized()) == .request(request))
        case .response(let status):
            guard case .response(let response) = try SIPMessage(parsing: octets) else {
                Issue.record("not a response")
                return
            }
            #expect(response.status == status)
            #expect(try SIPMessage(parsing: response.serialized()) == .response(response))
        case .refused(let status, let words):
            let error = #expect(throws: SIPParseError.self) { try SIPMessage(parsing: octets) }
            #expect(error?.status == status)
            #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "")")
            let answer = try #require(error?.response(tag: "t"))
            #expect(Samples.text(answer).hasPrefix("SIP/2.0 \(status) "))
            #expect(Samples.text(answer).contains("\r\nVia: "))
        case .dropped(let words):
            let error = #expect(throws: SIPParseError.self) { try SIPMessage(parsing: octets) }
            #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "")")
            #expect(error?.response(tag: "t") == nil)
        }
    }

    private func request(_ name: String) throws -> SIPRequest {
        guard case .request(let request) = try SIPMessage(parsing: try Torture.octets(name)) else {
            throw SIPSyntaxError("not a request")
        }
        return request
    }

    @Test func aTortuousInviteIsUnderstood() throws {
        let request = try request("wsinv")
        #expect(request.uri.description == "sip:vivekg@chair-dnrc.example.com;unknownparam")
        #expect(request.to.tag == "1918181833n")
        #expect(request.from.displayName == #"J Rosenberg \""#)
        #expect(request.from.tag == "98asjd8")
        #expect(request.maxForwards == 68)
        #expect(request.cseq == CSeq(9, .invite))
        #expect(request.vias.map(\.transport) == ["UDP", "TCP", "UDP"])
        #expect(request.vias.map(\.host) == ["192.0.2.2", "spindle.example.com", "192.168.255.111"])
        #expect(request.vias.map(\.branch) == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"])
        #expect(request.headers["Subject"] == "")
        #expect(request.headers["NewFangledHeader"] == "newfangled value continued newfangled value")
        #expect(request.headers["UnknownHeaderWithUnusualValue"] == ";;,,;;,;")
        let contact = try #require(request.contact)
        #expect(contact.displayName == #"Quoted string """#)
        #expect(contact.parameters["newparam"] == "newvalue")
        #expect(contact.parameters["q"] == "0.33")
        let route = try #require(try request.headers.addresses(.route).first)
        #expect(route.uri.sip?.isLooseRouter == true)
        #expect(request.body.count == 150)
    }

    @Test func unusualCharactersAreUnderstood() throws {
        let request = try request("intmeth")
        #expect(request.uri.sip?.host == "example.com")
        #expect(request.uri.sip?.hasPassword == true)
        #expect(request.to.displayName == "BEL:\u{07} NUL:\u{00} DEL:\u{7F}")
        #expect(request.from.displayName == "token1~` token2'+_ token3*%!.-")
        #expect(request.from.parameters["fromParam''~+*_!.-%"] == "работающий")
        #expect(request.from.tag == "_token~1'+`*%!-.")
        #expect(request.headers["extensionHeader-!.%*+_`'~"] == "\u{FEFF}大停電")
    }

    @Test func escapesMeanWhatTheyStandFor() throws {
        let request = try request("esc01")
        #expect(request.uri.user == "sips:user@example.com")
        #expect(request.to.uri.user == "user")
        #expect(request.from.uri.user == "I have spaces")
        #expect(request.contact?.uri.user == "caller")
        #expect(try self.request("escnull").to.uri.user == "null-\0-null")
    }

    @Test func escapesOutsideURIsMeanNothing() throws {
        let request = try request("esc02")
        #expect(request.to.displayName == "%Z%45")
        #expect(try request.headers.addresses(.contact).count == 2)
        #expect(request.headers["C%6Fntact"] == "<sip:alias2@host2.example.com>")
    }

    /// The file ends without its empty line; with it, the name without quotes is at fault.
    @Test func aCommaInANameWithoutQuotesIsRefused() throws {
        let error = #expect(throws: SIPParseError.self) {
            try SIPMessage(parsing: try Torture.octets("baddn") + Array("\r\n".utf8))
        }
        #expect(error?.reason.contains("From") == true, "\(error?.reason ?? "")")
    }

    private func response(_ name: String) throws -> SIPResponse {
        guard case .response(let response) = try SIPMessage(parsing: try Torture.octets(name)) else {
            throw SIPSyntaxError("not a response")
        }
        return response
    }

    @Test func reasonPhrasesMayBeOfAnyLanguageOrMissing() throws {
        #expect(try response("unreason").reason == "= 2**3 * 5**2 но сто девяносто девять - простое")
        #expect(try response("unreason").contact?.uri.description == "sip:user@host198.example.com")
        #expect(try response("noreason").reason == "")
    }

    @Test func aNameNeedsNoSpaceBeforeItsBracket() throws {
        #expect(try request("lwsdisp").from.displayName == "caller")
        #expect(try request("lwsdisp").from.uri.description == "sip:caller@example.com")
    }

    @Test func longValuesAreReadWhole() throws {
        let request = try request("longreq")
        #expect(request.to.displayName?.hasPrefix("I have a user name of extremeextreme") == true)
        #expect(request.to.uri.sip?.parameters.all.count == 3)
        #expect(request.from.tag?.count ?? 0 > 60)
        #expect(request.callID.hasPrefix("longreq.one") && request.callID.count > 100)
        #expect(request.vias.count == 34)
        #expect(request.body.count == 150)
    }

    @Test func transportsNobodyKnowsAreRead() throws {
        #expect(try request("transports").vias.map(\.transport) == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"])
    }

    @Test func schemesNobodyKnowsAreRead() throws {
        let request = try request("unksm2")
        #expect(request.to.uri == .other(scheme: "isbn", "2983792873"))
        #expect(request.from.uri == .other(scheme: "http", "//www.example.com") && request.from.tag == "3234233")
        #expect(request.contact?.uri == .other(scheme: "name", "John_Smith"))
    }

    @Test func headersEscapedInAContactStayInIt() throws {
        let contact = try #require(try request("regescrt").contact)
        #expect(contact.uri.sip?.headers == "Route=%3Csip:sip.example.com%3E")
        #expect(try request("regescrt").headers.values(.route).isEmpty)
    }

    /// §3.3.7: a scheme of authentication that nobody knows is as good as none.
    @Test func credentialsOfAnUnknownSchemeAreNone() throws {
        var authenticator = DigestAuthenticator(
            configuration: .init(realm: "example.com"), hashes: DigestHashes(md5: { $0 }, sha256: { $0 }),
            epoch: Samples.epoch, random: Samples.random)
        let verdict = authenticator.verify(try request("regaut01"), at: Samples.epoch) { _ in .password("x") }
        #expect(verdict == .missing)
    }

    @Test func aSpentMaxForwardsIsRead() throws { #expect(try request("zeromf").maxForwards == 0) }

    /// §3.4.1: no branch, no tag, no Max-Forwards, no Content-Length, no Contact.
    @Test func anInviteOfTheOldRFCIsRead() throws {
        let request = try request("inv2543")
        #expect(request.vias.first?.branch == nil && request.from.tag == nil && request.maxForwards == nil)
        #expect(request.from.uri.sip?.parameters["user"] == "phone")
        #expect(request.to.uri.sip?.parameters.isEmpty == true && request.to.parameters["user"] == "phone")
        #expect(try request.headers.addresses(.recordRoute).first?.uri.sip?.isLooseRouter == false)
        #expect(Samples.text(request.body).hasPrefix("v=0\r\n"))
    }

    @Test func octetsAfterTheBodyAreLeftOut() throws {
        #expect(try request("dblreq").body.isEmpty)
    }

    @Test func aSemicolonBeforeTheHostBelongsToTheUser() throws {
        let uri = try #require(try request("semiuri").uri.sip)
        #expect(uri.user == "user;par=u@example.net")
        #expect(uri.parameters.isEmpty)
    }

    @Test func aParameterAfterABareAddressBelongsToTheHeader() throws {
        let bare = try #require(try request("cparam01").contact)
        #expect(bare.parameters.contains("unknownparam") && bare.uri.sip?.parameters.isEmpty == true)
        let bracketed = try #require(try request("cparam02").contact)
        #expect(bracketed.parameters.isEmpty && bracketed.uri.sip?.parameters.contains("unknownparam") == true)
    }

    @Test func binaryBodiesStayAsTheyAre() throws {
        let octets = try Torture.octets("mpart01")
        let request = try request("mpart01")
        #expect(request.body.count == 553)
        #expect(octets.suffix(553).elementsEqual(request.body))
    }

    @Test func aBranchOfTheCookieAloneIsNotUnique() throws {
        #expect(try request("badbranch").vias.first?.hasUniqueBranch == false)
    }

    @Test func theUserAgentRefusesWhatItCannotDo() throws {
        let agent = UserAgentCapabilities(methods: [.invite, .ack, .bye, .cancel, .options, .register])
        let expected: [(String, UInt16?)] = [
            ("unkscm", 416), ("novelsc", 416), ("bext01", 420), ("invut", 415), ("esc02", 501), ("intmeth", 501),
            ("mpart01", 405), ("zeromf", nil), ("regaut01", nil), ("unksm2", nil), ("sdp01", nil), ("inv2543", nil),
        ]
        for (name, status) in expected {
            #expect(agent.refusal(of: try request(name), tag: "t")?.status == status, "\(name)")
        }
        let refusal = agent.refusal(of: try request("bext01"), tag: "t")
        #expect(refusal?.headers[.unsupported] == "nothingSupportsThis, nothingSupportsThisEither")
    }

    @Test func aResponseMeantForSomebodyElseIsDiscarded() throws {
        var layer = TransactionLayer(random: Samples.random)
        let actions = layer.receive(try Torture.octets("bcast"), on: Samples.udp, at: Samples.epoch)
        #expect(actions.sent.isEmpty && actions.responses.isEmpty)
    }

    @Test func streamsAreCutIntoTheSameMessages() throws {
        var framer = StreamFramer(maximumMessageSize: 65_535)
        framer.append(try Torture.octets("dblreq"))
        guard case .message(let first)? = try framer.next(), case .message(let second)? = try framer.next() else {
            Issue.record("two messages expected")
            return
        }
        guard case .request(let register) = try SIPMessage(parsing: first),
            case .request(let invite) = try SIPMessage(parsing: second)
        else { return }
        #expect(register.method == .register && invite.method == .invite)
        #expect(invite.body.count == 150)
    }
}

/// The corpus beside the checkout.
enum Torture {
    static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/corpora/rfc4475")
    static var isHere: Bool { FileManager.default.fileExists(atPath: folder.appending(path: "wsinv.dat").path) }
    static func octets(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: "\(name).dat")))
    }
}
