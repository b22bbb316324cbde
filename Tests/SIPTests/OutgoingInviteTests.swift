import Testing

@testable import SIP

/// What becomes of an INVITE of this side's.
struct OutgoingInviteTests {
    // MARK: One branch

    @Test func aCallThatIsAnsweredIsAcknowledgedAtOnce() throws {
        let call = try OutgoingCall()
        let invite = try call.started()
        #expect(invite.nextHop.description == "sip:so-y-te@example.vn")
        #expect(call.receive(try call.response(100)).isEmpty)
        let ringing = try call.response(180, tag: "b")
        guard case .progress(ringing, let early?)? = call.receive(ringing).first else {
            Issue.record("ringing is no progress")
            return
        }
        #expect(early.state == .early)
        let actions = call.receive(try call.response(200, tag: "b"))
        guard case .answered(let dialog, _)? = actions.first, actions.count == 2 else {
            Issue.record("\(actions)")
            return
        }
        #expect(dialog.state == .confirmed && dialog.id == early.id)
        let ack = try #require(actions.acknowledgements.first)
        #expect(ack.cseq == CSeq(1, .ack) && ack.to.tag == "b" && ack.body.isEmpty)
        #expect(ack.uri.description == "sip:phone-b@192.0.2.9")
    }

    @Test func everyRetransmissionOfThe2xxGetsItsACKUntilTimerM() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        let ok = try call.response(200, tag: "b")
        let ack = call.receive(ok).acknowledgements
        #expect(call.receive(ok, at: .seconds(1)) == [.acknowledge(ack[0], nextHop: ack[0].uri)])
        #expect(call.machine.deadline == Samples.after(.seconds(32)))
        #expect(call.handle(.timer, at: .seconds(32)).isEmpty)
        #expect(call.machine.isOver && call.machine.deadline == nil)
        #expect(call.receive(ok, at: .seconds(33)).isEmpty)
    }

    @Test func withoutAnOfferTheACKWaitsForTheAnswer() throws {
        let call = try OutgoingCall(offer: nil)
        _ = try call.started()
        let ok = try call.response(200, tag: "b", body: "v=0 offer")
        #expect(call.receive(ok).acknowledgements.isEmpty)
        #expect(call.receive(ok).isEmpty)
        let id = try #require(DialogID(incoming: ok))
        let ack = call.handle(.answer(id, contentType: .sdp, body: Array("v=0 answer".utf8))).acknowledgements
        #expect(ack.map(\.body) == [Array("v=0 answer".utf8)])
        #expect(ack.first?.contentType == .sdp)
        #expect(call.receive(ok).acknowledgements == ack)
        #expect(call.handle(.answer(id, contentType: .sdp, body: [])).isEmpty, "it is answered only once")
    }

    @Test func aRefusalEndsIt() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        let busy = try call.response(486, tag: "b")
        #expect(call.receive(busy) == [.ended(.refused(busy))])
        #expect(call.machine.isOver && call.machine.deadline == nil)
    }

    @Test func responsesToOtherRequestsAreNotLookedAt() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        var other = try call.response(200, tag: "b")
        other.cseq.number = 7
        #expect(call.receive(other).isEmpty)
        other = try call.response(200, tag: "b")
        other.callID = "other"
        #expect(call.receive(other).isEmpty)
    }

    @Test func a2xxThatMakesNoDialogIsHungUp() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        var ok = try call.response(200, tag: "b")
        ok.headers.remove(.contact)
        let actions = call.receive(ok)
        #expect(actions.acknowledgements.count == 1 && actions.hangUps.count == 1)
        #expect(actions.hangUps.first?.uri.description == "sip:so-y-te@example.vn")
        #expect(actions.endings == [.malformed(SIPSyntaxError("Contact is missing"))])
    }

    // MARK: Forks

    @Test func eachBranchOfAForkIsADialogAndOnlyTheFirst2xxIsKept() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        for tag in ["b", "c", "d"] { _ = call.receive(try call.response(180, tag: tag)) }
        #expect(Set(call.machine.earlyDialogs.map(\.remoteTag)) == ["b", "c", "d"])
        guard case .answered(let kept, _)? = call.receive(try call.response(200, tag: "c")).first else {
            Issue.record("the call is not answered")
            return
        }
        #expect(kept.id.remoteTag == "c")
        let late = try call.response(200, tag: "d")
        let actions = call.receive(late, at: .seconds(1))
        #expect(actions.count == 2 && actions.acknowledgements.first?.to.tag == "d")
        let bye = try #require(actions.hangUps.first)
        #expect(bye.to.tag == "d" && bye.cseq == CSeq(2, .bye) && bye.uri.description == "sip:phone-d@192.0.2.9")
        let again = call.receive(late, at: .seconds(2))
        #expect(again.acknowledgements.count == 1 && again.hangUps.isEmpty, "one BYE is enough, an ACK is not")
    }

    @Test func branchesBeyondTheBoundAreNotFollowedButHungUp() throws {
        var settings = OutgoingInvite.Settings()
        settings.mostDialogs = 2
        let call = try OutgoingCall(settings: settings)
        _ = try call.started()
        for tag in ["b", "c", "d", "e"] { _ = call.receive(try call.response(180, tag: tag)) }
        #expect(call.machine.earlyDialogs.count == 2)
        for tag in ["b", "c", "d", "e"] { _ = call.receive(try call.response(200, tag: tag)) }
        let actions = call.receive(try call.response(200, tag: "f"))
        #expect(actions.acknowledgements.count == 1 && actions.hangUps.count == 1)
        #expect(call.machine.accepted.count == 2)
    }

    @Test func the2xxSetsTheRouteAnewAndTheNumbersGoOn() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        var ringing = try call.response(183, tag: "b", reliable: 1)
        ringing.headers.add(.recordRoute, "<sip:early.example.vn;lr>")
        #expect(call.receive(ringing).pracks.map(\.cseq) == [CSeq(2, .prack)])
        var ok = try call.response(200, tag: "b")
        ok.headers.add(.recordRoute, "<sip:p1.example.vn;lr>")
        ok.headers.add(.recordRoute, "<sip:p2.example.vn;lr>")
        let actions = call.receive(ok)
        guard case .answered(var dialog, _)? = actions.first else {
            Issue.record("the call is not answered")
            return
        }
        #expect(dialog.nextHop.description == "sip:p2.example.vn;lr")
        #expect(actions.acknowledgements.first?.headers.values(.route).count == 2)
        #expect(dialog.request(.bye).cseq == CSeq(3, .bye))
    }

    // MARK: Reliable provisional responses

    @Test func aReliableResponseGetsItsPRACKOnceAndInOrder() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        let first = try call.response(183, tag: "b", reliable: 7001)
        let prack = call.receive(first).pracks
        #expect(prack.map { $0.headers[.rAck] } == ["7001 1 INVITE"])
        #expect(prack.first?.cseq == CSeq(2, .prack) && prack.first?.to.tag == "b")
        #expect(call.receive(first).isEmpty, "a repetition")
        #expect(call.receive(try call.response(180, tag: "b", reliable: 7003)).isEmpty, "a gap")
        #expect(call.receive(try call.response(180, tag: "b", reliable: 7002)).pracks.map(\.cseq) == [CSeq(3, .prack)])
        // Each branch counts for itself.
        #expect(call.receive(try call.response(183, tag: "c", reliable: 1)).pracks.map(\.cseq) == [CSeq(2, .prack)])
        #expect(call.receive(try call.response(180, tag: "b")).pracks.isEmpty, "not reliable")
    }

    @Test func anOfferInAReliableResponseIsAnsweredInPRACK() throws {
        let call = try OutgoingCall(offer: nil)
        _ = try call.started()
        let session = try call.response(183, tag: "b", reliable: 5, body: "v=0 offer")
        let id = try #require(DialogID(incoming: session))
        let actions = call.receive(session)
        #expect(actions.last == .offer(session, id) && actions.pracks.isEmpty)
        let prack = call.handle(.answer(id, contentType: .sdp, body: Array("v=0 answer".utf8))).pracks
        #expect(prack.map(\.body) == [Array("v=0 answer".utf8)])
        #expect(prack.first?.headers[.rAck] == "5 1 INVITE")
        // Then the 2xx has no offer, and its ACK waits for nothing.
        #expect(call.receive(try call.response(200, tag: "b")).acknowledgements.map(\.body) == [[]])
    }

    @Test func aChallengedPRACKIsSentWithCredentials() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        let prack = try #require(call.receive(try call.response(183, tag: "b", reliable: 1)).pracks.first)
        var challenge = prack.response(407, tag: nil)
        challenge.headers.add(.proxyAuthenticate, #"Digest realm="r", nonce="n", algorithm=MD5, qop="auth""#)
        let again = try #require(call.handle(.prackResponse(challenge)).pracks.first)
        #expect(again.cseq == CSeq(3, .prack) && again.headers[.rAck] == "1 1 INVITE")
        #expect(again.headers[.proxyAuthorization] != nil)
        var wrong = again.response(407, tag: nil)
        wrong.headers.add(.proxyAuthenticate, #"Digest realm="r", nonce="n2", algorithm=MD5, qop="auth""#)
        #expect(call.handle(.prackResponse(wrong)).isEmpty, "the secret is wrong")
        #expect(call.handle(.prackResponse(again.response(200, tag: nil))).isEmpty)
    }

    @Test func earlyDialogsTakeRequestsBothWays() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        let ringing = try call.response(183, tag: "b", reliable: 1)
        _ = call.receive(ringing)
        let id = try #require(DialogID(incoming: ringing))
        let update = try #require(call.request(.update, in: id))
        #expect(update.request.cseq == CSeq(3, .update))
        var theirs = SIPRequest(
            method: .update, uri: try Samples.uri("sip:bridge@10.0.0.1"), from: ringing.to, to: ringing.from,
            callID: ringing.callID, sequence: 10)
        #expect(call.order(of: theirs) == .inOrder)
        #expect(call.order(of: theirs) == .outOfOrder)
        theirs.from.tag = "unknown"
        #expect(call.order(of: theirs) == nil)
    }

    // MARK: Challenges

    @Test func aChallengeIsAnsweredInANewRequestToTheSamePlace() throws {
        let call = try OutgoingCall()
        let first = try call.started()
        let (again, hop) = try #require(call.receive(try call.challenge("n1")).sends.first)
        #expect(hop == .same)
        #expect(again.cseq == CSeq(2, .invite) && again.callID == first.callID && again.from == first.from)
        let credentials = try DigestCredentials(parsing: try #require(again.headers[.authorization]))
        #expect(credentials.username == "cau-ha-noi" && credentials.nonceCount == 1 && credentials.qop == "auth")
        #expect(credentials.uri == "sip:so-y-te@example.vn" && credentials.algorithm == .sha256)
        let ack = try #require(call.receive(try call.response(200, tag: "b")).acknowledgements.first)
        #expect(ack.headers[.authorization] == again.headers[.authorization], "an ACK has its INVITE's credentials")
        #expect(ack.cseq == CSeq(2, .ack))
    }

    @Test func aWrongSecretIsTriedOnce() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        _ = call.receive(try call.challenge("n1"))
        let second = try call.challenge("n2")
        #expect(call.receive(second) == [.ended(.refused(second))])
    }

    @Test func aProxyAndAServerMayBothAsk() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        _ = call.receive(try call.challenge("p", status: 407))
        let (again, _) = try #require(call.receive(try call.challenge("n1")).sends.first)
        #expect(again.headers.contains(.authorization) && again.headers.contains(.proxyAuthorization))
        #expect(again.cseq.number == 3)
    }

    // MARK: Redirections and other servers

    @Test func redirectionsAreFollowedTheBestFirst() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        var moved = try call.response(302, tag: "b")
        moved.headers[.contact] =
            "<sip:low@x;method=BYE?Subject=z>;q=0.1, <sip:none@x>, \"A, B\" <sip:half@x>;q=0.5, <mailto:a@x>"
        let (first, hop) = try #require(call.receive(moved).sends.first)
        #expect(first.uri.description == "sip:none@x" && hop == .resolve(first.uri) && first.cseq.number == 2)
        #expect(first.to.uri.description == "sip:so-y-te@example.vn")
        let (second, _) = try #require(call.receive(try call.response(486, tag: "c")).sends.first)
        #expect(second.uri.description == "sip:half@x")
        let (third, _) = try #require(call.handle(.noServer).sends.first)
        #expect(third.uri.description == "sip:low@x", "headers and method of the URI are not taken")
        let last = try call.response(480, tag: "d")
        #expect(call.receive(last) == [.ended(.refused(last))])
    }

    @Test func redirectionsDoNotGoRoundForEver() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        var count = 0
        while count < 100 {
            var moved = try call.response(302, tag: "b")
            moved.headers[.contact] = "<sip:so-y-te@example.vn>, <sip:r\(count)@x>"
            guard !call.receive(moved).sends.isEmpty else { break }
            count += 1
        }
        #expect(count == 8)
        #expect(call.machine.isOver)
    }

    @Test func aSecureAddressIsNotLedToAnOpenOne() throws {
        let call = try OutgoingCall(to: "sips:so-y-te@example.vn")
        _ = try call.started()
        var moved = try call.response(302, tag: "b")
        moved.headers[.contact] = "<sip:open@x>, <sips:closed@x>"
        #expect(call.receive(moved).sends.map(\.0.uri.description) == ["sips:closed@x"])
    }

    @Test func aRefusalByEverybodyEndsTheSearch() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        var moved = try call.response(300, tag: "b")
        moved.headers[.contact] = "<sip:one@x>, <sip:two@x>"
        _ = call.receive(moved)
        let decline = try call.response(603, tag: "c")
        #expect(call.receive(decline) == [.ended(.refused(decline))])
    }

    @Test func anotherServerIsTriedAfter503AndSilence() throws {
        let call = try OutgoingCall()
        let first = try call.started()
        let unavailable = try call.response(503, tag: "b")
        #expect(call.receive(unavailable) == [.send(first, to: .nextServer)], "the same request (RFC 3263 §4.3)")
        #expect(call.handle(.unanswered) == [.send(first, to: .nextServer)])
        #expect(call.handle(.noServer) == [.ended(.refused(unavailable))])
    }

    @Test func withoutAnyServerItIsUnreachable() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        #expect(call.handle(.unanswered).sends.map(\.1) == [.nextServer])
        #expect(call.handle(.noServer) == [.ended(.unreachable)])
        #expect(call.handle(.noServer).isEmpty)
    }

    @Test func requestsAreBounded() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        var count = 1
        while count < 100, !call.handle(.unanswered).sends.isEmpty { count += 1 }
        #expect(count == 16 && call.machine.isOver)
    }

    @Test func aSessionThatIsTooShortIsMadeLonger() throws {
        let call = try OutgoingCall(headers: SIPHeaders([.init(.sessionExpires, "90")]))
        _ = try call.started()
        var brief = try call.response(422, tag: "b")
        brief.headers[.minSE] = "600"
        let (again, hop) = try #require(call.receive(brief).sends.first)
        #expect(again.headers[.sessionExpires] == "600" && again.headers[.minSE] == "600" && hop == .same)
        brief.cseq = again.cseq
        #expect(call.receive(brief) == [.ended(.refused(brief))], "it asks for nothing more")
    }

    @Test func aRouteIsTheFirstHop() throws {
        let call = try OutgoingCall(headers: SIPHeaders([.init(.route, "<sip:proxy.example.vn;lr>")]))
        let actions = call.handle(.start)
        #expect(try actions.sends.map(\.1) == [.resolve(Samples.uri("sip:proxy.example.vn;lr"))])
    }

    // MARK: Giving up

    @Test func aCallThatIsGivenUpEndsWithTheRefusalOfItsINVITE() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        _ = call.receive(try call.response(180, tag: "b"))
        #expect(call.handle(.cancel) == [.cancel])
        #expect(call.handle(.cancel).isEmpty)
        #expect(call.receive(try call.response(180, tag: "b")).isEmpty)
        #expect(call.receive(try call.response(487, tag: "b")) == [.ended(.cancelled)])
    }

    @Test func a2xxThatCrossesTheCANCELIsHungUp() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        _ = call.handle(.cancel)
        let actions = call.receive(try call.response(200, tag: "b"))
        #expect(actions.acknowledgements.count == 1 && actions.hangUps.count == 1)
        #expect(actions.last == .ended(.cancelled))
        #expect(!call.machine.isOver, "the 2xx may come again")
        #expect(call.receive(try call.response(200, tag: "b")).acknowledgements.count == 1)
    }

    @Test func nobodyRingsForEver() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        _ = call.receive(try call.response(180, tag: "b"))
        #expect(call.handle(.timer, at: .seconds(179)).isEmpty)
        #expect(call.handle(.timer, at: .seconds(180)) == [.cancel])
        #expect(call.handle(.unanswered, at: .seconds(212)) == [.ended(.noAnswer)])
    }

    @Test func aCancelledCallIsNeitherChallengedNorRedirectedNorTriedElsewhere() throws {
        for status: UInt16 in [302, 401, 503, 486] {
            let call = try OutgoingCall()
            _ = try call.started()
            _ = call.handle(.cancel)
            var response = try call.challenge("n", status: status)
            response.headers[.contact] = "<sip:x@x>"
            #expect(call.receive(response) == [.ended(.cancelled)])
        }
    }

    @Test func silenceAfterTheCANCELEndsItToo() throws {
        let call = try OutgoingCall()
        _ = try call.started()
        _ = call.handle(.cancel)
        let due = try #require(call.machine.deadline)
        #expect(call.handle(.timer, at: due - Samples.epoch) == [.ended(.cancelled)])
    }

    // MARK: Whatever comes

    @Test(arguments: 0..<64 as Range<UInt64>)
    func whateverComesItEndsOnceAndIsOver(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let call = try OutgoingCall(offer: seed % 3 == 0 ? nil : "v=0")
        _ = try call.started()
        var now = Duration.zero
        var outcomes = 0
        let nobody = DialogID(callID: "", localTag: "", remoteTag: "")
        func count(_ actions: [OutgoingInvite.Action]) {
            for action in actions {
                if case .ended = action { outcomes += 1 }
                if case .answered = action { outcomes += 1 }
            }
        }
        for _ in 0..<200 {
            now += .milliseconds(Int.random(in: 0..<2000, using: &random))
            let tag = ["b", "c", "d", nil].randomElement(using: &random) ?? nil
            let statuses: [UInt16] = [100, 180, 183, 200, 202, 302, 401, 407, 422, 486, 503, 603]
            var response = try call.response(statuses.randomElement(using: &random) ?? 100, tag: tag)
            if Bool.random(using: &random) {
                response.headers[.require] = "100rel"
                response.headers[.rSeq] = "\(UInt32.random(in: 0..<4, using: &random))"
            }
            if Bool.random(using: &random) { response.body = [1] }
            if Int.random(in: 0..<8, using: &random) == 0 { response.headers.remove(.contact) }
            let event: OutgoingInvite.Event =
                switch Int.random(in: 0..<40, using: &random) {
                case 0: .cancel
                case 1: .unanswered
                case 2: .noServer
                case 3: .timer
                case 4: .prackResponse(response)
                case 5: .answer(DialogID(incoming: response) ?? nobody, contentType: .sdp, body: [])
                default: .response(response, over: .udp)
                }
            count(call.handle(event, at: now))
        }
        while let due = call.machine.deadline { count(call.machine.handle(.timer, at: due)) }
        // A CANCEL that nobody carries out ends by its own deadline.
        #expect(call.machine.isOver)
        #expect(outcomes == 1)
    }
}

