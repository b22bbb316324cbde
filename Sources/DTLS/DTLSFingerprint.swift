import CLibSSL

/// The hash of a certificate by which a description vouches for it (RFC 8122 §5).
public struct DTLSFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// In the order of their strength. SHA-1 is there for old peers; MD5 and MD2 must not be used.
    public enum Hash: String, CaseIterable, Hashable, Sendable, Comparable {
        case sha1 = "sha-1"
        case sha224 = "sha-224"
        case sha256 = "sha-256"
        case sha384 = "sha-384"
        case sha512 = "sha-512"

        /// Octets.
        public var length: Int {
            switch self {
            case .sha1: 20
            case .sha224: 28
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }

        public static func < (one: Self, other: Self) -> Bool { one.length < other.length }

        var digest: OpaquePointer? {
            switch self {
            case .sha1: EVP_sha1()
            case .sha224: EVP_sha224()
            case .sha256: EVP_sha256()
            case .sha384: EVP_sha384()
            case .sha512: EVP_sha512()
            }
        }
    }

    public let hash: Hash
    public let octets: [UInt8]

    /// The value of an `a=fingerprint` line: `sha-256 12:DF:3E:…`; nil for one that is malformed or of another hash.
    public init?(_ attribute: String) {
        let parts = attribute.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, let hash = Hash(rawValue: parts[0].lowercased()) else { return nil }
        let pairs = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        let octets = pairs.compactMap { pair in
            pair.utf8.count == 2 && pair.allSatisfy(\.isHexDigit) ? UInt8(pair, radix: 16) : nil
        }
        guard octets.count == pairs.count, octets.count == hash.length else { return nil }
        self.hash = hash
        self.octets = octets
    }

    /// Of a certificate; nil where the library cannot.
    init?(_ hash: Hash, of certificate: OpaquePointer) {
        var octets = [UInt8](repeating: 0, count: hash.length)
        var length: UInt32 = 0
        guard X509_digest(certificate, hash.digest, &octets, &length) == 1, Int(length) == hash.length else {
            return nil
        }
        self.hash = hash
        self.octets = octets
    }

    /// The value of its `a=fingerprint` line.
    public var description: String {
        let digits = Array("0123456789ABCDEF")
        return hash.rawValue + " "
            + octets.map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined(separator: ":")
    }
}
