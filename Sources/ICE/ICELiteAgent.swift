public import STUN

/// The ICE agent of one leg, in its lite form (RFC 8445 §2.5): it has a public address, answers the checks of its peer,
/// and sends where the peer nominates. One component, since sound, pictures and RTCP share a port (RFC 8843, RFC 5761).
///
/// It is always controlled. Of several nominations the last one counts, so a peer that changes its network moves the
/// path by nominating the new one. Consent (RFC 7675) is the full agent's to ask for; how long it has been silent can be
/// read here. Nothing is allocated for a check.
public struct ICELiteAgent<Key: MessageIntegrityKey>: Sendable {
    /// Credentials of one start or restart. What a peer proves is that it knows the local password; the remote one
    /// would be needed only for checks, which a lite agent does not send.
    private struct Generation {
        let credentials: ICECredentials
        let localFragment: [UInt8]
        let key: Key
        var remoteFragment: [UInt8]?

        init(_ credentials: ICECredentials) {
            self.credentials = credentials
            localFragment = Array(credentials.usernameFragment.utf8)
            key = Key(password: Array(credentials.password.utf8))
        }

        /// USERNAME is the answerer's fragment, a colon, and the sender's (RFC 8445 §7.2.2). Before the peer's
        /// description has come, the first half is all that can be compared (§7.3).
        func isAddressed(by username: RawSpan) -> Bool {
            let colon = localFragment.count
            guard username.byteCount > colon, has(localFragment, in: username, from: 0),
                username.unsafeLoad(fromByteOffset: colon, as: UInt8.self) == UInt8(ascii: ":")
            else { return false }
            guard let remoteFragment else { return true }
            return username.byteCount == colon + 1 + remoteFragment.count
                && has(remoteFragment, in: username, from: colon + 1)
        }

        /// Whether `octets` are what `bytes` has from `offset` on.
        private func has(_ octets: [UInt8], in bytes: RawSpan, from offset: Int) -> Bool {
            guard bytes.byteCount - offset >= octets.count else { return false }
            for index in octets.indices
            where bytes.unsafeLoad(fromByteOffset: offset + index, as: UInt8.self) != octets[index] { return false }
            return true
        }
    }

    /// Room that any answer fits in, in octets.
    public static var answerCapacity: Int { 128 }
    /// How long a path may go without a check before it is to be given up (RFC 7675 §5.1).
    public static var consentLifetime: Duration { .seconds(30) }

    private var current: Generation
    /// What was valid before a restart, until the peer has nominated a path by what is valid now.
    private var previous: Generation?
    private var validated = ValidatedAddresses()
    /// Where to send: the address that the peer nominated last.
    public private(set) var selected: TransportAddress?
    /// When the last authentic check came, from wherever: monotonic, in nanoseconds.
    public private(set) var lastCheckNanoseconds: UInt64?

    public init(_ local: ICECredentials) { current = Generation(local) }

    /// What the agent announces.
    public var local: ICECredentials { current.credentials }

    /// Tells the username fragment in the peer's description, when that comes. Until then any is accepted.
    public mutating func setRemote(usernameFragment: String) {
        current.remoteFragment = Array(usernameFragment.utf8)
    }

    /// Begins again with new credentials (RFC 8445 §9). The old ones and the path by them go on until the peer has
    /// nominated one by the new.
    public mutating func restart(_ local: ICECredentials) {
        if previous == nil || selected == nil { previous = current }
        current = Generation(local)
    }

    /// Whether an authentic check came from an address: what else comes from there may be answered there.
    public func isValidated(_ address: TransportAddress) -> Bool { validated.lastCheck(from: address) != nil }

    /// When the last authentic check came from the selected address: monotonic, in nanoseconds.
    public var lastConsentNanoseconds: UInt64? { selected.flatMap { validated.lastCheck(from: $0) } }

    /// Takes a datagram that was told to be STUN (RFC 7983).
    ///
    /// `now` is monotonic, in nanoseconds. `answer` has room for `answerCapacity` octets; one that has less gets none.
    public mutating func handle(
        _ datagram: RawSpan, from source: TransportAddress, at now: UInt64, answer: UnsafeMutableRawBufferPointer
    ) -> ICEOutcome {
        guard let request = try? STUNPacket(parsing: datagram), request.messageClass == .request,
            request.method == STUNMessage.binding
        else { return .ignored }
        // RFC 8489 §9.1.3.
        guard request.hasMessageIntegrity, let username = request[.username] else {
            return refuse(request, .badRequest, into: answer)
        }
        let isCurrent = current.isAddressed(by: username)
        guard let generation = isCurrent ? current : previous, isCurrent || generation.isAddressed(by: username),
            request.isAuthentic(by: generation.key)
        else { return refuse(request, .unauthenticated, into: answer) }
        let unknown = request.unknownAttributes { $0.isKnownToICE }
        guard unknown.isEmpty else {
            return refuse(request, .unknownAttribute, by: generation.key, unknown: unknown, into: answer)
        }
        // A lite agent cannot control (RFC 8445 §6.1.1), so its tie-breaker is always the lesser (§7.3.1.1).
        guard !request.contains(.iceControlled) else {
            return refuse(request, .roleConflict, by: generation.key, into: answer)
        }

        lastCheckNanoseconds = max(lastCheckNanoseconds ?? 0, now)
        let isNew = validated.note(source, at: now, keeping: selected)
        var event = isNew ? ICEOutcome.Event.validated : .checked
        if request.contains(.useCandidate) {
            if isCurrent { previous = nil }
            if selected != source {
                selected = source
                event = .selected
            }
        }
        var writer = STUNPacketWriter(into: answer, .success, transactionID: request.transactionID)
        writer.addXORMappedAddress(source)
        writer.addMessageIntegrity(generation.key)
        writer.addFingerprint()
        return ICEOutcome(event: event, answerLength: writer.isComplete ? writer.count : 0)
    }

    /// An error that nobody could prove is not signed (RFC 8489 §9.1.3).
    private func refuse(
        _ request: borrowing STUNPacket, _ code: STUNErrorCode, by key: Key? = nil,
        unknown: STUNUnknownAttributes = .init(), into answer: UnsafeMutableRawBufferPointer
    ) -> ICEOutcome {
        var writer = STUNPacketWriter(into: answer, .error, transactionID: request.transactionID)
        writer.addErrorCode(code)
        if !unknown.isEmpty { writer.addUnknownAttributes(unknown) }
        if let key { writer.addMessageIntegrity(key) }
        writer.addFingerprint()
        return ICEOutcome(event: .refused(code), answerLength: writer.isComplete ? writer.count : 0)
    }
}

extension STUNAttributeType {
    /// Among those that must be understood, what a check may carry.
    fileprivate var isKnownToICE: Bool {
        switch self {
        case .username, .messageIntegrity, .messageIntegritySHA256, .priority, .useCandidate: true
        default: false
        }
    }
}
