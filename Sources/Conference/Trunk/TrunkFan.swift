/// Which of a meeting's participants are to be brought to which other bridges: the home's rule. Each participant goes once to
/// every bridge at which somebody takes part, but the one that has its call.
///
/// What fails is tried again after a pause that doubles, for as long as both are there.
public struct TrunkFan: Sendable {
    /// A participant's way to another bridge: one call.
    public struct Projection: Hashable, Comparable, Sendable {
        public var participant: ParticipantID
        public var bridge: BridgeID
        public init(_ participant: ParticipantID, to bridge: BridgeID) {
            self.participant = participant
            self.bridge = bridge
        }
        public static func < (left: Self, right: Self) -> Bool {
            (left.participant, left.bridge) < (right.participant, right.bridge)
        }
    }

    public enum Event: Hashable, Sendable {
        /// A participant's streams are agreed on; `bridge` is the one that has its call, nil for this one.
        case seated(ParticipantID, at: BridgeID?)
        case gone(ParticipantID)
        /// The call came to nothing, or ended though nobody here ended it.
        case failed(Projection)
        case answered(Projection)
        case deadlineReached
    }

    public enum Action: Hashable, Sendable {
        case project(Projection)
        case withdraw(Projection)
    }

    static let firstPause = Duration.seconds(1)
    static let longestPause = Duration.seconds(16)

    private enum Way: Hashable, Sendable {
        case open
        /// Tried again then; so many attempts failed.
        case waiting(until: Duration)
    }
    private struct State: Hashable, Sendable {
        var way = Way.open
        var failures = 0
    }

    private var seats: [ParticipantID: BridgeID?] = [:]
    private var ways: [Projection: State] = [:]

    public init() {}

    /// Bridges at which somebody takes part.
    public var bridges: Set<BridgeID> { Set(seats.values.compactMap(\.self)) }

    /// When, by the steady clock, something is due.
    public var deadline: Duration? {
        ways.values.lazy.compactMap { if case .waiting(let until) = $0.way { until } else { nil } }.min()
    }

    public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .seated(let participant, let bridge): seats[participant] = .some(bridge)
        case .gone(let participant): seats[participant] = nil
        case .failed(let projection):
            guard var state = ways[projection], state.way == .open else { return [] }
            let pause = min(Self.firstPause * (1 << min(state.failures, 8)), Self.longestPause)
            state.failures += 1
            state.way = .waiting(until: now + pause)
            ways[projection] = state
        case .answered(let projection): ways[projection]?.failures = 0
        case .deadlineReached: break
        }
        let wanted = self.wanted
        for (projection, state) in ways.sorted(by: { $0.key < $1.key }) where !wanted.contains(projection) {
            ways[projection] = nil
            if state.way == .open { actions.append(.withdraw(projection)) }
        }
        for projection in wanted.sorted() {
            switch ways[projection]?.way {
            case nil:
                ways[projection] = State()
                actions.append(.project(projection))
            case .waiting(let until)? where until <= now:
                ways[projection]?.way = .open
                actions.append(.project(projection))
            case .waiting, .open: break
            }
        }
        return actions
    }

    private var wanted: Set<Projection> {
        let bridges = bridges
        var wanted: Set<Projection> = []
        for (participant, own) in seats {
            for bridge in bridges where bridge != own { wanted.insert(Projection(participant, to: bridge)) }
        }
        return wanted
    }
}
