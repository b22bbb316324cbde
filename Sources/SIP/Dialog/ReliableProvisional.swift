/// A provisional response that is sent again until its PRACK comes (RFC 3262 §3).
public struct ReliableProvisional: Sendable {
    public enum State: Sendable, Hashable {
        case waiting(retransmit: SIPInstant, interval: Duration, giveUp: SIPInstant)
        case acknowledged
        case timedOut
    }

    public enum Action: Sendable, Hashable {
        /// Give it to `TransactionLayer.respond` again.
        case send(SIPResponse)
        /// No PRACK came in 64·T1: refuse the INVITE.
        case timedOut
    }

    public private(set) var state: State
    /// With its RSeq.
    public let response: SIPResponse
    private let number: UInt32

    /// Begins when the response is sent for the first time.
    /// - Parameters:
    ///   - response: a provisional one above 100, which gets the headers that make it reliable.
    ///   - number: its RSeq, 1 to 2³¹ − 1; the first of a call is random (§3).
    public init(_ response: SIPResponse, number: UInt32, timers: SIPTimers = .init(), at now: SIPInstant) {
        var response = response
        response.headers.add(.require, "100rel")
        response.headers[.rSeq] = "\(number)"
        self.response = response
        self.number = number
        state = .waiting(retransmit: now + timers.t1, interval: timers.t1, giveUp: now + timers.giveUp)
    }

    public var deadline: SIPInstant? {
        if case .waiting(let retransmit, _, let giveUp) = state { min(retransmit, giveUp) } else { nil }
    }

    /// Whether a PRACK is for this response; then it is not sent again.
    public mutating func acknowledge(_ prack: SIPRequest) -> Bool {
        guard let text = prack.headers[.rAck] else { return false }
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 3, UInt32(parts[0]) == number, UInt32(parts[1]) == response.cseq.number,
            parts[2] == response.cseq.method.rawValue
        else { return false }
        state = .acknowledged
        return true
    }

    /// The deadline is reached. The interval doubles without bound (§3).
    public mutating func advance(to now: SIPInstant) -> [Action] {
        guard case .waiting(let retransmit, let interval, let giveUp) = state else { return [] }
        if now >= giveUp {
            state = .timedOut
            return [.timedOut]
        }
        guard now >= retransmit else { return [] }
        state = .waiting(retransmit: now + interval * 2, interval: interval * 2, giveUp: giveUp)
        return [.send(response)]
    }
}
