import SIP

/// What is settled of a request before anything is kept of it (RFC 3261 §8.2.7): a flood costs neither memory nor the
/// transactions that points need.
extension UserAgentCore {
    private enum Verdict {
        case handle
        case drop
        /// Made of the request as the transaction layer stamps it.
        case answer((SIPRequest) -> SIPResponse)
    }

    mutating func receive(_ request: SIPRequest, on flow: Flow, at now: SIPInstant) {
        switch transactions.opensTransaction(request, on: flow) ? screen(request, on: flow, at: now) : .handle {
        case .handle: carry(transactions.receive(.request(request), on: flow, at: now), at: now)
        case .drop: break
        case .answer(let response): carry([transactions.answerWithoutState(request, on: flow, response)], at: now)
        }
        if let line = admission.complaint(at: now) { log(.warning, "\(line)") }
    }

    private mutating func screen(_ request: SIPRequest, on flow: Flow, at now: SIPInstant) -> Verdict {
        let identity = identity
        if request.method == .cancel {
            guard !transactions.hasTarget(of: request, on: flow) else { return .handle }
            return .answer { identity.refusal(of: $0, 481, nil, tag: Identity.tagWithoutState($0)) }
        }
        if request.isInDialog, let dialog = DialogID(incoming: request), callsByDialog[dialog] != nil { return .handle }
        guard !AddressGuard.isScanner(request.headers[.userAgent]) else {
            note(.scanner, on: flow, at: now)
            return .drop
        }
        let retryAfter = settings.limits.retryAfter
        guard isAdmitted(request, on: flow, at: now) else {
            return .answer { identity.overload($0, retryAfter: retryAfter) }
        }
        if wantsChallenge(request, on: flow) {
            note(.challenged, on: flow, at: now)
            let headers = challenges(to: request, on: flow, at: now)
            return .answer {
                identity.refusal(of: $0, 401, nil, tag: Identity.tagWithoutState($0), headers: headers)
            }
        }
        guard transactions.serverTransactionCount < Self.mostOfStrangers || isTrusted(request, on: flow, at: now) else {
            return .answer { identity.overload($0, retryAfter: retryAfter) }
        }
        return .handle
    }

    private mutating func isAdmitted(_ request: SIPRequest, on flow: Flow, at now: SIPInstant) -> Bool {
        let kind = Admission.Kind(request)
        if admission.admits(kind, at: now) { return true }
        if isTrusted(request, on: flow, at: now), admission.admits(kind, mayUseReserve: true, at: now) { return true }
        admission.noteRefusal()
        return false
    }

    /// Whether the request comes from where points are, or from where a challenge was heard, and so from no forged address.
    private mutating func isTrusted(_ request: SIPRequest, on flow: Flow, at now: SIPInstant) -> Bool {
        addresses.mayUseReserve(flow, at: now) || digest.isAnswered(by: request, from: flow.remoteHost)
    }

    /// Whether nothing but a challenge can come of a request.
    private func wantsChallenge(_ request: SIPRequest, on flow: Flow) -> Bool {
        switch request.method {
        case .invite: guard !isDraining, calls.count < settings.limits.calls else { return false }
        case .register, .options, .message, .subscribe, .refer: break
        default: return false
        }
        if isCertified(request, on: flow) { return false }
        return !request.isInDialog && request.maxForwards != 0 && !request.headers.contains(.authorization)
            && identity.capabilities.refusal(of: request, tag: "") == nil
    }

    /// Transactions, above which strangers open none.
    private static var mostOfStrangers: Int { 10_000 }
}

extension Admission.Kind {
    fileprivate init(_ request: SIPRequest) {
        switch request.method {
        // What belongs to no call that runs is no call either.
        case .invite where !request.isInDialog: self = .call
        case .register: self = .registration
        default: self = .other
        }
    }
}
