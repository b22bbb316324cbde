import SIP

/// Invitations: bearer tokens (RFC 8898) that stand for one point in one room.
extension UserAgentCore {
    /// What an invitation is good for, in its room. It registers nobody, and has nobody else called.
    private static var invited: Set<SIPMethod> {
        [.invite, .ack, .bye, .cancel, .options, .message, .subscribe, .info, .update, .prack]
    }

    /// The name of the point that the request's invitation stands for; nil when it does not, and the request was answered.
    mutating func redeem(
        _ token: String, of request: SIPRequest, _ id: ServerTransactionID, on flow: Flow, at now: SIPInstant
    ) -> String? {
        guard flow.transport.isSecure else {
            refuse(request, id, 403, "An invitation must come over TLS", at: now)
            return nil
        }
        var refusal = SIPHeaders()
        // No authorization server is named (RFC 8898 §4): people give these out, by other ways.
        refusal[.wwwAuthenticate] = "Bearer realm=\"\(settings.domain)\", error=\"invalid_token\""
        switch settings.redeem(token) {
        case .granted(let username, let room):
            let user = request.uri.user
            guard Self.invited.contains(request.method),
                user == room || user.map(settings.openRooms.contains) ?? false
            else {
                refuse(request, id, 403, "The invitation is not good for this", at: now)
                return nil
            }
            addresses.prove(flow, for: settings.limits.trust, at: now)
            return username
        case .expired:
            refuse(request, id, 401, "The invitation has expired", headers: refusal, at: now)
        case .invalid:
            wrong("an invitation", request, id, challenging: refusal, on: flow, at: now)
        }
        return nil
    }
}

extension SIPRequest {
    /// The token of RFC 6750 §2.1 in an Authorization header, if there is one.
    var bearerToken: String? {
        for value in headers.values(.authorization) {
            let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            if parts.count == 2, parts[0].lowercased() == "bearer" { return String(parts[1]) }
        }
        return nil
    }
}