/// A machine with what a test needs to speak to it.
final class OutgoingCall {
    var machine: OutgoingInvite

    init(
        to uri: String = "sip:so-y-te@example.vn", offer: String? = "v=0 offer", headers: SIPHeaders = .init(),
        settings: OutgoingInvite.Settings = .init()
    ) throws {
        var from = NameAddress(try Samples.uri("sip:giaoban@bridge.example.vn"))
        from.tag = "a"
        var all = SIPHeaders([.init(.contact, "<sip:giaoban@10.0.0.1;isfocus>")])
        all.append(contentsOf: headers)
        let invite = SIPRequest(
            method: .invite, uri: try Samples.uri(uri), from: from, to: NameAddress(try Samples.uri(uri)),
            callID: "dial-out", sequence: 1, headers: all, body: Array((offer ?? "").utf8))
        let account = DigestAccount(username: "cau-ha-noi", secret: .password("bí mật"))
        machine = OutgoingInvite(
            invite,
            digest: DigestClient(accounts: [account], hashes: DigestTests.hashes, random: Samples.random),
            settings: settings)
    }

    func handle(_ event: OutgoingInvite.Event, at time: Duration = .zero) -> [OutgoingInvite.Action] {
        machine.handle(event, at: Samples.after(time))
    }

    func started() throws -> SIPRequest { try #require(handle(.start).sends.first?.0) }

    func receive(_ response: SIPResponse, at time: Duration = .zero) -> [OutgoingInvite.Action] {
        handle(.response(response, over: .udp), at: time)
    }

    func order(of request: SIPRequest) -> Dialog.Verdict? { machine.receive(request) }

    func request(_ method: SIPMethod, in id: DialogID) -> (request: SIPRequest, nextHop: URI)? {
        machine.request(method, in: id)
    }

    /// A response of the phone that has this tag to the INVITE that was sent last.
    func response(
        _ status: UInt16, tag: String? = nil, reliable number: UInt32? = nil, body: String = ""
    ) throws -> SIPResponse {
        var response = machine.invite.response(status, tag: tag, body: Array(body.utf8))
        if status > 100, status < 300 { response.headers[.contact] = "<sip:phone-\(tag ?? "")@192.0.2.9>" }
        if let number {
            response.headers[.require] = "100rel"
            response.headers[.rSeq] = "\(number)"
        }
        return response
    }

    func challenge(_ nonce: String, status: UInt16 = 401) throws -> SIPResponse {
        var response = try response(status, tag: "b")
        for algorithm in ["SHA-256", "MD5"] {
            response.headers.add(
                status == 407 ? .proxyAuthenticate : .wwwAuthenticate,
                #"Digest realm="r", nonce="\#(nonce)", algorithm=\#(algorithm), qop="auth""#)
        }
        return response
    }
}

extension [OutgoingInvite.Action] {
    var sends: [(SIPRequest, OutgoingInvite.Hop)] {
        compactMap { if case .send(let request, let hop) = $0 { (request, hop) } else { nil } }
    }
    var acknowledgements: [SIPRequest] {
        compactMap { if case .acknowledge(let request, _) = $0 { request } else { nil } }
    }
    var pracks: [SIPRequest] { compactMap { if case .prack(let request, _) = $0 { request } else { nil } } }
    var hangUps: [SIPRequest] { compactMap { if case .hangUp(let request, _) = $0 { request } else { nil } } }
    var endings: [OutgoingInvite.Failure] { compactMap { if case .ended(let failure) = $0 { failure } else { nil } } }
}
