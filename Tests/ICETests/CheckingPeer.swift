import DTLS
import ICE
import STUN

/// The full agent of the tests: makes checks, and reads what they are answered.
struct CheckingPeer {
    struct Answer: Equatable {
        var messageClass: STUNMessage.Class
        var code: STUNErrorCode?
        var mapped: TransportAddress?
        var isAuthentic: Bool
        var hasFingerprint: Bool
        var matchesRequest: Bool
    }

    var usernameFragment = "peer"
    /// What it was told of the agent.
    var remote: ICECredentials
    private var transaction: UInt64 = 0

    init(to remote: ICECredentials) { self.remote = remote }

    mutating func check(
        nominates: Bool = false, controls: Bool = true, username: String? = nil, password: String? = nil,
        signs: Bool = true, fingerprint: Bool = true, extra: STUNAttributeType? = nil,
        messageClass: STUNMessage.Class = .request, method: UInt16 = STUNMessage.binding
    ) -> [UInt8] {
        transaction += 1
        let username = Array((username ?? "\(remote.usernameFragment):\(usernameFragment)").utf8)
        let key = HMACSHA1Key(password: (password ?? remote.password).utf8)
        var room = [UInt8](repeating: 0, count: 512)
        let count = room.withUnsafeMutableBytes { room in
            var writer = STUNPacketWriter(
                into: room, messageClass, method: method, transactionID: .init(first: 7, rest: transaction))
            writer.add(.username, username.span.bytes)
            writer.addWord(.priority, 0x6e00_1eff)
            writer.addDoubleWord(controls ? .iceControlling : .iceControlled, 0x1234_5678_9abc_def0)
            if nominates { writer.addFlag(.useCandidate) }
            if let extra { writer.addWord(extra, 0) }
            if signs { writer.addMessageIntegrity(key) }
            if fingerprint { writer.addFingerprint() }
            return writer.count
        }
        return Array(room.prefix(count))
    }

    func read(_ octets: [UInt8], password: String? = nil) -> Answer? {
        guard let packet = try? STUNPacket(parsing: octets.span.bytes) else { return nil }
        return Answer(
            messageClass: packet.messageClass, code: packet.errorCode, mapped: packet.xorMappedAddress,
            isAuthentic: packet.isAuthentic(by: HMACSHA1Key(password: (password ?? remote.password).utf8)),
            hasFingerprint: packet.hasFingerprint,
            matchesRequest: packet.transactionID == .init(first: 7, rest: transaction))
    }
}

extension ICELiteAgent {
    /// Handles a datagram with an answer buffer of its own.
    mutating func handle(_ octets: [UInt8], from source: TransportAddress, at now: UInt64 = 0) -> (
        event: ICEOutcome.Event, answer: [UInt8]
    ) {
        var room = [UInt8](repeating: 0, count: Self.answerCapacity)
        let outcome = room.withUnsafeMutableBytes { room in
            handle(octets.span.bytes, from: source, at: now, answer: room)
        }
        return (outcome.event, Array(room.prefix(outcome.answerLength)))
    }
}
