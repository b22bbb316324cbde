import CLibSSL

/// A key and its self-signed certificate (ECDSA on P-256), which peers know by its fingerprint (RFC 5763 §3). One serves
/// all associations of a process.
public final class DTLSIdentity: Sendable {
    /// For the `a=fingerprint` line of descriptions.
    public let fingerprint: DTLSFingerprint
    // OpenSSL counts references of both atomically, and neither is changed any more.
    nonisolated(unsafe) let certificate: OpaquePointer
    nonisolated(unsafe) let key: OpaquePointer

    /// Makes a new key. The period in which the certificate is valid is in seconds since 1970; peers that look at it have
    /// clocks of their own, so it had better begin a day ago.
    public init(validFrom: Int, until: Int) throws(DTLSSetupError) {
        guard let key = causeway_ec_p256_key() else { throw .libraryRefused("a key on P-256") }
        guard let certificate = X509_new() else {
            EVP_PKEY_free(key)
            throw .libraryRefused("a certificate")
        }
        guard Self.fill(certificate, key: key, validFrom: validFrom, until: until),
            let fingerprint = DTLSFingerprint(.sha256, of: certificate)
        else {
            X509_free(certificate)
            EVP_PKEY_free(key)
            throw .libraryRefused("signing a certificate")
        }
        self.certificate = certificate
        self.key = key
        self.fingerprint = fingerprint
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    private static func fill(_ certificate: OpaquePointer, key: OpaquePointer, validFrom: Int, until: Int) -> Bool {
        var serial: UInt64 = 0
        let name = X509_get_subject_name(certificate)
        return withUnsafeMutableBytes(of: &serial) { RAND_bytes($0.baseAddress, 8) == 1 }
            && X509_set_version(certificate, 2) == 1
            // A serial number is positive (RFC 5280 §4.1.2.2).
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1
            && ASN1_TIME_set(X509_getm_notBefore(certificate), validFrom) != nil
            && ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nil
            && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "causeway", -1, -1, 0) == 1
            && X509_set_issuer_name(certificate, name) == 1
            && X509_set_pubkey(certificate, key) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
    }
}

/// Why DTLS could not be set up.
public enum DTLSSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No suite that DTLS-SRTP has a profile for was configured.
    case noSuite
    /// A peer's description has no fingerprint of a hash that is known.
    case noFingerprint
    case libraryRefused(String)

    public var description: String {
        switch self {
        case .noSuite: "DTLS-SRTP needs a suite that it has a profile for"
        case .noFingerprint: "a peer's description has no fingerprint of a hash that is known"
        case .libraryRefused(let what): "OpenSSL refused \(what)"
        }
    }
}
