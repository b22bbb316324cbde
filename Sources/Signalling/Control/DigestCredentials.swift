import Crypto

/// What a point proves that it knows: H(username:realm:password) for both digest algorithms (RFC 7616 §3.4.2, RFC 8760).
public struct DigestCredentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Lower-case hexadecimal; nil where only the other is stored.
    public let ha1MD5: String?
    public let ha1SHA256: String?

    public init(ha1MD5: String?, ha1SHA256: String?) {
        self.ha1MD5 = ha1MD5?.lowercased()
        self.ha1SHA256 = ha1SHA256?.lowercased()
    }

    public init(username: String, realm: String, password: String) {
        let secret = "\(username):\(realm):\(password)"
        ha1MD5 = Self.hexadecimal(Insecure.MD5.hash(data: Array(secret.utf8)))
        ha1SHA256 = Self.hexadecimal(SHA256.hash(data: Array(secret.utf8)))
    }

    public var description: String { "DigestCredentials(redacted)" }
    public var debugDescription: String { description }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
