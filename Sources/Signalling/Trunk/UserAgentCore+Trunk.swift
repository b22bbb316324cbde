import SIP

/// Calls between the bridges of a cluster, each of which carries one point's streams.
extension UserAgentCore {
    /// A bridge that vanished is missed so soon at least (RFC 4028).
    private static var refreshedWithin: Duration { .seconds(90) }
    /// A bridge answers at once.
    private static var patience: Duration { .seconds(10) }

    func isTrunk(_ username: String) -> Bool { settings.trunk != nil && username == TrunkAccount.username }

    /// What an INVITE of the trunks' account carries, and that no other has such a header. Nil where it was refused.
    mutating func trunkSubject(
        of request: SIPRequest, _ id: ServerTransactionID, from username: String, at now: SIPInstant
    ) -> TrunkSubject?? {
        guard isTrunk(username) else {
            guard !request.headers.contains(.trunk) else {
                log(.warning, "\(Self.printable(username)) says of its call that it is a trunk's")
                refuse(request, id, 403, "Not a trunk", at: now)
                return nil
            }
            return .some(nil)
        }
        guard let subject = TrunkSubject(request.headers) else {
            refuse(request, id, 400, "A trunk's call says whose streams it carries", at: now)
            return nil
        }
        // It came back to where it began: a cluster in which two bridges have one name, or a proxy's circle.
        guard subject.bridge != settings.trunk?.bridge else {
            refuse(request, id, 482, "The call is this bridge's own", at: now)
            return nil
        }
        // Whose it is, is said by Causeway-Trunk alone.
        guard !request.headers.contains(.replaces), request.sessionDescription != nil else {
            refuse(request, id, 400, "A trunk's call has an offer and replaces nothing", at: now)
            return nil
        }
        return .some(subject)
    }

    /// Calls another bridge.
    mutating func project(_ call: TrunkCall, offering description: [UInt8], at now: SIPInstant) {
        guard !isDraining, let trunk = settings.trunk else { return actions.append(.callEnded(call.id, .unreachable)) }
        var headers = SIPHeaders()
        headers[.allow] = identity.capabilities.allow
        headers[.supported] = identity.capabilities.supported
        headers[.userAgent] = identity.product
        let interval = max(Self.refreshedWithin, settings.sessionTimer.minimum)
        headers[.sessionExpires] = SessionExpires(interval: interval, refresher: .uac).description
        headers[.contentType] = MediaType.sdp.description
        headers[.trunk] = call.subject.headerValue(domain: settings.domain)
        var from = NameAddress(.sip(SIPURI(user: TrunkAccount.username, host: settings.domain)))
        from.tag = transactions.newTag()
        let invite = SIPRequest(
            method: .invite, uri: call.target, from: from,
            to: NameAddress(.sip(SIPURI(user: call.room, host: settings.domain))),
            callID: "\(transactions.newTag())\(transactions.newTag())", sequence: 1, headers: headers,
            body: description)
        var outgoing = OutgoingInvite.Settings()
        outgoing.patience = Self.patience
        // The account is for the bridge that was meant and for no other.
        outgoing.mostRedirections = 0
        let account = DigestAccount(
            realm: settings.domain, username: TrunkAccount.username, secret: .password(trunk.secret))
        dialling[call.id] = Dialling(
            username: TrunkAccount.username, room: call.room,
            branches: [
                Dialling.Branch(
                    invite: OutgoingInvite(
                        invite,
                        digest: DigestClient(accounts: [account], hashes: digestHashes, random: settings.random),
                        settings: outgoing), registered: [])
            ], trunk: call.subject)
        advance(call.id, 0, .start, at: now)
        conclude(call.id)
    }

    /// Makes a new offer in a trunk's call; its answer comes as `changeAnswered`. A call whose offer is refused ends.
    mutating func reoffer(_ id: CallID, description: [UInt8], at now: SIPInstant) {
        guard let call = calls[id], call.point.trunk != nil, case .up = call.phase, call.change == nil else {
            return hangUp(id, .localHangUp("cannot be changed now"), at: now)
        }
        var headers = SIPHeaders()
        headers[.contact] = call.contact.description
        headers[.allow] = identity.capabilities.allow
        headers[.supported] = identity.capabilities.supported
        headers[.contentType] = MediaType.sdp.description
        if let timer = call.timer {
            headers[.sessionExpires] =
                SessionExpires(interval: .seconds(Int64(timer.timer.interval)), refresher: .uac).description
        }
        calls[id]?.description = description
        send(.invite, headers, body: description, of: id, for: .reoffer(id), at: now)
    }

    /// Tells the bridge at the other end something of the point whose streams a call carries.
    mutating func inform(_ id: CallID, _ package: String, _ text: String, at now: SIPInstant) {
        guard let call = calls[id], call.point.trunk != nil, !call.isFlowGone else { return }
        switch call.phase {
        case .up: break
        case .entering, .answered:
            // Before the ACK the other end may know nothing of the dialog yet.
            if call.heldInformation.count < Self.mostHeld { calls[id]?.heldInformation.append((package, text)) }
            return
        case .leaving: return
        }
        var headers = SIPHeaders()
        headers[.infoPackage] = package
        headers[.contentType] = "text/plain;charset=UTF-8"
        send(.info, headers, body: Array(text.utf8), of: id, for: .farewell, at: now)
    }

    private static var mostHeld: Int { 32 }

    /// The call is up.
    mutating func sendHeldInformation(to id: CallID, at now: SIPInstant) {
        let held = calls[id]?.heldInformation ?? []
        calls[id]?.heldInformation = []
        for (package, text) in held { inform(id, package, text, at: now) }
    }

    /// A text of the meeting's, on its way to a point that another bridge has, or from one.
    mutating func trunkText(_ request: SIPRequest, _ id: ServerTransactionID, in call: CallID, at now: SIPInstant) {
        let type = request.contentType ?? MediaType(type: "text", subtype: "plain")
        guard type.isSame(as: MediaType(type: "text", subtype: "plain")), request.body.count <= Self.longestMessage,
            let text = String(validating: request.body, as: UTF8.self), !text.isEmpty,
            let sender = request.headers[.assertedIdentity].flatMap({ try? NameAddress(parsing: $0) }),
            let username = sender.uri.user
        else { return refuse(request, id, 400, "A text with its sender is expected", at: now) }
        respond(request.response(200, tag: calls[call]?.localTag), to: id, at: now)
        actions.append(
            .trunkTexted(call, RelayedMessage(name: sender.displayName ?? username, username: username, text: text)))
    }

    /// The connection is gone, and with it the bridge at its other end, or the way to it: nothing is to be waited for.
    mutating func trunksLost(_ flow: Flow) {
        for (id, call) in calls where call.point.trunk != nil && call.flow == flow { end(id, .connectionLost) }
    }
}

extension UserAgentCore.Settings {
    /// Of points, and of the trunks' account, which no point has where there are trunks.
    var secretOfAnybody: @Sendable (_ username: String) -> DigestSecret? {
        guard let trunk else { return secret }
        let secret = secret
        return { $0 == TrunkAccount.username ? .password(trunk.secret) : secret($0) }
    }
}
