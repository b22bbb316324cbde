/// Which rooms a bridge of a cluster is home of: the rules of docs/scale.md, one bridge's side of them, without I/O.
///
/// A bridge renews its row in the database each second. It serves rooms whose rows name it, for as long as its latest renewal that
/// came through was asked for less than the grace ago, by its own monotonic clock; after that it serves none, whatever else happens. So
/// another may take a room where the holder is dead for certain, or where it saw the holder's count stand still for longer than
/// the grace. One renewal speaks for all rooms of a bridge.
///
/// `Models/room-home.pml` is the same for one room, checked by spin.
public struct RoomPlacement: Sendable {
    /// A time of the bridge's own monotonic clock, which goes on while the machine sleeps.
    public typealias Instant = Duration

    enum Membership: Hashable, Sendable { case outside, registering, inside, superseded, left }

    struct Served: Hashable, Sendable {
        var epoch: Int64
        var since: Instant
    }

    /// What is seen of another life: since when its count has stood still.
    struct Watched: Hashable, Sendable {
        var row: BridgeRow
        var since: Instant
    }

    public let me: BridgeLife
    public let timing: PlacementTiming
    var membership = Membership.outside
    /// When the latest renewal that came through was asked for.
    var renewedAt: Instant?
    /// When the one was asked for that is not answered yet.
    var renewing: (number: Int, at: Instant)?
    var renewals = 0
    var nextRenewal: Instant?
    /// When the database answered last, without having been lost since.
    var answeredAt: Instant?
    var served: [String: Served] = [:]
    var wanted: Set<String> = []
    /// The wishes that are not answered yet, by room. An answer to an older one is of a time that is over.
    var taking: [String: Int] = [:]
    var takings = 0
    /// Rooms whose rows name this bridge, and that it has no use for any more.
    var releasing: [String: Int64] = [:]
    var view = DatabaseView(bridges: [:], rooms: [:])
    var watched: [String: Watched] = [:]
    var dead: Set<BridgeLife> = []
    var probing: Set<BridgeLife> = []
    var nextProbe: [BridgeLife: Instant] = [:]
    /// Since when rooms could be taken that a bridge is to have which comes before this one.
    var free: [String: Instant] = [:]

    public init(me: BridgeLife, timing: PlacementTiming = PlacementTiming()) {
        self.me = me
        self.timing = timing
    }

    /// The epoch in which this bridge serves the room at this moment; nil: it does not.
    public func epoch(of room: String, at now: Instant) -> Int64? { mayServe(at: now) ? served[room]?.epoch : nil }

    /// Whether an answer is to come that says who has the room.
    public func isDeciding(_ room: String) -> Bool { taking[room] != nil }

    /// The rooms that this bridge serves.
    public var rooms: Set<String> { Set(served.keys) }

    /// Whether the database answered its latest renewal lately.
    public func isInContact(at now: Instant) -> Bool { answeredAt.map { now - $0 <= timing.contactGap } ?? false }

    /// When ``Event/tick`` is due.
    public var deadline: Instant? {
        guard membership != .left else { return nil }
        let end = served.isEmpty ? nil : renewedAt.map { $0 + timing.grace }
        let renewal = renewing == nil ? nextRenewal : nil
        return [end, renewal].compactMap(\.self).min()
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        var actions: [Action] = []
        // Before anything else: it may have been paused for an hour.
        if !mayServe(at: now) { stopAll(.graceIsOver, &actions) }
        switch event {
        case .tick: break
        case .renewed(let number, let view): if renewing?.number == number { look(at: view, at: now, &actions) }
        case .databaseGone: lose()
        case .registered(let isIn):
            guard membership == .registering else { break }
            membership = .outside
            // The next look says so, and is the first renewal.
            if isIn { nextRenewal = now }
        case .taken(let taking, let epoch): take(taking, epoch, at: now, &actions)
        case .notTaken(let taking, let row): miss(taking, row, at: now, &actions)
        case .released(let room, let epoch): if releasing[room] == epoch { releasing[room] = nil }
        case .probed(let life, let verdict):
            probing.remove(life)
            nextProbe[life] = now + timing.interval
            if verdict == .dead {
                dead.insert(life)
                considerAll(at: now, &actions)
            }
        case .want(let room): want(room, at: now, &actions)
        case .finish(let room): finish(room, &actions)
        case .leave:
            stopAll(.left, &actions)
            if membership == .inside { actions.append(.leave) }
            membership = .left
        }
        renewIfDue(at: now, &actions)
        return actions
    }

    func mayServe(at now: Instant) -> Bool {
        guard membership == .inside, let renewedAt else { return false }
        return now - renewedAt < timing.grace
    }

    mutating func stopAll(_ reason: StopReason, _ actions: inout [Action]) {
        for room in served.keys.sorted() { stop(room, reason, &actions) }
    }

    mutating func stop(_ room: String, _ reason: StopReason, _ actions: inout [Action]) {
        served[room] = nil
        wanted.remove(room)
        actions.append(.stop(room, reason))
    }

    private mutating func renewIfDue(at now: Instant, _ actions: inout [Action]) {
        guard membership != .left, membership != .superseded, renewing == nil, nextRenewal.map({ $0 <= now }) ?? true
        else { return }
        renewals += 1
        renewing = (renewals, now)
        nextRenewal = now + timing.interval
        actions.append(.renew(renewals, suspects: suspects(at: now)))
    }

    /// What was seen before counts no more: the others could not be seen to renew, nor could they.
    private mutating func lose() {
        renewing = nil
        answeredAt = nil
        taking = [:]
        watched = [:]
        free = [:]
        view = DatabaseView(bridges: [:], rooms: [:])
        if membership == .registering { membership = .outside }
    }
}
