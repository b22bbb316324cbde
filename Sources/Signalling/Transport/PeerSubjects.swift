import NIOSSL
import X509

/// For whom a verified certificate speaks (RFC 5922 §7.1).
enum PeerSubjects {
    /// More names than this are no point's certificate.
    private static let most = 16

    /// The URIs of its `subjectAltName`, as they are written; none where it cannot be read.
    static func uris(_ certificate: NIOSSLCertificate) -> [String] {
        guard let octets = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: octets),
            let names = try? parsed.extensions.subjectAlternativeNames
        else { return [] }
        return names.prefix(most).compactMap { name in
            if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
        }
    }
}
