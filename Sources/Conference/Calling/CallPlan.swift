/// The bridge's attempts to reach one point.
struct CallPlan: Hashable, Sendable {
    /// How often a point is tried that is called by itself: at the set time, or when it dropped.
    static let mostAttempts = 4
    /// Those who were in when the daemon ended are called for so long where nobody is in, whatever becomes of attempts.
    static let patienceAfterRestart = Duration.seconds(90)
    /// After the first attempt; twice as long after each further one.
    static let firstPause = Duration.seconds(10)

    enum State: Hashable, Sendable {
        case ringing
        /// The next attempt is due then, by the steady clock.
        case waiting(until: Duration)
        case answered
        case gaveUp
    }

    private(set) var state = State.ringing
    private(set) var attempts = 1
    let attemptsAllowed: Int
    /// Why the last attempt failed.
    private(set) var failure: String?
    let by: String

    init(attemptsAllowed: Int, by: String) {
        self.attemptsAllowed = attemptsAllowed
        self.by = by
    }

    var isUnderWay: Bool {
        switch state {
        case .ringing, .waiting: true
        case .answered, .gaveUp: false
        }
    }

    var deadline: Duration? {
        if case .waiting(let until) = state { until } else { nil }
    }

    mutating func answered() { state = .answered }

    mutating func failed(_ reason: String, at now: Duration) {
        failure = reason
        guard attempts < attemptsAllowed else {
            state = .gaveUp
            return
        }
        state = .waiting(until: now + Self.firstPause * (1 << min(attempts - 1, 8)))
    }

    /// Nobody waits for it any more.
    mutating func giveUp(_ reason: String) {
        failure = reason
        state = .gaveUp
    }

    /// It came, and was not let in.
    mutating func wasRefused(_ reason: String) {
        failure = reason
        state = .gaveUp
    }

    mutating func tryAgain() {
        attempts += 1
        state = .ringing
    }
}

extension Conference {
    /// How the bridge's call of a point stands.
    public struct CallStatus: Hashable, Sendable {
        public enum State: String, Hashable, Sendable, CaseIterable {
            case ringing, waiting, answered
            case gaveUp = "gave-up"
        }
        public var point: PointID
        public var state: State
        public var attempts: Int
        public var failure: String?

        init(_ point: PointID, _ plan: CallPlan) {
            self.point = point
            state =
                switch plan.state {
                case .ringing: .ringing
                case .waiting: .waiting
                case .answered: .answered
                case .gaveUp: .gaveUp
                }
            attempts = plan.attempts
            failure = plan.failure
        }
    }
}
