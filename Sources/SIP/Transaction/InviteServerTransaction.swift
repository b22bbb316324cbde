/// An INVITE as its receiver sees it (RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1).
public struct InviteServerTransaction: Sendable {
    public enum State: Sendable, Hashable {
        /// `trying` is when a 100 is due if nothing was said by then; nil once something was.
        case proceeding(last: [UInt8]?, trying: SIPInstant?)
        /// A 2xx was sent: its retransmission is the user's (`AcceptedInvite`). Timer L.
        case accepted(until: SIPInstant)
        /// A 300–699 was sent and waits for its ACK. Timer G is `retransmit` (nil over a reliable transport), timer H
        /// `giveUp`.
        case completed(last: [UInt8], retransmit: SIPInstant?, interval: Duration, giveUp: SIPInstant)
        /// The ACK came: its retransmissions are absorbed. Timer I.
        case confirmed(until: SIPInstant)
        case terminated
    }

    public enum Event: Sendable {
        /// The INVITE came again.
        case retransmission
        /// An ACK of this transaction: to a 300–699, or, from an RFC 2543 client, to a 2xx.
        case acknowledgement
        /// The user responds: the status and the octets to send.
        case respond(UInt16, [UInt8])
        /// The deadline is reached.
        case timer
        case transportFailed
    }

    public enum Action: Sendable, Hashable {
        case send([UInt8])
        /// An ACK that is the user's business, as it answers a 2xx.
        case deliverAcknowledgement
        /// No ACK came in 64·T1.
        case timedOut
        case transportFailed
    }

    public private(set) var state: State
    /// Writes the 100, which most INVITEs are answered too soon to need; nil once something was said.
    private var trying: (@Sendable () -> [UInt8])?
    private let timers: SIPTimers
    private let isReliable: Bool

    /// - Parameter trying: the 100 to send if the user is slow.
    public init(
        trying: @autoclosure @escaping @Sendable () -> [UInt8], isReliable: Bool, timers: SIPTimers,
        at now: SIPInstant
    ) {
        self.trying = trying
        self.timers = timers
        self.isReliable = isReliable
        state = .proceeding(last: nil, trying: now + timers.trying)
    }

    /// The user may still give a final response; a CANCEL can still stop it.
    public var isProceeding: Bool {
        if case .proceeding = state { true } else { false }
    }

    public var deadline: SIPInstant? {
        switch state {
        case .proceeding(_, let trying): trying
        case .accepted(let until), .confirmed(let until): until
        case .completed(_, let retransmit, _, let giveUp): min(retransmit ?? giveUp, giveUp)
        case .terminated: nil
        }
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch event {
        case .retransmission: retransmission()
        case .acknowledgement: acknowledgement(at: now)
        case .respond(let status, let octets): respond(status, octets, at: now)
        case .timer: timer(at: now)
        case .transportFailed: transportFailed()
        }
    }

    private func retransmission() -> [Action] {
        switch state {
        case .proceeding(let last?, _), .completed(let last, _, _, _): [.send(last)]
        case .proceeding, .accepted, .confirmed, .terminated: []
        }
    }

    private mutating func acknowledgement(at now: SIPInstant) -> [Action] {
        switch state {
        case .completed:
            state = isReliable ? .terminated : .confirmed(until: now + timers.t4)
            return []
        case .accepted:
            return [.deliverAcknowledgement]
        case .proceeding, .confirmed, .terminated:
            return []
        }
    }

    private mutating func respond(_ status: UInt16, _ octets: [UInt8], at now: SIPInstant) -> [Action] {
        switch state {
        case .proceeding:
            trying = nil
            if status < 200 {
                state = .proceeding(last: octets, trying: nil)
            } else if status < 300 {
                state = .accepted(until: now + timers.giveUp)
            } else {
                state = .completed(
                    last: octets, retransmit: isReliable ? nil : now + timers.t1, interval: timers.t1,
                    giveUp: now + timers.giveUp)
            }
            return [.send(octets)]
        case .accepted where (200..<300).contains(status):
            return [.send(octets)]
        case .accepted, .completed, .confirmed, .terminated:
            return []
        }
    }

    private mutating func timer(at now: SIPInstant) -> [Action] {
        switch state {
        case .proceeding(_, let due?) where now >= due:
            state = .proceeding(last: trying?(), trying: nil)
            trying = nil
            return retransmission()
        case .completed(_, _, _, let giveUp) where now >= giveUp:
            state = .terminated
            return [.timedOut]
        case .completed(let last, let retransmit?, let interval, let giveUp) where now >= retransmit:
            let interval = min(interval * 2, timers.t2)
            state = .completed(last: last, retransmit: now + interval, interval: interval, giveUp: giveUp)
            return [.send(last)]
        case .accepted(let until) where now >= until, .confirmed(let until) where now >= until:
            state = .terminated
            return []
        default:
            return []
        }
    }

    private mutating func transportFailed() -> [Action] {
        switch state {
        case .proceeding, .completed:
            state = .terminated
            return [.transportFailed]
        case .accepted, .confirmed, .terminated:
            // RFC 6026 §7.1: the user hears of a lost 2xx by the missing ACK.
            return []
        }
    }
}
