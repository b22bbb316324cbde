/// Units, points, rooms and people as they are at one time: those that the configuration file fixes, and those that the
/// Office manages. Changed only as a whole, by ``applying(_:)``, so that it is always sound: every reference leads
/// somewhere, no account belongs to two points.
public struct OfficeRegister: Hashable, Sendable {
    public typealias Kind = RegisterEntry.Kind

    /// Of each kind.
    public static let maximumEntries = 20_000

    /// Names an entry.
    public struct Key: Hashable, Sendable {
        public var kind: Kind
        public var id: String
        public init(_ kind: Kind, _ id: String) {
            self.kind = kind
            self.id = id
        }
    }

    private var units_: [String: UnitEntry] = [:]
    private var points_: [String: PointEntry] = [:]
    private var rooms_: [String: RoomEntry] = [:]
    private var people_: [String: PersonEntry] = [:]
    /// Entries that the configuration file fixes.
    public private(set) var fixed: Set<Key> = []

    public init() {}

    /// What was sound when it was stored, or is told by `faults`.
    public init(fixed: [RegisterEntry], managed: [RegisterEntry]) throws(RegisterFault) {
        for entry in fixed {
            set(entry.normalised)
            self.fixed.insert(Key(entry.kind, entry.id))
        }
        for entry in managed {
            if self.fixed.contains(Key(entry.kind, entry.id)) { throw .managedInFile(entry.kind, entry.id) }
            set(entry)
        }
        try checkAccounts()
        for (kind, id, other, target) in references() where !contains(other, target) {
            throw .unknownReference(kind, id, to: other, target)
        }
    }

    /// In the order of protocol.
    public var units: [UnitEntry] { units_.values.sorted { ($0.order, $0.id) < ($1.order, $1.id) } }
    /// In the order of protocol.
    public var points: [PointEntry] { points_.values.sorted { ($0.order, $0.id) < ($1.order, $1.id) } }
    public var rooms: [RoomEntry] { rooms_.values.sorted { $0.id < $1.id } }
    public var people: [PersonEntry] { people_.values.sorted { $0.id < $1.id } }

    public func unit(_ id: String) -> UnitEntry? { units_[id] }
    public func point(_ id: String) -> PointEntry? { points_[id] }
    public func room(_ id: String) -> RoomEntry? { rooms_[id] }
    public func person(_ id: String) -> PersonEntry? { people_[id] }

    /// Whom the identity provider knows so; nobody else's letters are taken for it.
    public func person(identity: String) -> PersonEntry? {
        people_.values.first { $0.identity.map { Array($0.utf8) == Array(identity.utf8) } == true }
    }

    public func entry(_ key: Key) -> RegisterEntry? {
        switch key.kind {
        case .unit: units_[key.id].map(RegisterEntry.unit)
        case .point: points_[key.id].map(RegisterEntry.point)
        case .room: rooms_[key.id].map(RegisterEntry.room)
        case .person: people_[key.id].map(RegisterEntry.person)
        }
    }

    public func isFixed(_ kind: Kind, _ id: String) -> Bool { fixed.contains(Key(kind, id)) }

    /// Every entry that the file does not fix.
    public var managed: [RegisterEntry] {
        let all =
            units.map(RegisterEntry.unit) + points.map(RegisterEntry.point) + rooms.map(RegisterEntry.room)
            + people.map(RegisterEntry.person)
        return all.filter { !fixed.contains(Key($0.kind, $0.id)) }
    }

    // MARK: Changing

    /// The register with these changes made, one after the other; all of them or none.
    public func applying(_ changes: [RegisterChange]) throws(RegisterFault) -> OfficeRegister {
        var register = self
        for change in changes { try register.apply(change) }
        // At the end, so that two points can change accounts, and a unit come after its points.
        try register.checkAccounts()
        for (kind, id, other, target) in register.references() where !register.contains(other, target) {
            if contains(other, target) { throw .inUse(other, target, by: [id]) }
            throw .unknownReference(kind, id, to: other, target)
        }
        let had = people_.values.contains { $0.roles.contains(.administrator) }
        if had, !register.people_.values.contains(where: { $0.roles.contains(.administrator) }) {
            throw .noAdministratorLeft
        }
        return register
    }

