import COpenSSL

/// The ciphers of one direction of RTP or RTCP by OpenSSL's EVP, with the keys set: each packet sets a vector only.
/// A pair of raw pointers without reference counting: whoever made it frees it once.
struct OpenSSLTransform {
    private let cipher: OpaquePointer
    /// Keyed state of HMAC-SHA1; nil where the cipher authenticates.
    private let hmac: UnsafeMutablePointer<causeway_hmac_sha1>?
    let salt: SessionSalt

    init(_ keys: SessionKeys, encrypting: Bool) throws(SRTPError) {
        guard let context = EVP_CIPHER_CTX_new() else {
            throw .libraryRefused(.openSSL, operation: "a cipher context")
        }
        let algorithm =
            switch keys.suite {
            case .aes128CMSHA1_80, .aes128CMSHA1_32: EVP_aes_128_ctr()
            case .aes256CMSHA1_80: EVP_aes_256_ctr()
            case .aeadAES128GCM: EVP_aes_128_gcm()
            case .aeadAES256GCM: EVP_aes_256_gcm()
            }
        // Counter mode encrypts in both directions.
        let direction: Int32 = encrypting || !keys.suite.isAEAD ? 1 : 0
        guard EVP_CipherInit_ex(context, algorithm, nil, keys.encryption, nil, direction) == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw .libraryRefused(.openSSL, operation: "the cipher of \(keys.suite.sdesName)")
        }
        cipher = context
        if keys.suite.isAEAD {
            hmac = nil
        } else {
            let state = UnsafeMutablePointer<causeway_hmac_sha1>.allocate(capacity: 1)
            causeway_hmac_sha1_init(state, keys.authentication, keys.authentication.count)
            hmac = state
        }
        salt = SessionSalt(keys.salt)
    }

    func free() {
        EVP_CIPHER_CTX_free(cipher)
        if let hmac {
            OPENSSL_cleanse(hmac, MemoryLayout<causeway_hmac_sha1>.size)
            hmac.deallocate()
        }
    }

    /// Encrypts or decrypts `length` bytes at `data` in counter mode; `vector` has 16 bytes.
    @inline(__always)
    func applyCounterMode(_ vector: UnsafePointer<UInt8>, _ data: UnsafeMutablePointer<UInt8>, length: Int) -> Bool {
        var written: Int32 = 0
        guard EVP_CipherInit_ex(cipher, nil, nil, nil, vector, -1) == 1 else { return false }
        return length == 0 || EVP_CipherUpdate(cipher, data, &written, data, Int32(truncatingIfNeeded: length)) == 1
    }

    /// Writes the 20 bytes of HMAC-SHA1 over the message and the big-endian `suffix`, if there is one.
    @inline(__always)
    func computeTag(
        _ message: UnsafePointer<UInt8>, length: Int, suffix: UInt32?, to tag: UnsafeMutablePointer<UInt8>
    ) {
        guard let hmac else { return }
        var bytes = (suffix ?? 0).bigEndian
        withUnsafeBytes(of: &bytes) {
            causeway_hmac_sha1_tag(
                hmac, message, length, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), suffix == nil ? 0 : 4, tag)
        }
    }

    /// Authenticates `header` and then `trailer`, encrypts `length` bytes at `data` and writes the 16 bytes of tag.
    @inline(__always)
    func seal(
        _ nonce: UnsafePointer<UInt8>, header: UnsafeRawBufferPointer, trailer: UInt32?,
        _ data: UnsafeMutablePointer<UInt8>, length: Int, tag: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var written: Int32 = 0
        return run(nonce, header: header, trailer: trailer, data, length: length)
            && EVP_CipherFinal_ex(cipher, tag, &written) == 1
            && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1
    }

    /// The reverse of ``seal``: false when the tag does not match.
    @inline(__always)
    func open(
        _ nonce: UnsafePointer<UInt8>, header: UnsafeRawBufferPointer, trailer: UInt32?,
        _ data: UnsafeMutablePointer<UInt8>, length: Int, tag: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var written: Int32 = 0
        return run(nonce, header: header, trailer: trailer, data, length: length)
            && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1
            && EVP_CipherFinal_ex(cipher, tag, &written) == 1
    }

    @inline(__always)
    private func run(
        _ nonce: UnsafePointer<UInt8>, header: UnsafeRawBufferPointer, trailer: UInt32?,
        _ data: UnsafeMutablePointer<UInt8>, length: Int
    ) -> Bool {
        var written: Int32 = 0
        guard EVP_CipherInit_ex(cipher, nil, nil, nil, nonce, -1) == 1,
            EVP_CipherUpdate(
                cipher, nil, &written, header.baseAddress?.assumingMemoryBound(to: UInt8.self),
                Int32(truncatingIfNeeded: header.count)) == 1
        else { return false }
        if let trailer {
            var bytes = trailer.bigEndian
            let taken = withUnsafeBytes(of: &bytes) {
                EVP_CipherUpdate(cipher, nil, &written, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), 4)
            }
            guard taken == 1 else { return false }
        }
        return length == 0 || EVP_CipherUpdate(cipher, data, &written, data, Int32(truncatingIfNeeded: length)) == 1
    }
}
