import SIP

/// Requests that begin something, and who may send them (RFC 3261 §8.2, §10, §11, §22).
extension UserAgentCore {
    mutating func handle(_ request: SIPRequest, _ id: ServerTransactionID, on flow: Flow, at now: SIPInstant) {
        if let refusal = identity.capabilities.refusal(of: request, tag: transactions.newTag()) {
            return respond(refusal, to: id, at: now)
        }
        if request.isInDialog {
            guard let dialog = DialogID(incoming: request), let call = callsByDialog[dialog] else {
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
            invite(request, id, from: username, on: flow, at: now)
        case .register:
            guard let username = authenticate(request, id, on: flow, at: now) else { return }
            register(request, id, username, on: flow, at: now)
        case .options:
            guard authenticate(request, id, on: flow, at: now) != nil else { return }
            let contact = identity.contact(for: request.uri.user ?? "causeway", on: flow, isSecure: false)
            respond(
                identity.capabilities.answerToOptions(request, contact: contact, tag: transactions.newTag()), to: id,
                at: now)
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
        guard !scans.isOverLimit(flow.remoteHost, at: now) else {
            refuse(request, id, 403, "Too many failed attempts", at: now)
            return nil
        }
        switch digest.verify(request, at: now, secret: settings.secret) {
        case .authenticated(let username):
            let key = "\(flow.remoteHost) \(username)"
            guard !failures.isOverLimit(key, at: now) else {
                refuse(request, id, 403, "Too many failed attempts", at: now)
                return nil
            }
            failures.clear(key)
            return username
        case .missing:
            refuse(request, id, 401, headers: challenges(to: request, at: now), at: now)
        case .stale:
            refuse(request, id, 401, headers: challenges(to: request, stale: true, at: now), at: now)
        case .wrong(let username):
            wrong(username, request, id, on: flow, at: now)
        case .malformed(let reason):
            refuse(request, id, 400, reason, at: now)
        }
        return nil
    }

    /// Both algorithms (RFC 8760 §2.4), but for peers that cannot bear one that they do not know.
    private func challenges(to request: SIPRequest, stale: Bool = false, at now: SIPInstant) -> SIPHeaders {
        let quirks = PeerQuirks(userAgent: request.headers[.userAgent])
        return digest.challenges(stale: stale, algorithms: quirks.digestAlgorithms, at: now)
    }

    private mutating func wrong(
        _ username: String, _ request: SIPRequest, _ id: ServerTransactionID, on flow: Flow, at now: SIPInstant
    ) {
        let name = Self.printable(username)
        let key = "\(flow.remoteHost) \(username.utf8.count > 128 ? "" : username)"
        if failures.fail(key, at: now) {
            log(.warning, "\(flow): \(name): too many wrong passwords, refused for \(settings.limits.failureWindow)")
        } else if !failures.isOverLimit(key, at: now) {
            log(.notice, "\(flow): \(name): wrong password or no such point (\(request.method))")
        }
        if scans.fail(flow.remoteHost, at: now) {
            log(.warning, "\(flow): too many failed attempts, refused for \(settings.limits.failureWindow)")
        }
        if failures.isOverLimit(key, at: now) || scans.isOverLimit(flow.remoteHost, at: now) {
            refuse(request, id, 403, "Too many failed attempts", at: now)
        } else {
            refuse(request, id, 401, headers: challenges(to: request, at: now), at: now)
        }
    }

    // MARK: REGISTER

    private mutating func register(
        _ request: SIPRequest, _ id: ServerTransactionID, _ username: String, on flow: Flow, at now: SIPInstant
    ) {
        guard request.to.uri.user == username else {
            return refuse(request, id, 403, "A point registers itself only", at: now)
        }
        let origin = Registrar.Origin(
            callID: request.callID, sequence: request.cseq.number, flow: flow,
            userAgent: request.headers[.userAgent])
        let wanted: Registrar.Request
        do throws(SIPSyntaxError) {
            wanted = try Registrar.Request(request)
        } catch {
            return refuse(request, id, 400, error.reason, at: now)
        }
        var headers = SIPHeaders()
        switch registrar.handle(wanted, of: username, from: origin, at: now) {
        case .bindings(let bindings):
            for binding in bindings { headers.add(.contact, "<\(binding.contact)>;expires=\(binding.expires)") }
            headers[.server] = identity.product
            if case .query = wanted {
            } else {
                log(.info, "\(username): registered \(bindings.count) contacts, \(flow)")
            }
            respond(request.response(200, tag: transactions.newTag(), headers: headers), to: id, at: now)
        case .tooBrief(let minimum):
            headers[.minExpires] = "\(minimum)"
            refuse(request, id, 423, headers: headers, at: now)
        case .tooMany:
            refuse(request, id, 403, "Too many contacts", at: now)
        case .full:
            headers[.retryAfter] = "60"
            refuse(request, id, 503, "Registrar is full", headers: headers, at: now)
        case .outOfOrder:
            refuse(request, id, 500, "Registration out of order", at: now)
        }
    }
}

extension Registrar.Request {
    init(_ request: SIPRequest) throws(SIPSyntaxError) {
        let expires = try Self.seconds(request.headers[.expires], "Expires")
        switch try request.headers.contacts() {
        case .all:
            guard expires == 0 else { throw SIPSyntaxError("Contact: * needs Expires: 0") }
            self = .removeAll
        case .addresses(let contacts) where contacts.isEmpty:
            self = .query
        case .addresses(let contacts):
            var changes: [Registrar.Change] = []
            for contact in contacts {
                guard contact.uri.sip != nil else { throw SIPSyntaxError("Contact is no SIP URI") }
                changes.append(
                    .init(
                        contact: contact.uri.description,
                        expires: try Self.seconds(contact.parameters["expires"], "Contact's expires"),
                        quality: contact.parameters["q"]))
            }
            self = .change(changes, expires: expires)
        }
    }

    private static func seconds(_ text: String?, _ what: String) throws(SIPSyntaxError) -> UInt32? {
        guard let text else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw SIPSyntaxError("\(what) is malformed")
        }
        return UInt32(text) ?? .max
    }
}
