import Crypto
import Foundation
import X509

/// A certificate and its private key.
struct Credential {
    let certificate: Certificate
    let key: Certificate.PrivateKey
}

/// How the site CA and the server's certificate are made: P-256 with SHA-256, extensions after RFC 5280 and, for names,
/// RFC 5922 (domain certificates in SIP).
enum Issuing {
    static let day: TimeInterval = 86_400
    /// Points trust it by hand, so it is meant to outlive them.
    static let authorityLifetime = 7300 * day
    /// What common clients still accept of a server.
    static let serverLifetime = 397 * day
    /// A server certificate is renewed when it has less than this left.
    static let renewalMargin = 30 * day
    /// Clocks of points may be behind.
    private static let clockTolerance = 1 * day

    static func newKey() -> Certificate.PrivateKey { Certificate.PrivateKey(P256.Signing.PrivateKey()) }

    static func authority(key: Certificate.PrivateKey, now: Date) throws -> Credential {
        let identifier = keyIdentifier(of: key.publicKey)
        let label = identifier.prefix(4).map { String(format: "%02x", $0) }.joined()
        let name = try DistinguishedName { CommonName("Causeway site CA \(label)") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: now - clockTolerance,
            notValidAfter: now + authorityLifetime, issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(keyIdentifier: identifier[...])
            }, issuerPrivateKey: key)
        return Credential(certificate: certificate, key: key)
    }

    static func server(
        names: SubjectAlternativeNames, commonName: String, key: Certificate.PrivateKey, by authority: Credential,
        now: Date
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: now - clockTolerance,
            notValidAfter: min(now + serverLifetime, authority.certificate.notValidAfter),
            issuer: authority.certificate.subject,
            // A common name has at most 64 characters; clients look at the alternative names.
            subject: try DistinguishedName { CommonName(String(commonName.prefix(64))) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                // As SIP servers, bridges open connections as well as take them.
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                names
                SubjectKeyIdentifier(keyIdentifier: keyIdentifier(of: key.publicKey)[...])
                AuthorityKeyIdentifier(keyIdentifier: keyIdentifier(of: authority.certificate.publicKey)[...])
            }, issuerPrivateKey: authority.key)
    }

    /// The leftmost 160 bits of the SHA-256 of the key (RFC 7093 §2, method 1).
    private static func keyIdentifier(of key: Certificate.PublicKey) -> [UInt8] {
        Array(SHA256.hash(data: key.subjectPublicKeyInfoBytes).prefix(20))
    }
}

extension SubjectAlternativeNames {
    /// From DNS names and numeric IP addresses; the same name is in it once.
    init(names: [String]) throws(CertificateError) {
        var seen: Set<GeneralName> = []
        var found: [GeneralName] = []
        for name in names {
            let general = try Self.generalName(name)
            if seen.insert(general).inserted { found.append(general) }
        }
        guard !found.isEmpty else { throw .noNames }
        self.init(found)
    }

    private static func generalName(_ name: String) throws(CertificateError) -> GeneralName {
        guard !name.utf8.contains(0) else { throw .badName(name) }
        var four = in_addr()
        if inet_pton(AF_INET, name, &four) == 1 {
            return .ipAddress(.init(contentBytes: withUnsafeBytes(of: four) { Array($0)[...] }))
        }
        var six = in6_addr()
        if inet_pton(AF_INET6, name, &six) == 1 {
            return .ipAddress(.init(contentBytes: withUnsafeBytes(of: six) { Array($0)[...] }))
        }
        let isPlain = name.utf8.allSatisfy { octet in
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: octet == UInt8(ascii: "-") || octet == UInt8(ascii: ".")
            }
        }
        guard isPlain, (1...253).contains(name.utf8.count), !name.hasPrefix("."), !name.hasSuffix(".") else {
            throw .badName(name)
        }
        return .dnsName(name.lowercased())
    }
}
