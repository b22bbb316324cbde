import COpenSSL

/// The session keys of RTP or of RTCP, derived from a master key (RFC 3711 §4.3, RFC 6188 §3, RFC 7714 §11).
struct SessionKeys {
    enum Use: UInt8 {
        case rtp = 0
        case rtcp = 3
    }

    let suite: SRTPSuite
    let encryption: [UInt8]
    /// Empty where the cipher authenticates.
    let authentication: [UInt8]
    let salt: [UInt8]

    /// Derives from `master`; the key derivation rate is 0, as everywhere (RFC 4568 §6.3.1 leaves it to be agreed).
    init(_ master: SRTPMasterKey, for use: Use) throws(SRTPError) {
        let suite = master.suite
        let key = Array(master.keyAndSalt[..<suite.keyLength])
        // A 96-bit salt is the high part of the 112-bit one that the derivation takes (RFC 7714 §11).
        let salt = Array(master.keyAndSalt[suite.keyLength...]) + Array(repeating: 0, count: 14 - suite.saltLength)
        func derive(_ label: UInt8, _ count: Int) throws(SRTPError) -> [UInt8] {
            try Self.pseudoRandom(key: key, salt: salt, label: use.rawValue + label, count: count)
        }
        encryption = try derive(0, suite.keyLength)
        authentication = suite.isAEAD ? [] : try derive(1, 20)
        self.salt = try derive(2, suite.saltLength)
        self.suite = suite
    }

    /// Session keys as a published vector gives them.
    init(suite: SRTPSuite, encryption: [UInt8], authentication: [UInt8], salt: [UInt8]) {
        self.suite = suite
        self.encryption = encryption
        self.authentication = authentication
        self.salt = salt
    }

    /// AES in counter mode over zeros (RFC 3711 §4.3.3). The salt is 14 bytes.
    private static func pseudoRandom(
        key: [UInt8], salt: [UInt8], label: UInt8, count: Int
    ) throws(SRTPError) -> [UInt8] {
        let cipher = key.count == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr()
        guard let context = EVP_CIPHER_CTX_new() else {
            throw .libraryRefused(.openSSL, operation: "a cipher context")
        }
        defer { EVP_CIPHER_CTX_free(context) }
        var counter = salt + [0, 0]
        counter[7] ^= label
        let zeros = [UInt8](repeating: 0, count: count)
        var out = [UInt8](repeating: 0, count: count)
        var written: Int32 = 0
        guard EVP_EncryptInit_ex(context, cipher, nil, key, counter) == 1,
            EVP_EncryptUpdate(context, &out, &written, zeros, Int32(count)) == 1, Int(written) == count
        else { throw .libraryRefused(.openSSL, operation: "the key derivation") }
        return out
    }
}
