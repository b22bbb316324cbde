/// The hash functions that digest authentication needs; this module has none of its own.
public struct DigestHashes: Sendable {
    public var md5: @Sendable ([UInt8]) -> [UInt8]
    public var sha256: @Sendable ([UInt8]) -> [UInt8]

    public init(md5: @escaping @Sendable ([UInt8]) -> [UInt8], sha256: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        self.md5 = md5
        self.sha256 = sha256
    }

    /// Lower-case hexadecimal, as digests are written.
    func hex(_ algorithm: DigestAlgorithm, _ text: String) -> String {
        let octets = Array(text.utf8)
        return Hexadecimal.text(algorithm == .md5 ? md5(octets) : sha256(octets))
    }
}

/// A digest algorithm (RFC 7616 §6.1, RFC 8760 §2.1).
public enum DigestAlgorithm: String, Hashable, Sendable, CaseIterable {
    case sha256 = "SHA-256"
    case md5 = "MD5"

    init?(name: String) {
        guard let match = Self.allCases.first(where: { $0.rawValue.equalsIgnoringCase(name) }) else { return nil }
        self = match
    }
}

/// What proves who somebody is: a password, or H(username:realm:password) in hexadecimal for each algorithm that is
/// known.
public enum DigestSecret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    case password(String)
    case ha1(md5: String?, sha256: String?)

    /// H(A1) of RFC 7616 §3.4.2; nil if only the other algorithm's is known.
    func ha1(_ algorithm: DigestAlgorithm, username: String, realm: String, _ hashes: DigestHashes) -> String? {
        switch self {
        case .password(let password): hashes.hex(algorithm, "\(username):\(realm):\(password)")
        case .ha1(let md5, let sha256): (algorithm == .md5 ? md5 : sha256)?.asciiLowercased
        }
    }

    public var description: String { "DigestSecret(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
