/// Who presents in a room.
///
/// Where a floor is controlled (BFCP), control appoints the presenter. Points without floor control present by sending
/// slides, whoever comes first, until none have come for a while; an appointment goes before.
struct Presentation {
    /// Slides that stop for so long have ended, in nanoseconds.
    static let patience: UInt64 = 2_000_000_000

    private enum State {
        case nobody
        case appointed(LegID)
        case unasked(LegID, lastSlideAt: UInt64)
    }
    private var state = State.nobody
    /// Was told to stop: what it still sends counts for nothing until it pauses.
    private var dismissed: (leg: LegID, lastSlideAt: UInt64)?
    /// When the presenter began, on the monotonic clock.
    private(set) var since: UInt64 = 0

    var presenter: LegID? {
        switch state {
        case .nobody: nil
        case .appointed(let leg), .unasked(let leg, _): leg
        }
    }

    /// Control says who presents; nil for nobody. Returns whether that is somebody else than before.
    mutating func appoint(_ leg: LegID?, at now: UInt64) -> Bool {
        if let former = presenter, former != leg { dismissed = (former, now) }
        return change(to: leg.map { .appointed($0) } ?? .nobody, at: now)
    }

    /// A packet of slides came. `mayBegin`: who sends it needs not be appointed.
    mutating func slideCame(from leg: LegID, mayBegin: Bool, at now: UInt64) -> Bool {
        if let dismissed, dismissed.leg == leg, now &- dismissed.lastSlideAt < Self.patience {
            self.dismissed = (leg, now)
            return false
        }
        switch state {
        case .unasked(leg, _):
            state = .unasked(leg, lastSlideAt: now)
            return false
        case .nobody where mayBegin: return change(to: .unasked(leg, lastSlideAt: now), at: now)
        default: return false
        }
    }

    /// A leg sends no slides any more, being on hold.
    mutating func slidesStopped(of leg: LegID, at now: UInt64) -> Bool {
        guard case .unasked(leg, _) = state else { return false }
        return change(to: .nobody, at: now)
    }

    mutating func remove(_ leg: LegID, at now: UInt64) -> Bool {
        if dismissed?.leg == leg { dismissed = nil }
        return presenter == leg && change(to: .nobody, at: now)
    }

    /// Time passes.
    mutating func tick(at now: UInt64) -> Bool {
        guard case .unasked(_, let last) = state, now &- last >= Self.patience, now > last else { return false }
        return change(to: .nobody, at: now)
    }

    private mutating func change(to state: State, at now: UInt64) -> Bool {
        let before = presenter
        self.state = state
        guard presenter != before else { return false }
        since = now
        return true
    }
}
