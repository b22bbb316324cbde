/// A 2xx to an INVITE that waits for its ACK: the user agent's own to send again, over reliable transports too (RFC
/// 3261 §13.3.1.4).
public struct AcceptedInvite: Sendable {
    public enum State: Sendable, Hashable {
        case waiting(retransmit: SIPInstant, interval: Duration, giveUp: SIPInstant)
        case acknowledged
        case timedOut
    }

    public enum Event: Sendable {
        /// An ACK of the dialog.
        case ack(SIPRequest)
        /// The deadline is reached.
        case timer
    }

    public enum Action: Sendable, Hashable {
        /// Give it to `TransactionLayer.respond` again.
        case send(SIPResponse)
        /// The ACK came, the first time; it may bring the answer to an offer in the 2xx.
        case acknowledged(SIPRequest)
        /// No ACK came in 64·T1: end the call with a BYE.
        case timedOut
    }

    public private(set) var state: State
    public let response: SIPResponse
    private let timers: SIPTimers

    /// Begins when the 2xx was sent for the first time.
    public init(_ response: SIPResponse, timers: SIPTimers = .init(), at now: SIPInstant) {
        self.response = response
        self.timers = timers
        state = .waiting(retransmit: now + timers.t1, interval: timers.t1, giveUp: now + timers.giveUp)
    }

    public var deadline: SIPInstant? {
        if case .waiting(let retransmit, _, let giveUp) = state { min(retransmit, giveUp) } else { nil }
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        guard case .waiting(let retransmit, let interval, let giveUp) = state else { return [] }
        switch event {
        case .ack(let request):
            guard request.cseq.number == response.cseq.number else { return [] }
            state = .acknowledged
            return [.acknowledged(request)]
        case .timer where now >= giveUp:
            state = .timedOut
            return [.timedOut]
        case .timer where now >= retransmit:
            let interval = min(interval * 2, timers.t2)
            state = .waiting(retransmit: now + interval, interval: interval, giveUp: giveUp)
            return [.send(response)]
        case .timer:
            return []
        }
    }
}
