import CSRTP2

/// A libsrtp session for one direction. A raw pointer without reference counting: whoever made it frees it once.
struct LibSRTPSession {
    private let session: OpaquePointer

    init(_ key: SRTPMasterKey, _ direction: StreamContext.Direction) throws(SRTPError) {
        var policy = srtp_policy_t()
        policy.ssrc.type = direction == .sending ? ssrc_any_outbound : ssrc_any_inbound
        switch key.suite {
        case .aes128CMSHA1_80:
            srtp_crypto_policy_set_rtp_default(&policy.rtp)
            srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        case .aes128CMSHA1_32:
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp)
            srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        case .aes256CMSHA1_80:
            srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtp)
            srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtcp)
        case .aeadAES128GCM:
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
        case .aeadAES256GCM:
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp)
        }
        policy.window_size = UInt(ReplayWindow.span)
        policy.allow_repeat_tx = 1
        var keyAndSalt = key.keyAndSalt
        var created: OpaquePointer?
        let status = keyAndSalt.withUnsafeMutableBufferPointer {
            policy.key = $0.baseAddress
            return srtp_create(&created, &policy)
        }
        guard status == srtp_err_status_ok, let created else {
            throw .libraryRefused(.libsrtp2, operation: "a session of \(key.suite.sdesName)")
        }
        session = created
    }

    func free() { _ = srtp_dealloc(session) }

    func protect(_ packet: UnsafeMutablePointer<UInt8>, _ length: inout Int32) -> SRTPStatus {
        Self.status(srtp_protect(session, packet, &length))
    }

    func unprotect(_ packet: UnsafeMutablePointer<UInt8>, _ length: inout Int32) -> SRTPStatus {
        Self.status(srtp_unprotect(session, packet, &length))
    }

    func protectRTCP(_ packet: UnsafeMutablePointer<UInt8>, _ length: inout Int32) -> SRTPStatus {
        Self.status(srtp_protect_rtcp(session, packet, &length))
    }

    func unprotectRTCP(_ packet: UnsafeMutablePointer<UInt8>, _ length: inout Int32) -> SRTPStatus {
        Self.status(srtp_unprotect_rtcp(session, packet, &length))
    }

    private static func status(_ result: srtp_err_status_t) -> SRTPStatus {
        switch result {
        case srtp_err_status_ok: .ok
        case srtp_err_status_auth_fail, srtp_err_status_cipher_fail: .authenticationFailed
        case srtp_err_status_replay_fail, srtp_err_status_replay_old, srtp_err_status_pkt_idx_old: .replayed
        case srtp_err_status_key_expired, srtp_err_status_pkt_idx_adv: .keyExhausted
        default: .malformed
        }
    }
}
