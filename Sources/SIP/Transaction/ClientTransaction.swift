/// A request other than INVITE and ACK as its sender sees it (RFC 3261 §17.1.2).
public struct ClientTransaction: Sendable {
    public enum State: Sendable, Hashable {
        /// Timer E is `retransmit` (nil over a reliable transport), timer F `giveUp`.
        case trying(retransmit: SIPInstant?, interval: Duration, giveUp: SIPInstant)
        case proceeding(retransmit: SIPInstant?, giveUp: SIPInstant)
        /// A final response came: its retransmissions are absorbed. Timer K.
        case completed(until: SIPInstant)
        case terminated
    }

    public typealias Event = InviteClientTransaction.Event
    public typealias Action = InviteClientTransaction.Action

    public private(set) var state: State
    private let octets: [UInt8]
    private let timers: SIPTimers
    private let isReliable: Bool

    /// Sends the request: `octets` must go out now.
    public init(octets: [UInt8], isReliable: Bool, timers: SIPTimers, at now: SIPInstant) {
        self.octets = octets
        self.timers = timers
        self.isReliable = isReliable
        state = .trying(
            retransmit: isReliable ? nil : now + timers.t1, interval: timers.t1, giveUp: now + timers.giveUp)
    }

    public var deadline: SIPInstant? {
        switch state {
        case .trying(let retransmit, _, let giveUp): min(retransmit ?? giveUp, giveUp)
        case .proceeding(let retransmit, let giveUp): min(retransmit ?? giveUp, giveUp)
        case .completed(let until): until
        case .terminated: nil
        }
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch (state, event) {
        case (.terminated, _):
            return []
        case (.trying(_, _, let giveUp), .timer) where now >= giveUp,
            (.proceeding(_, let giveUp), .timer) where now >= giveUp:
            state = .terminated
            return [.timedOut]
        case (.trying(let retransmit?, let interval, let giveUp), .timer) where now >= retransmit:
            let interval = min(interval * 2, timers.t2)
            state = .trying(retransmit: now + interval, interval: interval, giveUp: giveUp)
            return [.send(octets)]
        case (.proceeding(let retransmit?, let giveUp), .timer) where now >= retransmit:
            state = .proceeding(retransmit: now + timers.t2, giveUp: giveUp)
            return [.send(octets)]
        case (.completed(let until), .timer):
            if now >= until { state = .terminated }
            return []
        case (_, .timer):
            return []
        case (.trying(let retransmit, _, let giveUp), .response(let response)) where response.isProvisional:
            state = .proceeding(retransmit: retransmit, giveUp: giveUp)
            return [.deliver(response)]
        case (.proceeding, .response(let response)) where response.isProvisional:
            return [.deliver(response)]
        case (.trying, .response(let response)), (.proceeding, .response(let response)):
            state = isReliable ? .terminated : .completed(until: now + timers.t4)
            return [.deliver(response)]
        case (.completed, .response), (.completed, .transportFailed):
            return []
        case (.trying, .transportFailed), (.proceeding, .transportFailed):
            state = .terminated
            return [.transportFailed]
        }
    }
}
