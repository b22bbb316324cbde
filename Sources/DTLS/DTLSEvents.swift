public import SRTP

/// Who begins (RFC 5763 §5): the client is `a=setup:active`, the server `a=setup:passive`.
public enum DTLSRole: Hashable, Sendable {
    case client, server
}

public enum DTLSEvent: Sendable {
    /// The path is there: a client begins, a server waits from now on.
    case start
    /// What came from the peer's address and is DTLS (RFC 7983).
    case datagram([UInt8])
    /// The deadline has passed.
    case timeout
    /// The session ends.
    case close
}

public enum DTLSAction: Sendable {
    /// To the peer's address; at most `DTLSAssociation.maximumTransmissionUnit` octets.
    case send([UInt8])
    /// The peer is who its description says. `local` protects what is sent, `remote` what comes.
    case connected(local: SRTPMasterKey, remote: SRTPMasterKey)
    /// It is over, and media must not flow.
    case failed(DTLSFailure)
    /// It was ended by either side.
    case closed
}

/// Why an association came to nothing.
public enum DTLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer's certificate is not the one that its description names (RFC 5763 §5).
    case fingerprintMismatch
    case certificateExpired
    case certificateNotYetValid
    /// The peer does not do DTLS-SRTP, or no suite that is configured.
    case noCommonSuite
    /// The peer ended it by this alert (RFC 5246 §7.2).
    case alert(UInt8)
    case handshakeTimeout
    /// More datagrams came than a handshake can need.
    case tooManyDatagrams
    /// The peer broke the protocol, or has no cipher in common; in OpenSSL's words.
    case protocolViolation(String)

    public var description: String {
        switch self {
        case .fingerprintMismatch: "the peer's certificate does not have the fingerprint of its description"
        case .certificateExpired: "the peer's certificate has expired"
        case .certificateNotYetValid: "the peer's certificate is not valid yet"
        case .noCommonSuite: "no SRTP protection profile in common"
        case .alert(let number): "the peer ended the association with alert \(number)"
        case .handshakeTimeout: "the handshake took too long"
        case .tooManyDatagrams: "too many datagrams before the handshake was complete"
        case .protocolViolation(let reason): "the handshake failed: \(reason)"
        }
    }
}
