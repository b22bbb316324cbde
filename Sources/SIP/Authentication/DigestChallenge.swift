/// What WWW-Authenticate and Proxy-Authenticate carry (RFC 3261 §22.4, RFC 7616 §3.3).
public struct DigestChallenge: Hashable, Sendable {
    public var realm: String
    public var nonce: String
    public var algorithm: DigestAlgorithm
    /// The server takes `qop=auth`.
    public var offersAuth: Bool
    /// Only the nonce was old: the same secret will do.
    public var isStale: Bool
    public var opaque: String?

    public init(
        realm: String, nonce: String, algorithm: DigestAlgorithm, offersAuth: Bool = true, isStale: Bool = false,
        opaque: String? = nil
    ) {
        self.realm = realm
        self.nonce = nonce
        self.algorithm = algorithm
        self.offersAuth = offersAuth
        self.isStale = isStale
        self.opaque = opaque
    }

    /// - Throws: also for an algorithm or a qop that this side cannot answer.
    public init(parsing text: String) throws(SIPSyntaxError) {
        let fields = try DigestFields(parsing: text)
        guard let realm = fields["realm"], let nonce = fields["nonce"] else {
            throw SIPSyntaxError("a challenge lacks realm or nonce")
        }
        guard let algorithm = DigestAlgorithm(name: fields["algorithm"] ?? "MD5") else {
            throw SIPSyntaxError("the Digest algorithm is unknown")
        }
        let qops = fields["qop"].map { TextScanner.commaSeparated($0.asciiLowercased) }
        guard qops?.contains("auth") ?? true else { throw SIPSyntaxError("a challenge wants a qop other than auth") }
        self.init(
            realm: realm, nonce: nonce, algorithm: algorithm, offersAuth: qops != nil,
            isStale: fields["stale"]?.equalsIgnoringCase("true") ?? false, opaque: fields["opaque"])
    }

    /// The header's value.
    public var headerValue: String {
        var text = "Digest realm=\(TextScanner.quoted(realm)), nonce=\(TextScanner.quoted(nonce))"
        text += ", algorithm=\(algorithm.rawValue)"
        if offersAuth { text += ", qop=\"auth\"" }
        if let opaque { text += ", opaque=\(TextScanner.quoted(opaque))" }
        if isStale { text += ", stale=true" }
        return text
    }

    /// The challenge to answer of those that a 401 or 407 holds: the first that this side can (RFC 8760 §2.4).
    public static func choose(from response: SIPResponse) -> DigestChallenge? {
        let name: SIPHeaderName = response.status == 407 ? .proxyAuthenticate : .wwwAuthenticate
        for value in response.headers.values(name) {
            if let challenge = try? DigestChallenge(parsing: value) { return challenge }
        }
        return nil
    }

    /// Answers the challenge as a client (RFC 7616 §3.4); nil if the secret does not serve for the algorithm.
    /// - Parameter nonceCount: how often the nonce has been used, this time included.
    public func answer(
        method: SIPMethod, uri: String, username: String, secret: DigestSecret, clientNonce: String,
        nonceCount: UInt32 = 1, hashes: DigestHashes
    ) -> DigestCredentials? {
        guard let ha1 = secret.ha1(algorithm, username: username, realm: realm, hashes) else { return nil }
        var credentials = DigestCredentials(
            username: username, realm: realm, nonce: nonce, uri: uri, response: "", algorithm: algorithm,
            qop: offersAuth ? "auth" : nil, clientNonce: offersAuth ? clientNonce : nil,
            nonceCount: offersAuth ? nonceCount : nil, opaque: opaque)
        credentials.response = credentials.expectedResponse(ha1: ha1, method: method, hashes)
        return credentials
    }
}
