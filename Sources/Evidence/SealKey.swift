import Crypto
public import Foundation

/// The archive's own key: Ed25519 (RFC 8032), in the files that `openssl pkey` reads (RFC 8410).
public struct SealKey: Sendable {
    private static let privatePrefix: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let publicPrefix: [UInt8] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    private let key: Curve25519.Signing.PrivateKey

    /// The key at `path`, made there (mode 0600) where there is none.
    public static func ensure(at path: String) throws(EvidenceError) -> SealKey {
        if access(path, F_OK) == 0 {
            let text = String(decoding: try FileDigest.contents(of: path, limit: 4096), as: UTF8.self)
            guard let der = PEM.blocks(text, labelled: "PRIVATE KEY").first, der.starts(with: privatePrefix),
                let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: der.dropFirst(privatePrefix.count))
            else { throw .malformed(path: path, reason: "not an Ed25519 private key") }
            return SealKey(key: key)
        }
        let key = Curve25519.Signing.PrivateKey()
        try SafeFile.replace(
            path, with: Data(PEM.text(privatePrefix + key.rawRepresentation, labelled: "PRIVATE KEY").utf8), mode: 0o600
        )
        return SealKey(key: key)
    }

    /// For those who check: PEM.
    public var publicKey: String {
        PEM.text(Self.publicPrefix + key.publicKey.rawRepresentation, labelled: "PUBLIC KEY")
    }

    public func sign(_ data: Data) throws(EvidenceError) -> Data {
        do { return try key.signature(for: data) } catch { throw .cannotSign(reason: "\(error)") }
    }

    /// Whether one of the Ed25519 keys in a PEM text made the signature.
    static func isValid(_ signature: Data, of data: Data, by trusted: String) -> Bool {
        PEM.blocks(trusted, labelled: "PUBLIC KEY").contains { der in
            guard der.starts(with: publicPrefix),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: der.dropFirst(publicPrefix.count))
            else { return false }
            return key.isValidSignature(signature, for: data)
        }
    }
}

/// Text around DER (RFC 7468).
enum PEM {
    static func text(_ der: [UInt8], labelled label: String) -> String {
        let base64 = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(base64)\n-----END \(label)-----\n"
    }

    static func blocks(_ text: String, labelled label: String) -> [[UInt8]] {
        text.components(separatedBy: "-----BEGIN \(label)-----").dropFirst().compactMap { rest in
            guard let end = rest.range(of: "-----END \(label)-----") else { return nil }
            return Data(base64Encoded: String(rest[..<end.lowerBound]), options: .ignoreUnknownCharacters).map(
                Array.init)
        }
    }
}
