/// What a look at the database changes.
extension RoomPlacement {
    mutating func look(at view: DatabaseView, at now: Instant, _ actions: inout [Action]) {
        guard let asked = renewing?.at else { return }
        renewing = nil
        guard membership != .left, membership != .superseded else { return }
        // Of what happened while this bridge was paused, or had no answer, it saw nothing.
        if !isInContact(at: now) { (watched, free) = ([:], [:]) }
        answeredAt = now
        self.view = view
        watch(at: now)
        if let row = view.bridges[me.bridge], row.life == me, !row.hasLeft {
            if membership != .inside { actions.append(.joined) }
            membership = .inside
            renewedAt = max(renewedAt ?? asked, asked)
        } else if membership == .inside {
            stopAll(.taken, &actions)
            membership = .superseded
            return actions.append(.superseded(by: view.bridges[me.bridge]?.life ?? me))
        } else {
            return join(at: now, &actions)
        }
        // The answer may be old.
        guard mayServe(at: now) else { return stopAll(.graceIsOver, &actions) }
        for (room, holding) in served.sorted(by: { $0.key < $1.key }) where holding.since < asked {
            if view.rooms[room] != RoomRow(room: room, holder: me, epoch: holding.epoch) {
                stop(room, .taken, &actions)
            }
        }
        considerAll(at: now, &actions)
    }

    /// Notes whose counts moved.
    private mutating func watch(at now: Instant) {
        for (name, row) in view.bridges where watched[name]?.row != row {
            watched[name] = Watched(row: row, since: now)
        }
        watched = watched.filter { view.bridges[$0.key] != nil }
        let lives = Set(view.rooms.values.compactMap(\.holder)).union(view.bridges.values.lazy.map(\.life))
        dead.formIntersection(lives)
        nextProbe = nextProbe.filter { lives.contains($0.key) }
    }

    /// The bridges whose counts stood still, in the order of their names: their rooms are looked at before they are probed.
    func suspects(at now: Instant) -> [String] {
        watched.filter { $0.key != me.bridge && now - $0.value.since >= timing.interval }.keys.sorted()
    }

    /// Enters this life of the bridge, where a former one is dead.
    private mutating func join(at now: Instant, _ actions: inout [Action]) {
        guard membership == .outside else { return }
        guard let row = view.bridges[me.bridge] else {
            membership = .registering
            return actions.append(.register(replacing: nil, unrenewed: nil))
        }
        guard let ground = ground(for: row.life, at: now, &actions) else { return }
        membership = .registering
        actions.append(.register(replacing: row, unrenewed: ground.unrenewed))
    }

    /// Why something of another life may be taken.
    enum Ground {
        case dead
        /// Its count stood still for longer than it may go on.
        case silent(Int64)

        var unrenewed: Int64? {
            switch self {
            case .dead: nil
            case .silent(let renewals): renewals
            }
        }
    }

    /// Looks for a reason, and has the life probed where there is none and its count stands still.
    mutating func ground(for life: BridgeLife, at now: Instant, _ actions: inout [Action]) -> Ground? {
        if life == me || dead.contains(life) { return .dead }
        // A life is entered in place of another only where that is dead; see `join`.
        guard let row = view.bridges[life.bridge], row.life == life, !row.hasLeft else { return .dead }
        guard let seen = watched[life.bridge], seen.row == row else { return nil }
        if now - seen.since >= timing.patience { return .silent(row.renewals) }
        // A former life of this bridge is not waited for: nobody is to renew beside it.
        let suspicion = life.bridge == me.bridge ? .zero : timing.suspicion
        if now - seen.since >= suspicion, !probing.contains(life), nextProbe[life].map({ $0 <= now }) ?? true {
            probing.insert(life)
            actions.append(.probe(life))
        }
        return nil
    }
}
