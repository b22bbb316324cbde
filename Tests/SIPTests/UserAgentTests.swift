import Testing

@testable import SIP

struct UserAgentTests {
    private let agent = UserAgentCapabilities(
        methods: [.invite, .ack, .bye, .cancel, .options, .register, .info, .update], extensions: ["timer"],
        product: "Causeway")

    private func request(_ method: SIPMethod, _ fields: [(SIPHeaderName, String)] = [], body: [UInt8] = []) throws
        -> SIPRequest
    {
        try Samples.request(method, headers: SIPHeaders(fields.map { .init($0.0, $0.1) }), body: body)
    }

    @Test func whatItCanDoIsNotRefused() throws {
        let sdp: [(SIPHeaderName, String)] = [(.contentType, "Application/SDP;charset=utf-8"), (.require, "Timer")]
        #expect(agent.refusal(of: try request(.invite, sdp, body: [1]), tag: "b") == nil)
        #expect(agent.refusal(of: try request(.invite), tag: "b") == nil)
        #expect(
            agent.refusal(of: try request(.info, [(.contentType, "application/dtmf-relay")], body: [1]), tag: "b")
                == nil)
    }

    @Test func methodsItKnowsOfAre405AndOthers501() throws {
        let known = try #require(agent.refusal(of: try request(.subscribe), tag: "b"))
        #expect(
            known.status == 405 && known.headers[.allow] == "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO, UPDATE")
        #expect(known.to.tag == "b" && known.headers[.server] == "Causeway")
        #expect(agent.refusal(of: try request("DANCE"), tag: "b")?.status == 501)
    }

    @Test func theMethodIsJudgedBeforeExtensionsAndThoseBeforeTheBody() throws {
        let all: [(SIPHeaderName, String)] = [(.require, "100rel, timer"), (.contentType, "text/plain")]
        #expect(agent.refusal(of: try request(.refer, all, body: [1]), tag: "b")?.status == 405)
        let extensions = agent.refusal(of: try request(.invite, all, body: [1]), tag: "b")
        #expect(extensions?.status == 420 && extensions?.headers[.unsupported] == "100rel")
        let body = agent.refusal(of: try request(.invite, [(.contentType, "text/plain")], body: [1]), tag: "b")
        #expect(body?.status == 415 && body?.headers[.accept] == "application/sdp")
    }

    @Test func bodiesThatCannotBeReadAre415UnlessOptional() throws {
        let sdp: (SIPHeaderName, String) = (.contentType, "application/sdp")
        let gzip = agent.refusal(of: try request(.invite, [sdp, (.contentEncoding, "gzip")], body: [1]), tag: "b")
        #expect(gzip?.status == 415 && gzip?.headers[.acceptEncoding] == "identity")
        #expect(agent.refusal(of: try request(.invite, body: [1]), tag: "b")?.status == 415)
        let optional: [(SIPHeaderName, String)] = [
            (.contentType, "a/b"), (.contentDisposition, "render;handling=optional"),
        ]
        #expect(agent.refusal(of: try request(.invite, optional, body: [1]), tag: "b") == nil)
    }

    @Test func cancelAndAckAreNotRefusedForExtensions() throws {
        for method in [SIPMethod.cancel, .ack] {
            #expect(agent.refusal(of: try request(method, [(.require, "100rel")]), tag: "b") == nil)
        }
    }

    @Test func unknownSchemesAre416() throws {
        var request = try request(.options)
        request.uri = try URI(parsing: "soap.beep://192.0.2.103:3002")
        #expect(agent.refusal(of: request, tag: "b")?.status == 416)
    }

    @Test func optionsSaysWhatItCanDo() throws {
        let contact = NameAddress(try URI(parsing: "sip:giaoban@192.0.2.1"))
        let answer = agent.answerToOptions(try request(.options), contact: contact, tag: "b")
        #expect(
            answer.status == 200 && answer.headers[.supported] == "timer"
                && answer.headers[.accept] == "application/sdp")
        #expect(answer.contact == contact && answer.to.tag == "b")
        #expect(agent.answerToOptions(try request(.options), status: 486, contact: nil, tag: "b").status == 486)
    }

    @Test func responsesCopyWhatTheyMust() throws {
        let request = try request(.invite, [(.timestamp, "54")])
        let trying = request.response(100, tag: "b")
        #expect(trying.to.tag == nil && trying.headers[.timestamp] == "54" && trying.reason == "Trying")
        let busy = request.response(486, reason: "Phòng đã đầy", tag: "b")
        #expect(busy.vias == request.vias && busy.cseq == request.cseq && busy.callID == request.callID)
        #expect(try SIPMessage(parsing: busy.serialized()) == .response(busy))
        let tagged = try Samples.request(.bye, toTag: "own").response(200, tag: "b")
        #expect(tagged.to.tag == "own")
        #expect(ReasonPhrase.of(499) == "Request Failure" && ReasonPhrase.of(503) == "Service Unavailable")
    }

    @Test func warningsAndReasonsCanBeRead() throws {
        #expect(SIPWarning.value(399, agent: "example.vn", "cuộc họp \"kín\"") == #"399 example.vn "cuộc họp \"kín\"""#)
        let reason = SIPReason(cause: 200, text: "Call completed, elsewhere")
        #expect(try SIPReason(parsing: reason.description) == reason)
        #expect(try SIPReason(parsing: "Q.850 ;cause=16 ;text=\"Terminated\"").cause == 16)
    }
}
