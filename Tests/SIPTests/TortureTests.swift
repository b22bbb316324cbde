import Foundation
import Testing

@testable import SIP

/// The messages of RFC 4475, each judged as the RFC judges it.
@Suite(.enabled(if: Torture.isHere, "../shared/corpora/rfc4475 is not there"))
struct TortureTests {
    enum Expectation: Sendable, CustomTestStringConvertible {
        case request(SIPMethod)
        case response(UInt16)
        /// Refused with this status, and the refusal can be sent.
        case refused(UInt16)
        /// Refused, and nothing may be sent.
        case dropped

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
        ("badinv01", .refused(400)),
        ("clerr", .refused(400)),
        ("ncl", .refused(400)),
        ("scalar02", .refused(400)),
        ("scalarlg", .dropped),
        ("quotbal", .refused(400)),
        ("ltgtruri", .refused(400)),
        ("lwsruri", .refused(400)),
        ("lwsstart", .refused(400)),
        ("trws", .refused(400)),
        ("escruri", .refused(400)),
        // The RFC leaves it to the element whether it minds a Date that it has no use for.
        ("baddate", .request(.invite)),
        ("regbadct", .refused(400)),
        ("badaspec", .refused(400)),
        ("baddn", .refused(400)),
        ("badvers", .refused(505)),
        ("mismatch01", .refused(400)),
        ("mismatch02", .refused(400)),
        ("bigcode", .dropped),
        // §3.2 Transaction layer semantics
        ("badbranch", .request(.options)),
        // §3.3 Application layer semantics: what the parser passes, the user agent decides
        ("insuf", .refused(400)),
        ("unkscm", .request(.options)),
        ("novelsc", .request(.options)),
        ("unksm2", .request(.register)),
        ("bext01", .request(.options)),
        ("invut", .request(.invite)),
        ("regaut01", .request(.register)),
        ("multi01", .refused(400)),
        ("mcl01", .refused(400)),
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
        case .refused(let status):
            let error = #expect(throws: SIPParseError.self) { try SIPMessage(parsing: octets) }
            #expect(error?.status == status)
            #expect(error?.reason.isEmpty == false)
            let answer = try #require(error?.response(tag: "t"))
            #expect(Samples.text(answer).hasPrefix("SIP/2.0 \(status) "))
            #expect(Samples.text(answer).contains("\r\nVia: "))
        case .dropped:
            let error = #expect(throws: SIPParseError.self) { try SIPMessage(parsing: octets) }
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
