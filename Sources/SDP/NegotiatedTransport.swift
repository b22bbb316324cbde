/// A transport that was agreed on: of one m-line, or of all that are bundled (RFC 9143).
public struct NegotiatedTransport: Sendable, Equatable {
    /// The m-lines, counted from 0; the first is the one whose port it has.
    public var mediaIndexes: [Int]
    /// Ours, as in our description: which of the local streams' sockets is used.
    public var localAddress: String
    public var localPort: UInt16
    /// Where the peer says that it receives; with ICE often a placeholder, 0.0.0.0 and 9, until a check tells.
    public var remoteAddress: String
    public var remotePort: UInt16
    /// nil: the peer's address is latched on to, from what authenticates.
    public var ice: NegotiatedICE?
    /// nil: keyed by SDES, or in the clear.
    public var dtls: NegotiatedDTLS?
}

extension NegotiatedMedia {
    /// Goes where the transport goes.
    mutating func take(_ transport: NegotiatedTransport) {
        let isShared = transport.mediaIndexes.count > 1
        guard isShared || transport.ice != nil else { return }
        remoteAddress = transport.remoteAddress
        remotePort = transport.remotePort
        guard isShared || multiplexesRTCP else { return }
        remoteRTCPAddress = transport.remoteAddress
        remoteRTCPPort = transport.remotePort
    }
}

/// ICE of one transport. The bridge is lite and controlled, and sends no checks.
public struct NegotiatedICE: Sendable, Equatable {
    /// In force on our side: checks to us have our fragment first and are signed with our password.
    public var local: ICECredentials
    public var remote: ICECredentials
    /// The peer's for RTP over UDP, as far as they have addresses; no check needs them.
    public var remoteCandidates: [ICECandidate]
    /// Fragment or password changed in a re-offer: ours are new too. Media flows as before until checks name another path
    /// (RFC 8445 §9); DTLS goes on.
    public var isRestart = false
    /// The peer is lite too, so nobody checks: media goes to its best candidate, which is this transport's remote address
    /// (RFC 8445 §6.1.1).
    public var isRemoteLite = false
    /// More of the peer's candidates may come (RFC 8840); they can be passed over.
    public var trickles = false
}

/// DTLS-SRTP of one transport.
public struct NegotiatedDTLS: Sendable, Equatable {
    /// Ours.
    public var role: DTLSRole
    /// The peer's certificate has one of these, or the handshake fails (RFC 5763 §5).
    public var fingerprints: [DTLSFingerprint]
    public var continuity: AssociationContinuity
}

/// What becomes of the DTLS association when a description comes (RFC 8842 §4).
public enum AssociationContinuity: Sendable, Equatable {
    /// The first on this transport: handshake.
    case new
    /// The one before goes on, with its keys.
    case kept
    /// Handshake again, with other keys; the one before ends.
    case replaced(Reason)

    public enum Reason: Sendable, Hashable { case fingerprints, role, identifier }
}
