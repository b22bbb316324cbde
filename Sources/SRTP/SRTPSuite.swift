/// How a stream's packets are encrypted and authenticated: the protection profiles of RFC 3711, RFC 6188 and RFC 7714
/// that Causeway offers.
public enum SRTPSuite: UInt8, Sendable, CaseIterable {
    case aes128CMSHA1_80, aes128CMSHA1_32, aes256CMSHA1_80, aeadAES128GCM, aeadAES256GCM

    /// The suite of an SDP `a=crypto` line (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2); nil for a name not offered.
    public init?(sdesName: String) {
        guard let suite = Self.allCases.first(where: { $0.sdesName == sdesName }) else { return nil }
        self = suite
    }

    /// The name in an SDP `a=crypto` line.
    public var sdesName: String {
        switch self {
        case .aes128CMSHA1_80: "AES_CM_128_HMAC_SHA1_80"
        case .aes128CMSHA1_32: "AES_CM_128_HMAC_SHA1_32"
        case .aes256CMSHA1_80: "AES_256_CM_HMAC_SHA1_80"
        case .aeadAES128GCM: "AEAD_AES_128_GCM"
        case .aeadAES256GCM: "AEAD_AES_256_GCM"
        }
    }

    /// Bytes of master key, and of session encryption key.
    public var keyLength: Int {
        switch self {
        case .aes128CMSHA1_80, .aes128CMSHA1_32, .aeadAES128GCM: 16
        case .aes256CMSHA1_80, .aeadAES256GCM: 32
        }
    }

    /// Bytes of master salt, and of session salt.
    public var saltLength: Int { isAEAD ? 12 : 14 }

    /// Bytes that an `inline:` key parameter carries, before base64.
    public var keyAndSaltLength: Int { keyLength + saltLength }

    /// Bytes that protecting adds to an RTP packet.
    public var rtpOverhead: Int {
        switch self {
        case .aes128CMSHA1_80, .aes256CMSHA1_80: 10
        case .aes128CMSHA1_32: 4
        case .aeadAES128GCM, .aeadAES256GCM: 16
        }
    }

    /// Bytes that protecting adds to an RTCP packet: the tag (80 bits for every SHA-1 suite, RFC 4568 §6.2.2) and the
    /// word of the E bit and the index.
    public var rtcpOverhead: Int { isAEAD ? 20 : 14 }

    var isAEAD: Bool { self == .aeadAES128GCM || self == .aeadAES256GCM }
}
