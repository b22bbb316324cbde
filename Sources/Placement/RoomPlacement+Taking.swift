/// How rooms come and go.
extension RoomPlacement {
    mutating func want(_ room: String, at now: Instant, _ actions: inout [Action]) {
        guard mayServe(at: now) else { return }
        wanted.insert(room)
        releasing[room] = nil
        guard served[room] == nil, taking[room] == nil else { return }
        ask(for: room, seen: nil, unrenewed: nil, &actions)
    }

    mutating func finish(_ room: String, _ actions: inout [Action]) {
        wanted.remove(room)
        guard let holding = served.removeValue(forKey: room) else { return }
        releasing[room] = holding.epoch
        actions.append(.release(room, epoch: holding.epoch))
    }

    private mutating func ask(for room: String, seen: RoomRow?, unrenewed: Int64?, _ actions: inout [Action]) {
        takings += 1
        taking[room] = takings
        actions.append(.take(Taking(number: takings, room: room, seen: seen, unrenewed: unrenewed)))
    }

    mutating func take(_ answered: Taking, _ epoch: Int64, at now: Instant, _ actions: inout [Action]) {
        let room = answered.room
        guard taking[room] == answered.number else { return }
        taking[room] = nil
        let former = view.rooms[room]?.holder
        (view.rooms[room], free[room]) = (RoomRow(room: room, holder: me, epoch: epoch), nil)
        // The answer may be old; the next look finds the room to be this bridge's, and takes it once more.
        guard mayServe(at: now) else { return }
        served[room] = Served(epoch: epoch, since: now)
        // Who wanted it went meanwhile.
        guard former != nil || wanted.contains(room) else { return finish(room, &actions) }
        actions.append(.serve(room, epoch: epoch, former: former))
    }

    mutating func miss(_ answered: Taking, _ row: RoomRow?, at now: Instant, _ actions: inout [Action]) {
        let room = answered.room
        guard taking[room] == answered.number else { return }
        taking[room] = nil
        // It is newer than what is known of the bridges: of its holder nothing follows before the next look.
        view.rooms[room] = nil
        guard let row, wanted.contains(room) else { return }
        if let holder = row.holder, holder != me {
            wanted.remove(room)
            actions.append(.elsewhere(row))
        } else {
            view.rooms[room] = row
            consider(row, at: now, &actions)
        }
    }

    /// Takes what may be taken.
    mutating func considerAll(at now: Instant, _ actions: inout [Action]) {
        guard mayServe(at: now), isInContact(at: now) else { return }
        for row in view.rooms.values.sorted(by: { $0.room < $1.room }) { consider(row, at: now, &actions) }
        free = free.filter { view.rooms[$0.key] != nil }
    }

    private mutating func consider(_ row: RoomRow, at now: Instant, _ actions: inout [Action]) {
        let room = row.room
        guard served[room] == nil, taking[room] == nil, mayServe(at: now) else { return }
        if let epoch = releasing[room] {
            guard row.holder == me, row.epoch == epoch else { return releasing[room] = nil }
            // Said before, and lost.
            return actions.append(.release(room, epoch: epoch))
        }
        guard let holder = row.holder else {
            guard wanted.contains(room) else { return }
            return ask(for: room, seen: row, unrenewed: nil, &actions)
        }
        guard let ground = ground(for: holder, at: now, &actions) else { return free[room] = nil }
        let since = free[room] ?? now
        free[room] = since
        // Rooms of a bridge that died spread over those that live; who comes later takes what who comes first leaves.
        guard holder == me || now - since >= timing.interval * min(Self.longestTurn, rank(for: room, at: now)) else {
            return
        }
        ask(for: room, seen: row, unrenewed: ground.unrenewed, &actions)
    }

    private static let longestTurn = 3

    /// How many bridges that live come before this one for the room.
    private func rank(for room: String, at now: Instant) -> Int {
        let mine = Self.weight(of: me.bridge, for: room)
        return view.bridges.values.count { row in
            guard row.life.bridge != me.bridge, !row.hasLeft, !dead.contains(row.life),
                let seen = watched[row.life.bridge], now - seen.since < timing.suspicion
            else { return false }
            return Self.weight(of: row.life.bridge, for: room) > mine
        }
    }

    /// The same at every bridge (rendezvous hashing; FNV-1a, mixed as in SplitMix64).
    static func weight(of bridge: String, for room: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in Array(bridge.utf8) + [0] + Array(room.utf8) { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}
