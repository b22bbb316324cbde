import Testing

@testable import SIP

struct DialogTests {
    private func headers(_ fields: (SIPHeaderName, String)...) -> SIPHeaders {
        SIPHeaders(fields.map { .init($0.0, $0.1) })
    }

    /// The dialog that this side makes by answering.
    private func answered(routes: [String] = []) throws -> Dialog {
        var request = try Samples.request()
        for route in routes { request.headers.add(.recordRoute, route) }
        return try Dialog(answering: request, with: request.response(200, tag: "b"), over: .tls)
    }

    @Test func anAnswererTakesItsSideFromTheRequest() throws {
        let dialog = try answered(routes: ["<sip:p1.example.vn;lr>, <sip:p2.example.vn;lr>", "<sip:p3.example.vn;lr>"])
        #expect(dialog.id == DialogID(callID: "a84b4c76e66710", localTag: "b", remoteTag: "1928301774"))
        #expect(dialog.state == .confirmed && dialog.remoteSequence == 1 && dialog.localSequence == nil)
        #expect(dialog.remoteTarget.description == "sip:alice@192.0.2.7:49152")
        #expect(dialog.routeSet.compactMap(\.uri.host) == ["p1.example.vn", "p2.example.vn", "p3.example.vn"])
        #expect(!dialog.isSecure)
    }

    @Test func aCallerTakesTheRouteBackwards() throws {
        let request = try Samples.request(sequence: 5)
        var response = request.response(180, tag: "b")
        response.headers = headers(
            (.recordRoute, "<sip:p1.example.vn;lr>"), (.recordRoute, "<sip:p2.example.vn;lr>"),
            (.contact, "<sip:room@10.0.0.1>"))
        var dialog = try Dialog(from: request, answeredBy: response, over: .udp)
        #expect(dialog.state == .early && dialog.localSequence == 5 && dialog.remoteSequence == nil)
        #expect(dialog.routeSet.compactMap(\.uri.host) == ["p2.example.vn", "p1.example.vn"])
        #expect(dialog.id == DialogID(incoming: response))
        dialog.confirm()
        let bye = dialog.request(.bye)
        #expect(bye.cseq == CSeq(6, .bye) && bye.uri.description == "sip:room@10.0.0.1")
        #expect(bye.headers.values(.route) == ["<sip:p2.example.vn;lr>", "<sip:p1.example.vn;lr>"])
        #expect(bye.from.tag == "1928301774" && bye.to.tag == "b")
    }

