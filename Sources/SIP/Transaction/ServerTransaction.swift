/// A request other than INVITE and ACK as its receiver sees it (RFC 3261 §17.2.2).
public struct ServerTransaction: Sendable {
    public enum State: Sendable, Hashable {
        /// Nobody waits for the response after 64·T1, when the client's timer F has run out: `until`.
        case trying(until: SIPInstant)
        case proceeding(last: [UInt8], until: SIPInstant)
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

    public private(set) var state: State
    private let timers: SIPTimers
    private let isReliable: Bool

    public init(isReliable: Bool, timers: SIPTimers, at now: SIPInstant) {
        self.timers = timers
        self.isReliable = isReliable
        state = .trying(until: now + timers.giveUp)
    }

    public var deadline: SIPInstant? {
        switch state {
        case .trying(let until), .proceeding(_, let until), .completed(_, let until): until
        case .terminated: nil
        }
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch (state, event) {
        case (.proceeding(let last, _), .retransmission), (.completed(let last, _), .retransmission):
            return [.send(last)]
        case (.trying(let until), .respond(let status, let octets)),
            (.proceeding(_, let until), .respond(let status, let octets)):
            if status < 200 {
                state = .proceeding(last: octets, until: until)
            } else if isReliable {
                state = .terminated
            } else {
                state = .completed(last: octets, until: now + timers.giveUp)
            }
            return [.send(octets)]
        case (.trying(let until), .timer), (.proceeding(_, let until), .timer), (.completed(_, let until), .timer):
            if now >= until { state = .terminated }
            return []
        case (.trying, .transportFailed), (.proceeding, .transportFailed):
            state = .terminated
            return [.transportFailed]
        case (.completed, .transportFailed):
            state = .terminated
            return []
        case (.trying, .retransmission), (.completed, .respond), (.terminated, _):
            return []
        }
    }
}
