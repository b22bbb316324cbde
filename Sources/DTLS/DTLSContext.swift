import CLibSSL

/// What associations are made from: an identity and a configuration, as OpenSSL wants them. One serves a process; it may
/// be used on any thread.
public final class DTLSContext: Sendable {
    public let identity: DTLSIdentity
    public let configuration: DTLSConfiguration
    // OpenSSL locks what associations share of it, and it is not configured any more.
    nonisolated(unsafe) let pointer: OpaquePointer

    public init(_ identity: DTLSIdentity, _ configuration: DTLSConfiguration = .init()) throws(DTLSSetupError) {
        let profiles = configuration.suites.compactMap(\.dtlsProfile?.name)
        guard !profiles.isEmpty else { throw .noSuite }
        guard let pointer = SSL_CTX_new(DTLS_method()) else { throw .libraryRefused("a context") }
        guard causeway_dtls_only_1_2(pointer) == 1,
            // Forward secrecy and AEAD; every peer of WebRTC has one of them (RFC 8827 §6.5). `DTLSRecords` counts on GCM.
            SSL_CTX_set_cipher_list(pointer, "ECDHE+AESGCM:!aNULL") == 1,
            SSL_CTX_use_certificate(pointer, identity.certificate) == 1,
            SSL_CTX_use_PrivateKey(pointer, identity.key) == 1,
            // 0 is success here.
            SSL_CTX_set_tlsext_use_srtp(pointer, profiles.joined(separator: ":")) == 0
        else {
            SSL_CTX_free(pointer)
            throw .libraryRefused("certificate, ciphers or SRTP profiles")
        }
        causeway_dtls_restrict(pointer, 16_384)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        SSL_CTX_set_cert_verify_callback(pointer, { store, _ in DTLSAssociation.verify(store) }, nil)
        SSL_CTX_set_cookie_generate_cb(pointer) { ssl, room, length in
            guard let count = DTLSAssociation.writeCookie(ssl, room) else { return 0 }
            length?.pointee = count
            return 1
        }
        SSL_CTX_set_cookie_verify_cb(pointer) { DTLSAssociation.isCookie($0, $1, $2) ? 1 : 0 }
        self.identity = identity
        self.configuration = configuration
        self.pointer = pointer
    }

    deinit { SSL_CTX_free(pointer) }
}