    @Test func whatCannotMakeADialogIsRefused() throws {
        let request = try Samples.request(headers: .init())
        #expect(throws: SIPSyntaxError("Contact is missing")) {
            try Dialog(answering: request, with: request.response(200, tag: "b"), over: .udp)
        }
        let other = try Samples.request()
        #expect(throws: SIPSyntaxError.self) {
            try Dialog(answering: other, with: other.response(100, tag: nil), over: .udp)
        }
        #expect(throws: SIPSyntaxError.self) {
            try Dialog(from: other, answeredBy: other.response(200, tag: "b"), over: .udp)
        }
    }

    @Test func aRecordRouteIsCopiedIntoWhatMakesADialog() throws {
        var request = try Samples.request()
        request.headers.add(.recordRoute, "<sip:p1.example.vn;lr>")
        #expect(request.response(200, tag: "b").headers.values(.recordRoute) == ["<sip:p1.example.vn;lr>"])
        #expect(request.response(180, tag: "b").headers.contains(.recordRoute))
        #expect(!request.response(100, tag: nil).headers.contains(.recordRoute))
        #expect(!request.response(486, tag: "b").headers.contains(.recordRoute))
    }

    @Test func lowerNumbersAreOutOfOrderAndGapsAreNot() throws {
        var dialog = try answered()
        func verdict(_ method: SIPMethod, _ number: UInt32) throws -> Dialog.Verdict {
            dialog.receive(try Samples.request(method, sequence: number, toTag: "b"))
        }
        #expect(try verdict(.info, 5) == .inOrder)
        #expect(try verdict(.info, 4) == .outOfOrder)
        #expect(try verdict(.info, 5) == .outOfOrder)
        #expect(try verdict(.ack, 1) == .inOrder)
        #expect(try verdict(.bye, 6) == .inOrder)
        #expect(dialog.remoteSequence == 6)
    }

    @Test func onlyTargetRefreshesMoveTheTarget() throws {
        var dialog = try answered()
        let moved = headers((.contact, "<sip:alice@198.51.100.9>"))
        _ = dialog.receive(try Samples.request(.info, sequence: 2, toTag: "b", headers: moved))
        #expect(dialog.remoteTarget.host == "192.0.2.7")
        _ = dialog.receive(try Samples.request(.invite, sequence: 1, toTag: "b", headers: moved))
        #expect(dialog.remoteTarget.host == "192.0.2.7", "an out-of-order request must not move it")
        _ = dialog.receive(try Samples.request(.invite, sequence: 3, toTag: "b", headers: moved))
        #expect(dialog.remoteTarget.host == "198.51.100.9")
        var ok = dialog.request(.update).response(200, tag: nil)
        ok.headers = headers((.contact, "<sip:alice@203.0.113.5>"))
        dialog.receive(ok)
        #expect(dialog.remoteTarget.host == "203.0.113.5")
        ok.status = 491
        ok.headers = headers((.contact, "<sip:alice@203.0.113.6>"))
        dialog.receive(ok)
        #expect(dialog.remoteTarget.host == "203.0.113.5")
    }

    @Test func requestsOfThisSideCountUp() throws {
        var dialog = try answered()
        #expect(
            dialog.request(.info, headers: headers((.contentType, "application/x")), body: [1]).cseq == CSeq(1, .info))
        let invite = dialog.request(.invite)
        #expect(invite.cseq == CSeq(2, .invite))
        let ack = dialog.acknowledgement(of: invite.cseq)
        #expect(ack.cseq == CSeq(2, .ack) && ack.method == .ack && ack.uri == invite.uri)
        #expect(dialog.request(.bye).cseq == CSeq(3, .bye))
    }

    @Test func aStrictRouterComesFirstAndTheTargetLast() throws {
        var dialog = try answered(routes: ["<sip:old.example.vn>", "<sip:p2.example.vn;lr>"])
        let bye = dialog.request(.bye)
        #expect(bye.uri.description == "sip:old.example.vn")
        #expect(bye.headers.values(.route) == ["<sip:p2.example.vn;lr>", "<sip:alice@192.0.2.7:49152>"])
    }

    @Test func aSecureDialogCameOverTLSToASecureAddress() throws {
        var request = try Samples.request()
        request.uri = try URI(parsing: "sips:giaoban@example.vn")
        let response = request.response(200, tag: "b")
        #expect(try Dialog(answering: request, with: response, over: .tls).isSecure)
        #expect(!(try Dialog(answering: request, with: response, over: .udp).isSecure))
    }

    @Test func requestsFindTheirDialog() throws {
        let dialog = try answered()
        #expect(DialogID(incoming: try Samples.request(.bye, sequence: 2, toTag: "b")) == dialog.id)
        #expect(DialogID(incoming: try Samples.request(.bye)) == nil)
        #expect(DialogID(incoming: try Samples.request(.bye, toTag: "b", fromTag: "other")) != dialog.id)
    }

    @Test func sessionTimersAreRead() throws {
        let read = headers(("x", "1800 ; Refresher=UAS;a=b"), (.minSE, "90;x"))
        #expect(try read.sessionExpires() == SessionExpires(interval: .seconds(1800), refresher: .uas))
        #expect(try read.minimumSessionInterval() == .seconds(90))
        #expect(SessionExpires(interval: .seconds(90), refresher: .uac).description == "90;refresher=uac")
        #expect(try SIPHeaders().sessionExpires() == nil)
        for bad in ["", "x", "-1", "90 90", "99999999999"] {
            #expect(throws: SIPSyntaxError.self) { try headers((.sessionExpires, bad)).sessionExpires() }
            #expect(throws: SIPSyntaxError.self) { try headers((.minSE, bad)).minimumSessionInterval() }
        }
    }
}
