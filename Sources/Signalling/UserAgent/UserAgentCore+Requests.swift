import SIP

/// Requests that begin something, and who may send them (RFC 3261 §8.2, §10, §11, §22).
extension UserAgentCore {
    mutating func handle(_ request: SIPRequest, _ id: ServerTransactionID, on flow: Flow, at now: SIPInstant) {
        if let refusal = identity.capabilities.refusal(of: request, tag: transactions.newTag()) {
            return respond(refusal, to: id, at: now)
        }
        if request.isInDialog {
            guard let dialog = DialogID(incoming: request), let call = callsByDialog[dialog] else {
                if let dialog = DialogID(incoming: request),
                    handleEarly(request, id, in: dialog, at: now)
                        || resubscribe(request, id, in: dialog, on: flow, at: now)
                {
                    return
                }
                return refuse(request, id, 481, at: now)
            }
            return handle(request, id, in: call, on: flow, at: now)
        }
        if request.maxForwards == 0, let host = request.uri.host, !identity.isOwn(host, domain: settings.domain) {
            return refuse(request, id, 483, at: now)
        }
        switch request.method {
        case .invite:
            // Before the password is checked: refusing must stay cheap when there are too many.
            guard !isDraining, calls.count < settings.limits.calls else {
                let wait = SIPHeaders([.init(.retryAfter, "\(max(1, settings.limits.retryAfter.components.seconds))")])
                let reason = isDraining ? "Going out of service" : "Too many calls"
                return refuse(request, id, 503, reason, headers: wait, at: now)
            }
            guard let username = authenticate(request, id, on: flow, at: now) else { return }
            guard let trunk = trunkSubject(of: request, id, from: username, at: now) else { return }
            invite(request, id, from: username, trunk: trunk, on: flow, at: now)
        case .register:
            guard let username = authenticate(request, id, on: flow, at: now) else { return }
            register(request, id, username, on: flow, at: now)
        case .options:
            guard authenticate(request, id, on: flow, at: now) != nil else { return }
            let contact = identity.contact(for: request.uri.user ?? "causeway", on: flow, isSecure: false)
            respond(
                identity.capabilities.answerToOptions(request, contact: contact, tag: transactions.newTag()), to: id,
                at: now)
        case .message:
            guard let username = authenticate(request, id, on: flow, at: now) else { return }
            message(request, id, from: username, to: request.uri.user, at: now)
        case .subscribe:
            guard let username = authenticate(request, id, on: flow, at: now) else { return }
            subscribe(request, id, from: username, in: nil, on: flow, at: now)
        case .refer:
            guard let username = authenticate(request, id, on: flow, at: now) else { return }
            refer(request, id, from: username, in: nil, on: flow, at: now)
        default:
            // BYE, UPDATE and INFO live in dialogs only.
            refuse(request, id, 481, at: now)
        }
    }

    // MARK: Who it is

    /// The name that the request proves to come from; nil when it proved none, and was answered.
    mutating func authenticate(
        _ request: SIPRequest, _ id: ServerTransactionID, on flow: Flow, at now: SIPInstant
    ) -> String? {
        if let username = request.from.uri.user, !isTrunk(username), isCertified(request, on: flow) {
            addresses.prove(flow, for: settings.limits.trust, at: now)
            return username
        }
        if let token = request.bearerToken { return redeem(token, of: request, id, on: flow, at: now) }
        let secret = settings.secretOfAnybody
        switch digest.verify(request, from: flow.remoteHost, at: now, secret: secret) {
        case .authenticated(let username):
            let key = "\(flow.remoteHost) \(username)"
            guard !failures.isOverLimit(key, at: now) else {
                refuse(request, id, 403, "Too many failed attempts", at: now)
                return nil
            }
            failures.clear(key)
            addresses.prove(flow, for: settings.limits.trust, at: now)
            // Bridges call each other, and look whether the other is there; they are no points.
            guard !isTrunk(username) || request.isInDialog || request.method == .invite || request.method == .options
            else {
                refuse(request, id, 403, "A trunk only calls", at: now)
                return nil
            }
            return username
        case .missing:
            note(.challenged, on: flow, at: now)
            refuse(request, id, 401, headers: challenges(to: request, on: flow, at: now), at: now)
        case .stale:
            refuse(request, id, 401, headers: challenges(to: request, on: flow, stale: true, at: now), at: now)
        case .wrong(let username):
            wrong(username, request, id, on: flow, at: now)
        case .malformed(let reason):
            refuse(request, id, 400, reason, at: now)
        }
        return nil
    }

    /// Whether the connection's certificate is that of whom the request is from (RFC 5922).
    func isCertified(_ request: SIPRequest, on flow: Flow) -> Bool {
        guard let username = request.from.uri.user else { return false }
        return certified.proves(username, on: flow) && settings.acceptsCertificate(username)
    }

    /// Both algorithms (RFC 8760 §2.4), but for peers that cannot bear one that they do not know.
    func challenges(
        to request: SIPRequest, on flow: Flow, stale: Bool = false, at now: SIPInstant
    ) -> SIPHeaders {
        let quirks = PeerQuirks(userAgent: request.headers[.userAgent])
        return digest.challenges(
            to: flow.remoteHost, stale: stale, algorithms: quirks.digestAlgorithms, at: now)
    }

    /// - Parameter given: headers of the refusal, where they are not the usual challenges.
    mutating func wrong(
        _ username: String, _ request: SIPRequest, _ id: ServerTransactionID, challenging given: SIPHeaders? = nil,
        on flow: Flow, at now: SIPInstant
    ) {
        let name = Self.printable(username)
        let key = "\(flow.remoteHost) \(username.utf8.count > 128 ? "" : username)"
        if failures.fail(key, at: now) {
            log(
                .warning,
                "\(flow): \(point: name): too many wrong passwords, refused for \(settings.limits.failureWindow)")
        } else if !failures.isOverLimit(key, at: now) {
            log(.notice, "\(flow): \(point: name): wrong password or no such point (\(request.method))")
        }
        note(.wrongPassword, on: flow, at: now)
        let isOverLimit = failures.isOverLimit(key, at: now)
        let response = identity.refusal(
            of: request, isOverLimit ? 403 : 401, isOverLimit ? "Too many failed attempts" : nil,
            tag: transactions.newTag(),
            headers: isOverLimit ? .init() : given ?? challenges(to: request, on: flow, at: now))
        // A waiting answer holds a transaction: there are not too many of them.
        guard delayed.count < Self.mostDelayed else { return respond(response, to: id, at: now) }
        delayed[id] = response
        let step = min(3, max(0, failures.count(of: key, at: now) - 1))
        delays.set(id, now + .milliseconds(500 << step))
    }

    private static var mostDelayed: Int { 1_000 }

    mutating func note(_ offence: AddressGuard.Offence, on flow: Flow, at now: SIPInstant) {
        guard let ban = addresses.note(offence, on: flow, at: now) else { return }
        log(.warning, "\(flow.neighbourhood) \(offence.description): shut out for \(ban.wholeSeconds) s")
    }
}
