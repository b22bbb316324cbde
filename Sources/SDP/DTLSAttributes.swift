/// A hash of a certificate by which its holder is known (RFC 8122 §5). MD5 and SHA-1, which can be forged, are not among
/// them.
public enum FingerprintHash: String, Sendable, Hashable, CaseIterable {
    case sha256 = "sha-256"
    case sha384 = "sha-384"
    case sha512 = "sha-512"

    /// Octets.
    public var length: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}

/// `a=fingerprint` (RFC 8122 §5).
public struct DTLSFingerprint: Sendable, Hashable {
    public let hash: FingerprintHash
    public let digest: [UInt8]

    /// nil unless the digest has the hash's length.
    public init?(hash: FingerprintHash, digest: [UInt8]) {
        guard digest.count == hash.length else { return nil }
        self.hash = hash
        self.digest = digest
    }

    /// nil when malformed, or of a hash that is not trusted.
    public init?(parsing value: String) {
        let words = value.words
        guard words.count == 2, let hash = FingerprintHash(rawValue: words[0].lowercased()) else { return nil }
        var digest: [UInt8] = []
        for part in words[1].parts(at: UInt8(ascii: ":")) {
            guard part.utf8.count == 2, part.utf8.first != UInt8(ascii: "+"), let octet = UInt8(part, radix: 16),
                digest.count < hash.length
            else { return nil }
            digest.append(octet)
        }
        self.init(hash: hash, digest: digest)
    }

    public var value: String {
        let octets = digest.map { octet in (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true) }
        return "\(hash.rawValue) \(octets.joined(separator: ":"))"
    }
}

/// `a=setup`: who begins the handshake (RFC 4145 §4, RFC 8842 §5.2).
public enum DTLSSetup: String, Sendable, Hashable {
    case active, passive, actpass, holdconn
}

/// Who we are in the handshake.
public enum DTLSRole: Sendable, Hashable {
    /// We begin it.
    case client
    case server

    /// As we write it in an answer.
    var setup: DTLSSetup { self == .client ? .active : .passive }
}

/// What a description says of DTLS for one m-line (RFC 8842 §5).
struct PeerDTLS: Equatable {
    /// Of the strongest hash that is given: the certificate must have one of them (RFC 8122 §5.1).
    var fingerprints: [DTLSFingerprint]
    /// Active where nothing is said (RFC 4145 §4.1).
    var setup: DTLSSetup
    /// Of the association, where the peer names it (RFC 8842 §5.3).
    var tlsID: String?

    static let maximumFingerprints = 16

    /// nil without `a=fingerprint`. `tagged` is the m-line of the BUNDLE that has the transport's attributes, if not this.
    init?(
        _ media: MediaDescription, tagged: MediaDescription?, of session: SessionDescription
    ) throws(NegotiationError) {
        let levels = [media.attributes, tagged?.attributes ?? [], session.attributes]
        guard let values = levels.lazy.map({ $0.all("fingerprint") }).first(where: { !$0.isEmpty }) else { return nil }
        let known = values.prefix(Self.maximumFingerprints).compactMap { DTLSFingerprint(parsing: $0) }
        guard let strongest = known.map(\.hash).max(by: { $0.length < $1.length }) else {
            throw .noUsableFingerprint
        }
        fingerprints = known.filter { $0.hash == strongest }
        let text = levels.lazy.compactMap { $0.first("setup") }.first
        guard let setup = text.map({ DTLSSetup(rawValue: $0.lowercased()) }) ?? .active, setup != .holdconn else {
            throw .unusableSetup(text ?? "")
        }
        self.setup = setup
        tlsID = levels.lazy.compactMap { $0.first("tls-id") }.first
    }
}