    private mutating func apply(_ change: RegisterChange) throws(RegisterFault) {
        switch change {
        case .add(let entry):
            if contains(entry.kind, entry.id) {
                throw isFixed(entry.kind, entry.id)
                    ? .managedInFile(entry.kind, entry.id) : .exists(entry.kind, entry.id)
            }
            try put(entry)
        case .set(let entry):
            guard contains(entry.kind, entry.id) else { throw .unknown(entry.kind, entry.id) }
            try put(entry)
        case .put(let entry):
            try put(entry)
        case .remove(let kind, let id):
            try checkChangeable(kind, id)
            let users = users(of: kind, id)
            guard users.isEmpty else { throw .inUse(kind, id, by: users) }
            remove(kind, id)
        case .merge(let unit, let target):
            try merge(unit, into: target)
        }
    }

    private mutating func put(_ entry: RegisterEntry) throws(RegisterFault) {
        let entry = entry.normalised
        if isFixed(entry.kind, entry.id) { throw .managedInFile(entry.kind, entry.id) }
        try entry.check()
        if !contains(entry.kind, entry.id), count(entry.kind) >= Self.maximumEntries {
            throw .full(entry.kind, maximum: Self.maximumEntries)
        }
        set(entry)
    }

    /// Points and people of a unit that is no more go to the one that takes it in.
    private mutating func merge(_ unit: String, into target: String) throws(RegisterFault) {
        try checkChangeable(.unit, unit)
        guard contains(.unit, target) else { throw .unknown(.unit, target) }
        guard unit != target else { throw .mergedIntoItself(unit) }
        for (id, point) in points_ where point.unit == unit {
            try checkChangeable(.point, id)
            points_[id]?.unit = target
        }
        for (id, person) in people_ where person.unit == unit { people_[id]?.unit = target }
        remove(.unit, unit)
    }

    private func checkChangeable(_ kind: Kind, _ id: String) throws(RegisterFault) {
        guard contains(kind, id) else { throw .unknown(kind, id) }
        if isFixed(kind, id) { throw .managedInFile(kind, id) }
    }

    private func checkAccounts() throws(RegisterFault) {
        var owners: [String: String] = [:]
        for point in points {
            if let owner = owners[point.username] { throw .usernameTaken(point.username, by: owner) }
            owners[point.username] = point.id
        }
        var identities: [String: String] = [:]
        for person in people {
            guard let identity = person.identity else { continue }
            if let owner = identities[identity] { throw .identityTaken(identity, by: owner) }
            identities[identity] = person.id
        }
    }

    private func users(of kind: Kind, _ id: String) -> [String] {
        references().filter { $0.other == kind && $0.target == id }.map(\.id)
    }

    private func references() -> [(kind: Kind, id: String, other: Kind, target: String)] {
        var found: [(kind: Kind, id: String, other: Kind, target: String)] = []
        for point in points { if let unit = point.unit { found.append((.point, point.id, .unit, unit)) } }
        for person in people { if let unit = person.unit { found.append((.person, person.id, .unit, unit)) } }
        for room in rooms {
            for point in (room.points ?? []).sorted() { found.append((.room, room.id, .point, point)) }
            if let chair = room.chair { found.append((.room, room.id, .point, chair)) }
        }
        return found
    }

    private func contains(_ kind: Kind, _ id: String) -> Bool {
        switch kind {
        case .unit: units_[id] != nil
        case .point: points_[id] != nil
        case .room: rooms_[id] != nil
        case .person: people_[id] != nil
        }
    }

    private func count(_ kind: Kind) -> Int {
        switch kind {
        case .unit: units_.count
        case .point: points_.count
        case .room: rooms_.count
        case .person: people_.count
        }
    }

    private mutating func set(_ entry: RegisterEntry) {
        switch entry {
        case .unit(let unit): units_[unit.id] = unit
        case .point(let point): points_[point.id] = point
        case .room(let room): rooms_[room.id] = room
        case .person(let person): people_[person.id] = person
        }
    }

    private mutating func remove(_ kind: Kind, _ id: String) {
        switch kind {
        case .unit: units_[id] = nil
        case .point: points_[id] = nil
        case .room: rooms_[id] = nil
        case .person: people_[id] = nil
        }
    }
}

/// A change of the register.
public enum RegisterChange: Hashable, Sendable {
    /// There must be none of this id yet.
    case add(RegisterEntry)
    /// There must be one of this id.
    case set(RegisterEntry)
    case put(RegisterEntry)
    case remove(RegisterEntry.Kind, String)
    /// An agency is taken in by another.
    case merge(unit: String, into: String)
}
