/// The part of a meeting that sits at a bridge which is not the meeting's home: its points, each projected to the home by a
/// call, and the points of others, which the home projects here. The home leads; this is all that the branch decides:
///
/// - A point comes in only when the home took it in, and is where and as loud as the home said last. Until the home said so
///   it hears nobody.
/// - Where the home vanishes, points that it had taken in stay and hear each other; nobody else comes in. They are brought to
///   the room's home again as soon as there is one, for as long as `patience`.
/// - A point of another bridge is taken from the room's home alone, and never one whose call is this bridge's own: nothing
///   goes round in a circle. One that is brought again takes its own place.
/// - When the last of its own points left, the branch is over.
///
/// It owns no clock or socket: what happens goes into ``handle(_:at:)``, what is to be done comes back in order.
public struct Branch: Sendable {
    public enum Event: Hashable, Sendable {
        /// A point's call, whose streams are agreed on, wants in.
        case arrive(ParticipantID, PointID)
        /// Its call is over.
        case leave(ParticipantID)
        /// The home took a point in, or refused it.
        case taken(ParticipantID)
        case refused(ParticipantID, code: UInt16, reason: String)
        /// The call that projects a point came to nothing, or ended without the home's order.
        case lost(ParticipantID)
        case ordered(ParticipantID, TrunkOrder)
        /// Where the room's home is now; nil where nobody knows.
        case home(BridgeID?)
        /// Another bridge's point, brought here by a bridge that calls itself the home.
        case received(ParticipantID, TrunkOrigin, by: BridgeID)
        case deadlineReached
    }

    public enum Action: Hashable, Sendable {
        /// Calls the home, to bring this point's streams there. Followed by its `taken`, `refused` or `lost`.
        case project(ParticipantID, to: BridgeID)
        /// Ends the call that projects a point.
        case withdraw(ParticipantID)
        /// Answers a point's call.
        case welcome(ParticipantID)
        /// Ends a point's call: with this status where it was not answered yet. Followed by its `leave`.
        case dismiss(ParticipantID, code: UInt16, reason: String)
        case place(ParticipantID, TrunkStanding)
        case say(ParticipantID, [String])
        /// Answers a call of the home's.
        case accept(ParticipantID)
        /// Ends a call of the home's: with this status where it was not answered yet. Followed by its `leave`.
        case reject(ParticipantID, code: UInt16, reason: String)
        /// Asks where the home is. Followed by `home`.
        case findHome
        /// The home is this very bridge: its points go into the meeting that it leads now. Nothing follows.
        case adopt([ParticipantID])
        /// Nothing follows.
        case close
    }

    /// How long points stay that have no home.
    public static let patience = Duration.seconds(150)
    /// How often the home is looked for then.
    static let looks = Duration.seconds(1)

    private enum Phase: Hashable, Sendable {
        /// The home is being asked for it.
        case asking
        case seated
        /// There is no home.
        case alone
        /// It is being sent away.
        case ending
    }

    private struct Seat: Hashable, Sendable {
        var point: PointID
        var phase: Phase
        /// A home took it in.
        var wasTaken = false
        var standing = TrunkStanding.unknown
    }

    private struct Guest: Hashable, Sendable {
        var origin: TrunkOrigin
        var by: BridgeID
        var standing = TrunkStanding.unknown
        var isEnding = false
    }

    private let own: BridgeID
    private var home: BridgeID?
    private var seats: [ParticipantID: Seat] = [:]
    private var guests: [ParticipantID: Guest] = [:]
    /// Since when points are without a home.
    private var aloneSince: Duration?
    private var looksAt: Duration?
    private var lookedAt: Duration?
    private var isOver = false

    /// - Parameters:
    ///   - own: this bridge.
    ///   - home: the room's home, another bridge.
    public init(at own: BridgeID, home: BridgeID) {
        self.own = own
        self.home = home
    }

    public var deadline: Duration? {
        guard let aloneSince else { return nil }
        return earlier(aloneSince + Self.patience, looksAt)
    }

