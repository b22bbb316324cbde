public import SRTP

/// What all associations have in common.
public struct DTLSConfiguration: Sendable {
    /// SRTP suites, the one liked best first. Those without a DTLS-SRTP profile are passed over.
    public var suites: [SRTPSuite]
    /// How long a handshake may take.
    public var handshakeLimit: Duration
    /// How long the first flight is waited for before it is sent again; doubled each time, up to ten times as much.
    /// RFC 9147 §5.8.2 lets real-time applications take 400 ms.
    public var firstRetransmission: Duration

    public init(
        suites: [SRTPSuite] = [.aeadAES128GCM, .aeadAES256GCM, .aes128CMSHA1_80, .aes128CMSHA1_32],
        handshakeLimit: Duration = .seconds(30), firstRetransmission: Duration = .milliseconds(400)
    ) {
        self.suites = suites
        self.handshakeLimit = handshakeLimit
        self.firstRetransmission = firstRetransmission
    }
}

extension SRTPSuite {
    /// Of the DTLS-SRTP protection profile (RFC 5764 §4.1.2, RFC 7714 §14.2); nil where there is none.
    var dtlsProfile: (name: String, id: UInt)? {
        switch self {
        case .aes128CMSHA1_80: ("SRTP_AES128_CM_SHA1_80", 0x0001)
        case .aes128CMSHA1_32: ("SRTP_AES128_CM_SHA1_32", 0x0002)
        case .aeadAES128GCM: ("SRTP_AEAD_AES_128_GCM", 0x0007)
        case .aeadAES256GCM: ("SRTP_AEAD_AES_256_GCM", 0x0008)
        case .aes256CMSHA1_80: nil
        }
    }
}
