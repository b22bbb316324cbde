import SIP

/// Texts that hold a URI or an address.
enum SIPURITarget {
    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        let text = String(decoding: octets, as: UTF8.self)
        if let uri = try? URI(parsing: text) {
            guard let again = try? URI(parsing: uri.description) else {
                throw FuzzFinding(description: "\(uri) cannot be read again")
            }
            try require(again == uri, "\(uri) changes to \(again)")
            try require(
                uri.isEquivalent(to: again) && again.isEquivalent(to: uri), "\(uri) is not equivalent to itself")
            _ = (uri.user, uri.host, uri.sip?.isLooseRouter, uri.sip?.hasPassword)
            if var sip = uri.sip, let user = sip.user, !user.isEmpty {
                // What a user means survives being written anew.
                sip.user = user
                try require((try? URI(parsing: sip.description))?.user == user, "the user of \(uri) changes")
            }
        }
        if let address = try? NameAddress(parsing: text) {
            try require((try? NameAddress(parsing: address.description)) == address, "\(address) changes")
        }
        if let via = try? Via(parsing: text) {
            try require((try? Via(parsing: via.description)) == via, "\(via) changes")
            _ = (via.sentBy, via.rport, via.hasUniqueBranch)
        }
        if let cseq = try? CSeq(parsing: text) {
            try require((try? CSeq(parsing: cseq.description)) == cseq, "\(cseq) changes")
        }
        if let type = try? MediaType(parsing: text) {
            try require((try? MediaType(parsing: type.description)) == type, "\(type) changes")
        }
        if let expires = try? SessionExpires(parsing: text) {
            try require((try? SessionExpires(parsing: expires.description)) == expires, "\(expires) changes")
        }
        if let reason = try? SIPReason(parsing: text) {
            try require((try? SIPReason(parsing: reason.description)) == reason, "\(reason) changes")
        }
    }
}

/// Challenges and credentials, and the check of credentials.
enum DigestTarget {
    /// No hashes, but as good for finding what hashes are asked of.
    static let hashes = DigestHashes(md5: { sum($0, 16) }, sha256: { sum($0, 32) })

    private static func sum(_ octets: [UInt8], _ size: Int) -> [UInt8] {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in octets { state = (state ^ UInt64(octet)) &* 0x100_0000_01B3 }
        return (0..<size).map { UInt8(truncatingIfNeeded: state >> UInt64($0 % 8 * 8)) }
    }

    private static let epoch = SIPInstant.now

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        let text = String(decoding: octets, as: UTF8.self)
        if let challenge = try? DigestChallenge(parsing: text) {
            try require((try? DigestChallenge(parsing: challenge.headerValue)) == challenge, "a challenge changes")
            let answer = challenge.answer(
                method: .invite, uri: "sip:a@b", username: "u", secret: .password("p"), clientNonce: "c", hashes: hashes
            )
            try require(
                answer.flatMap { try? DigestCredentials(parsing: $0.headerValue) } == answer, "an answer changes")
        }
        guard let credentials = try? DigestCredentials(parsing: text) else { return }
        // A qop without a cnonce, or a count without a qop, is not written again.
        if (credentials.qop == nil) == (credentials.clientNonce == nil),
            credentials.qop?.contains(where: \.isWhitespace) != true,
            (credentials.qop == nil) == (credentials.nonceCount == nil)
        {
            let again = try? DigestCredentials(parsing: credentials.headerValue)
            try require(again == credentials, "credentials change: \(credentials.headerValue)")
        }
        try verify(text)
    }

    private static func verify(_ text: String) throws(FuzzFinding) {
        var authenticator = DigestAuthenticator(
            configuration: .init(realm: "r"), hashes: hashes, epoch: epoch,
            random: { [UInt8](repeating: 7, count: $0) })
        guard let uri = try? URI(parsing: "sip:h"), let user = try? URI(parsing: "sip:a@h") else { return }
        let request = SIPRequest(
            method: .register, uri: uri, from: NameAddress(user), to: NameAddress(user), callID: "c", sequence: 1,
            headers: SIPHeaders([.init(.authorization, text)]))
        let verdict = authenticator.verify(request, at: epoch + .seconds(1)) { _ in .password("secret") }
        if case .authenticated = verdict { throw FuzzFinding(description: "a guess authenticates") }
    }
}
