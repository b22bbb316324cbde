import Crypto
import Foundation

/// How an encrypted file lies on the disk: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015), as in age.
///
///     "CWCRYPT1"  salt (32 octets)  segment*
///
/// Each segment is 65,536 octets, the last 1 to 65,536 (0 where the whole file is empty), encrypted by AES-256-GCM with its tag of 16
/// octets behind it. Its nonce is its number (11 octets, big-endian, from 0) and whether it is the last (1 octet, 1 or 0), so that
/// none can be changed, moved, left out, put in or cut off. The key is HKDF-SHA-256 of the meeting's key, with the salt, and
/// "causeway-file/1 NAME" as its information; no two files share one, and none opens under another's name.
enum CipherFileFormat {
    static let magic = Array("CWCRYPT1".utf8)
    static let saltOctets = 32
    static let headerOctets = 40
    static let segmentOctets = 1 << 16
    static let tagOctets = 16
    static let sealedOctets = segmentOctets + tagOctets
    static let nonceOctets = 12
    /// With one key, as NIST SP 800-38D would have it for nonces that were drawn; here they are counted, and 256 TiB are enough.
    static let mostSegments: Int64 = 1 << 32

    static func key(_ content: ContentKey, salt: some DataProtocol, name: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: content.key, salt: Data(salt), info: Data("causeway-file/1 \(name)".utf8),
            outputByteCount: 32)
    }

    static func nonce(_ segment: Int64, isLast: Bool) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: nonceOctets)
        for octet in 0..<8 { nonce[10 - octet] = UInt8(truncatingIfNeeded: segment >> Int64(8 * octet)) }
        nonce[11] = isLast ? 1 : 0
        return nonce
    }
}

/// Where the segments of a file of some length lie.
struct SegmentMap: Equatable {
    /// At least 1.
    let segments: Int64
    /// Clear octets, of all and of the last segment.
    let octets: Int64
    let lastOctets: Int

    /// Nil where no encrypted file has this length.
    init?(fileOctets: Int64) {
        guard fileOctets >= Int64(CipherFileFormat.headerOctets + CipherFileFormat.tagOctets) else { return nil }
        let body = fileOctets - Int64(CipherFileFormat.headerOctets)
        let sealed = Int64(CipherFileFormat.sealedOctets)
        segments = (body - 1) / sealed + 1
        let last = body - (segments - 1) * sealed - Int64(CipherFileFormat.tagOctets)
        guard segments <= CipherFileFormat.mostSegments, last >= (segments == 1 ? 0 : 1) else { return nil }
        lastOctets = Int(last)
        octets = (segments - 1) * Int64(CipherFileFormat.segmentOctets) + last
    }

    func isLast(_ segment: Int64) -> Bool { segment == segments - 1 }

    /// In the file.
    func offset(of segment: Int64) -> Int64 {
        Int64(CipherFileFormat.headerOctets) + segment * Int64(CipherFileFormat.sealedOctets)
    }

    /// Clear octets of one.
    func octets(of segment: Int64) -> Int { isLast(segment) ? lastOctets : CipherFileFormat.segmentOctets }
}
