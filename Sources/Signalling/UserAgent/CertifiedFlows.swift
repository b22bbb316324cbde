import SIP

/// What points proved by the certificates of their connections (RFC 5922 §7): on which flow who need not know a password.
struct CertifiedFlows {
    private var usernames: [Flow: Set<String>] = [:]

    /// A flow's peer showed a certificate for these URIs; those of points of `domain` count.
    mutating func certify(_ subjects: [String], domain: String, on flow: Flow) {
        let users = subjects.compactMap { text -> String? in
            guard let uri = (try? URI(parsing: text))?.sip, uri.host.lowercased() == domain.lowercased() else {
                return nil
            }
            return uri.user
        }
        usernames[flow] = users.isEmpty ? nil : Set(users)
    }

    func proves(_ username: String, on flow: Flow) -> Bool { usernames[flow]?.contains(username) == true }

    mutating func forget(_ flow: Flow) { usernames[flow] = nil }
}
