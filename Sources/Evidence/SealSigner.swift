import CSeal
import Crypto
import Foundation

/// Who signed a seal, as the package itself says: `seal/signer.pem`. Whether they may is another question (`PackageInspection`).
public struct SealSigner: Sendable, Equatable {
    /// Of the certificate (RFC 4514); nil where a key of the archive's own signed.
    public var subject: String?
    /// SHA-256 of the certificate, or of the public key, in DER: lower-case hexadecimal.
    public var fingerprint: String

    /// Nil where the text has neither in PEM.
    public init?(pem: String) {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard let begin = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN ") }),
            let end = lines[begin...].firstIndex(where: { $0.hasPrefix("-----END ") }),
            let der = Data(base64Encoded: lines[lines.index(after: begin)..<end].joined())
        else { return nil }
        fingerprint = Hex.sha256(der)
        guard lines[begin].contains("CERTIFICATE") else { return }
        let text = pem
        let (data, _) = Foreign.data { out, length, reason in
            cs_certificate_subject(text, text.utf8.count, out, length, reason)
        }
        guard let data else { return nil }
        subject = String(decoding: data, as: UTF8.self)
    }
}