    /// Where it was last said to be.
    public var currentHome: BridgeID? { home }
    /// Its own points' calls, and those by which the home brings others.
    public var participants: Set<ParticipantID> { Set(seats.keys) }
    public var received: Set<ParticipantID> { Set(guests.keys) }
    public func point(of participant: ParticipantID) -> PointID? { seats[participant]?.point }
    public func origin(of participant: ParticipantID) -> TrunkOrigin? { guests[participant]?.origin }
    /// How a participant stands by the home's last word; nil for who is not here.
    public func standing(of participant: ParticipantID) -> TrunkStanding? {
        seats[participant]?.standing ?? guests[participant]?.standing
    }
    /// Whether a home took it in.
    public func isTaken(_ participant: ParticipantID) -> Bool { seats[participant]?.wasTaken ?? false }

    public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        guard !isOver else { return [] }
        var actions: [Action] = []
        switch event {
        case .arrive(let participant, let point): arrive(participant, point, &actions)
        case .leave(let participant): leave(participant, &actions)
        case .taken(let participant):
            guard let seat = seats[participant], seat.phase == .asking else { break }
            seats[participant]?.phase = .seated
            seats[participant]?.wasTaken = true
            if !seat.wasTaken { actions.append(.welcome(participant)) }
        case .refused(let participant, let code, let reason):
            guard seats[participant]?.phase == .asking else { break }
            dismiss(participant, code, reason, &actions)
        case .lost(let participant): lose(participant, at: now, &actions)
        case .ordered(let participant, let order): obey(order, participant, &actions)
        case .home(let bridge): move(to: bridge, &actions)
        case .received(let participant, let origin, let bridge): receive(participant, origin, bridge, &actions)
        case .deadlineReached: break
        }
        settle(at: now, &actions)
        return actions
    }

    private mutating func arrive(_ participant: ParticipantID, _ point: PointID, _ actions: inout [Action]) {
        guard seats[participant] == nil, guests[participant] == nil else { return }
        guard aloneSince == nil, let home else {
            seats[participant] = Seat(point: point, phase: .ending)
            return actions.append(.dismiss(participant, code: 503, reason: Self.noHome))
        }
        seats[participant] = Seat(point: point, phase: .asking)
        actions.append(.project(participant, to: home))
    }

    static let noHome = "The bridge that leads this room cannot be reached"

    private mutating func leave(_ participant: ParticipantID, _ actions: inout [Action]) {
        if let seat = seats.removeValue(forKey: participant) {
            if seat.phase == .asking || seat.phase == .seated { actions.append(.withdraw(participant)) }
        } else {
            guests[participant] = nil
        }
    }

    /// Sends a point away. Its call may end at once, and be told of later.
    private mutating func dismiss(
        _ participant: ParticipantID, _ code: UInt16, _ reason: String, _ actions: inout [Action]
    ) {
        seats[participant]?.phase = .ending
        actions.append(.dismiss(participant, code: code, reason: reason))
    }

    private mutating func lose(_ participant: ParticipantID, at now: Duration, _ actions: inout [Action]) {
        guard let seat = seats[participant], seat.phase == .asking || seat.phase == .seated else { return }
        guard seat.wasTaken else { return dismiss(participant, 503, Self.noHome, &actions) }
        seats[participant]?.phase = .alone
        if aloneSince == nil {
            aloneSince = now
            // What fails at once is not tried without end.
            looksAt = max(now, lookedAt.map { $0 + Self.looks } ?? now)
        }
    }

    private mutating func obey(_ order: TrunkOrder, _ participant: ParticipantID, _ actions: inout [Action]) {
        switch order {
        case .stand(let standing):
            if let seat = seats[participant] {
                // Before it was taken in there is nothing to obey, and who is without a home stays as it was.
                guard seat.phase == .seated || seat.phase == .asking, seat.standing != standing else { return }
                seats[participant]?.standing = standing
            } else {
                guard let guest = guests[participant], !guest.isEnding, guest.standing != standing else { return }
                guests[participant]?.standing = standing
            }
            actions.append(.place(participant, standing))
        case .end(let reason):
            guard let seat = seats[participant], seat.phase == .seated || seat.phase == .asking else { return }
            actions.append(.withdraw(participant))
            dismiss(participant, 480, reason, &actions)
        case .say(let keys):
            guard seats[participant]?.phase == .seated else { return }
            actions.append(.say(participant, keys))
        case .heard, .key: break
        }
    }

    private mutating func move(to bridge: BridgeID?, _ actions: inout [Action]) {
        guard let bridge else { return }
        guard bridge != own else {
            let points = seats.filter { $0.value.phase != .ending && $0.value.wasTaken }.keys.sorted()
            for (participant, seat) in seats.sorted(by: { $0.key < $1.key }) {
                if seat.phase == .asking || seat.phase == .seated { actions.append(.withdraw(participant)) }
                // Who is asked for elsewhere while the room moves here calls again.
                if seat.phase != .ending, !seat.wasTaken {
                    actions.append(.dismiss(participant, code: 503, reason: Self.noHome))
                }
            }
            for (participant, guest) in guests.sorted(by: { $0.key < $1.key }) where !guest.isEnding {
                actions.append(.reject(participant, code: 480, reason: Self.moved))
            }
            isOver = true
            return actions.append(.adopt(points))
        }
        if bridge != home {
            home = bridge
            for (participant, guest) in guests.sorted(by: { $0.key < $1.key }) where guest.by != bridge {
                endGuest(participant, 480, Self.moved, &actions)
            }
            for (participant, seat) in seats.sorted(by: { $0.key < $1.key }) {
                guard seat.phase == .asking || seat.phase == .seated else { continue }
                actions += [.withdraw(participant), .project(participant, to: bridge)]
                seats[participant]?.phase = .asking
            }
        }
        for (participant, seat) in seats.sorted(by: { $0.key < $1.key }) where seat.phase == .alone {
            seats[participant]?.phase = .asking
            actions.append(.project(participant, to: bridge))
        }
    }

    static let moved = "The room is led by another bridge"

    private mutating func receive(
        _ participant: ParticipantID, _ origin: TrunkOrigin, _ bridge: BridgeID, _ actions: inout [Action]
    ) {
        guard guests[participant] == nil, seats[participant] == nil else { return }
        func refuse(_ code: UInt16, _ reason: String) {
            guests[participant] = Guest(origin: origin, by: bridge, isEnding: true)
            actions.append(.reject(participant, code: code, reason: reason))
        }
        guard origin.bridge != own else { return refuse(482, "The point is one of this bridge's own") }
        guard bridge == home else { return refuse(403, Self.moved) }
        for (older, guest) in guests.sorted(by: { $0.key < $1.key }) where guest.origin == origin && !guest.isEnding {
            endGuest(older, 480, "replaced", &actions)
        }
        guests[participant] = Guest(origin: origin, by: bridge)
        actions.append(.accept(participant))
    }

    private mutating func endGuest(
        _ participant: ParticipantID, _ code: UInt16, _ reason: String, _ actions: inout [Action]
    ) {
        guard guests[participant]?.isEnding == false else { return }
        guests[participant]?.isEnding = true
        actions.append(.reject(participant, code: code, reason: reason))
    }

    private mutating func settle(at now: Duration, _ actions: inout [Action]) {
        guard !isOver else { return }
        let isAnybodySeated = seats.values.contains { $0.phase == .seated }
        let isAnybodyLost = seats.values.contains {
            $0.phase == .alone || $0.phase == .asking && $0.wasTaken
        }
        // Who is asked for again, and has not been taken in, is without a home still.
        if !isAnybodyLost || isAnybodySeated && !seats.values.contains(where: { $0.phase == .alone }) {
            aloneSince = nil
            looksAt = nil
        }
        if let since = aloneSince, now >= since + Self.patience {
            aloneSince = nil
            looksAt = nil
            for (participant, seat) in seats.sorted(by: { $0.key < $1.key })
            where seat.phase == .alone || seat.phase == .asking {
                if seat.phase == .asking { actions.append(.withdraw(participant)) }
                dismiss(participant, 503, "home-lost", &actions)
            }
        }
        if let due = looksAt, due <= now {
            lookedAt = now
            looksAt = now + Self.looks
            actions.append(.findHome)
        }
        guard seats.isEmpty else { return }
        isOver = true
        for (participant, guest) in guests.sorted(by: { $0.key < $1.key }) where !guest.isEnding {
            actions.append(.reject(participant, code: 480, reason: "Nobody is here any more"))
        }
        actions.append(.close)
    }
}
