/// The timers of unreliable transports (RFC 8855 §8.3).
public struct BFCPTimers: Hashable, Sendable {
    /// The first wait for a response; each further one is twice as long.
    public var t1 = Duration.milliseconds(500)
    /// For how long a response is kept, to answer a repeated request.
    public var t2 = Duration.seconds(10)
    public var retransmissions = 3

    public init() {}
}

/// What passes between the server and one peer: the requests that the server sends, one after another, each repeated
/// until it is answered, and the responses that it may have to repeat (RFC 8855 §6.2 and §8.3). Over a reliable transport
/// nothing is repeated, and nothing waits.
struct BFCPAssociation {
    enum Outcome {
        case nothing
        case send([[UInt8]])
        /// The peer left a request unanswered. What waited behind it goes now.
        case unanswered(BFCPPrimitive, then: [[UInt8]])
    }

    private struct Outstanding {
        let message: BFCPMessage
        let datagrams: [[UInt8]]
        var due: ContinuousClock.Instant
        var wait: Duration
        var retransmissions = 0
    }

    private struct Exchange: Hashable {
        let primitive: BFCPPrimitive
        let conferenceID: UInt32
        let transactionID: UInt16
        let userID: UInt16

        init(_ message: BFCPMessage) {
            primitive = message.primitive
            conferenceID = message.conferenceID
            transactionID = message.transactionID
            userID = message.userID
        }
    }

    private struct Answer {
        let datagrams: [[UInt8]]
        let until: ContinuousClock.Instant
    }

    static let waitingLimit = 32
    static let answerLimit = 32

    /// What the peer speaks.
    var version: UInt8 {
        didSet { if version != oldValue { isSilent = version == 1 } }
    }
    /// The peer acknowledges nothing, as far as is known: RFC 4582 has no acknowledgements, and what was made after drafts
    /// of RFC 8855 may have some. For such a peer nothing waits, and nothing is repeated, until it acknowledges something.
    private var isSilent: Bool
    let isReliable: Bool
    private let timers: BFCPTimers
    private let datagramSize: Int
    private var lastTransactionID: UInt16 = 0
    private var outstanding: Outstanding?
    private var waiting: [BFCPMessage] = []
    private var answers: [Exchange: Answer] = [:]
    var reassembler: BFCPReassembler

    init(version: UInt8, isReliable: Bool, timers: BFCPTimers, limits: FloorControlLimits) {
        self.version = version
        isSilent = version == 1
        self.isReliable = isReliable
        self.timers = timers
        datagramSize = limits.datagramSize
        reassembler = BFCPReassembler(maximumMessageSize: limits.messageSize, patience: timers.t2)
    }

    var deadline: ContinuousClock.Instant? { outstanding?.due }

    // MARK: Requests of the server

    /// Sends a request of the server, when its turn comes.
    mutating func request(_ message: BFCPMessage, at now: ContinuousClock.Instant) -> [[UInt8]] {
        var message = message
        message.version = version
        message.isResponse = false
        guard !isReliable else {
            // Server-initiated transactions are not numbered there (§8.2).
            message.transactionID = 0
            return [message.serialized()]
        }
        guard outstanding != nil, !isSilent else { return begin(message, at: now) }
        // Of a floor, only how it is in the end matters.
        if message.primitive == .floorStatus {
            waiting.removeAll { $0.primitive == .floorStatus && $0.isAboutSame(as: message) }
        }
        if waiting.count >= Self.waitingLimit { waiting.removeFirst() }
        waiting.append(message)
        return []
    }

    private mutating func begin(_ message: BFCPMessage, at now: ContinuousClock.Instant) -> [[UInt8]] {
        var message = message
        message.version = version
        lastTransactionID = lastTransactionID == .max ? 1 : lastTransactionID + 1
        message.transactionID = lastTransactionID
        let datagrams = BFCPFragmentation.datagrams(of: message.serialized(), limit: datagramSize)
        if !isSilent {
            outstanding = Outstanding(message: message, datagrams: datagrams, due: now + timers.t1, wait: timers.t1)
        }
        return datagrams
    }

    /// Whether the message answers a request of the server. It is not known by its primitive: the drafts before RFC 8855
    /// number the acknowledgement of FloorStatus one higher, 16.
    func isResponse(_ message: BFCPMessage) -> Bool {
        guard !isReliable else { return false }
        if message.version != 1 { return message.isResponse }
        let acknowledgements: ClosedRange<UInt8> = BFCPPrimitive.error.rawValue...16
        return acknowledgements.contains(message.primitive.rawValue)
            && message.transactionID == lastTransactionID
    }

    /// Takes a response; what is sent because of it.
    mutating func take(response: BFCPMessage, at now: ContinuousClock.Instant) -> [[UInt8]] {
        guard response.transactionID == lastTransactionID else { return [] }
        isSilent = false
        guard let asked = outstanding?.message, asked.conferenceID == response.conferenceID,
            asked.userID == response.userID
        else { return [] }
        outstanding = nil
        return waiting.isEmpty ? [] : begin(waiting.removeFirst(), at: now)
    }

    mutating func advance(to now: ContinuousClock.Instant) -> Outcome {
        guard var request = outstanding, request.due <= now else { return .nothing }
        guard request.retransmissions < timers.retransmissions else {
            outstanding = nil
            isSilent = true
            var late: [[UInt8]] = []
            for message in waiting { late += begin(message, at: now) }
            waiting = []
            return .unanswered(request.message.primitive, then: late)
        }
        request.retransmissions += 1
        request.wait *= 2
        request.due = now + request.wait
        outstanding = request
        return .send(request.datagrams)
    }

    // MARK: Responses of the server

    /// What this very request was answered with before, if that was not long ago.
    func answer(to request: BFCPMessage, at now: ContinuousClock.Instant) -> [[UInt8]]? {
        guard let answer = answers[.init(request)], answer.until > now else { return nil }
        return answer.datagrams
    }

    /// Keeps the answer to a request; its datagrams.
    mutating func answer(
        _ request: BFCPMessage, with response: BFCPMessage, at now: ContinuousClock.Instant
    ) -> [[UInt8]] {
        guard !isReliable else {
            // The R bit means nothing there, and is clear (§5.1).
            var response = response
            response.isResponse = false
            return [response.serialized()]
        }
        let datagrams = BFCPFragmentation.datagrams(of: response.serialized(), limit: datagramSize)
        answers = answers.filter { $0.value.until > now }
        if answers.count >= Self.answerLimit, let oldest = answers.min(by: { $0.value.until < $1.value.until })?.key {
            answers[oldest] = nil
        }
        answers[.init(request)] = Answer(datagrams: datagrams, until: now + timers.t2)
        return datagrams
    }
}

extension BFCPMessage {
    /// Of the same floor of the same conference, to the same user.
    fileprivate func isAboutSame(as other: BFCPMessage) -> Bool {
        conferenceID == other.conferenceID && userID == other.userID
            && attributes.floorIDs == other.attributes.floorIDs
    }
}
