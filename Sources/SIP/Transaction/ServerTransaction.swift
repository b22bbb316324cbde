/// A request other than INVITE and ACK as its receiver sees it (RFC 3261 §17.2.2).
public struct ServerTransaction: Sendable {
    public enum State: Sendable, Hashable {
        case trying
        case proceeding(last: [UInt8])
        /// The final response was sent; it answers retransmissions. Timer J.
        case completed(last: [UInt8], until: SIPInstant)
        case terminated
    }

    public enum Event: Sendable {
        case retransmission
        case respond(UInt16, [UInt8])
        case timer
        case transportFailed
    }

    public enum Action: Sendable, Hashable {
        case send([UInt8])
        case transportFailed
    }

    public private(set) var state = State.trying
    private let timers: SIPTimers
    private let isReliable: Bool

    public init(isReliable: Bool, timers: SIPTimers) {
        self.timers = timers
        self.isReliable = isReliable
    }

    public var deadline: SIPInstant? {
        if case .completed(_, let until) = state { until } else { nil }
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch (state, event) {
        case (.proceeding(let last), .retransmission), (.completed(let last, _), .retransmission):
            return [.send(last)]
        case (.trying, .respond(let status, let octets)), (.proceeding, .respond(let status, let octets)):
            if status < 200 {
                state = .proceeding(last: octets)
            } else if isReliable {
                state = .terminated
            } else {
                state = .completed(last: octets, until: now + timers.giveUp)
            }
            return [.send(octets)]
        case (.completed(_, let until), .timer):
            if now >= until { state = .terminated }
            return []
        case (.trying, .transportFailed), (.proceeding, .transportFailed):
            state = .terminated
            return [.transportFailed]
        case (.completed, .transportFailed):
            state = .terminated
            return []
        case (.trying, .retransmission), (.completed, .respond), (.terminated, _), (_, .timer):
            return []
        }
    }
}
