/// What Authorization and Proxy-Authorization carry (RFC 3261 §22.4, RFC 7616 §3.4).
public struct DigestCredentials: Hashable, Sendable, CustomStringConvertible {
    public var username: String
    public var realm: String
    public var nonce: String
    public var uri: String
    public var response: String
    /// MD5 where the header names none.
    public var algorithm: DigestAlgorithm
    /// `auth`, or nil for a client by RFC 2069.
    public var qop: String?
    public var clientNonce: String?
    /// How often the client has used the nonce.
    public var nonceCount: UInt32?
    public var opaque: String?

    public init(parsing text: String) throws(SIPSyntaxError) {
        try self.init(try DigestFields(parsing: text))
    }

    init(_ fields: DigestFields) throws(SIPSyntaxError) {
        func need(_ name: String) throws(SIPSyntaxError) -> String {
            guard let value = fields[name] else { throw SIPSyntaxError("Digest lacks \(name)") }
            return value
        }
        username = try need("username")
        realm = try need("realm")
        nonce = try need("nonce")
        uri = try need("uri")
        response = try need("response")
        let name = fields["algorithm"] ?? "MD5"
        guard let algorithm = DigestAlgorithm(name: name) else {
            throw SIPSyntaxError("the Digest algorithm is unknown")
        }
        self.algorithm = algorithm
        qop = fields["qop"]?.asciiLowercased
        guard qop?.isToken != false else { throw SIPSyntaxError("Digest's qop is malformed") }
        clientNonce = fields["cnonce"]
        opaque = fields["opaque"]
        if let text = fields["nc"] {
            guard text.utf8.count == 8, text.utf8.allSatisfy({ $0.hexValue != nil }),
                let count = UInt32(text, radix: 16)
            else {
                throw SIPSyntaxError("Digest's nc is malformed")
            }
            nonceCount = count
        }
    }

    init(
        username: String, realm: String, nonce: String, uri: String, response: String, algorithm: DigestAlgorithm,
        qop: String?, clientNonce: String?, nonceCount: UInt32?, opaque: String?
    ) {
        self.username = username
        self.realm = realm
        self.nonce = nonce
        self.uri = uri
        self.response = response
        self.algorithm = algorithm
        self.qop = qop
        self.clientNonce = clientNonce
        self.nonceCount = nonceCount
        self.opaque = opaque
    }

    /// The response that the secret's owner would give (RFC 7616 §3.4.1).
    func expectedResponse(ha1: String, method: SIPMethod, _ hashes: DigestHashes) -> String {
        let ha2 = hashes.hex(algorithm, "\(method.rawValue):\(uri)")
        guard let qop else { return hashes.hex(algorithm, "\(ha1):\(nonce):\(ha2)") }
        let count = Self.countText(nonceCount ?? 0)
        return hashes.hex(algorithm, "\(ha1):\(nonce):\(count):\(clientNonce ?? ""):\(qop):\(ha2)")
    }

    static func countText(_ count: UInt32) -> String {
        let digits = String(count, radix: 16)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }

    /// The header's value.
    public var headerValue: String {
        var text = "Digest username=\(TextScanner.quoted(username)), realm=\(TextScanner.quoted(realm))"
        text += ", nonce=\(TextScanner.quoted(nonce)), uri=\(TextScanner.quoted(uri))"
        text += ", response=\(TextScanner.quoted(response)), algorithm=\(algorithm.rawValue)"
        if let qop, let clientNonce {
            text += ", qop=\(qop), cnonce=\(TextScanner.quoted(clientNonce)), nc=\(Self.countText(nonceCount ?? 1))"
        }
        if let opaque { text += ", opaque=\(TextScanner.quoted(opaque))" }
        return text
    }

    public var description: String { "DigestCredentials(\(username) at \(realm), \(algorithm.rawValue))" }
}
