/// What the server wants done.
public enum FloorControlAction: Hashable, Sendable {
    case send([UInt8], FloorControlFlow)
    /// The connection is of no use any more.
    case close(FloorControlFlow)
    /// The floor has another holder, or none, or others wait for it or for a chair: the next first.
    case floorChanged(conferenceID: UInt32, floorID: UInt16, holder: FloorParticipant?, waiting: [FloorParticipant])
    /// A peer left the server's request without response, three times repeated. It keeps what it has: many systems speak
    /// the drafts before RFC 8855 and acknowledge little, and whether the point is still there its call knows better.
    case unanswered(BFCPPrimitive, FloorControlFlow)
}

/// A floor control server for many conferences (RFC 8855 §13). Sans-IO: octets and the time go in, actions come out, and
/// `advance(to:)` is due at `deadline`.
public struct FloorControlServer: Sendable {
    struct Member: Sendable {
        var user: FloorUser
        var flow: FloorControlFlow?
        /// It has spoken on that flow.
        var isHeard = false
        /// Floors of which it wants to be told (§13.5).
        var watched: Set<UInt16> = []
    }

    struct Conference: Sendable {
        var floors: FloorConference
        var members: [UInt16: Member] = [:]
        var userIDs: [FloorParticipant: UInt16] = [:]
        /// The beneficiaries of each floor's requests as last told to the bridge, the holder's apart.
        var told: [UInt16: Told] = [:]

        struct Told: Equatable {
            var holder: UInt16?
            var waiting: [UInt16] = []
        }
    }

    public let limits: FloorControlLimits
    private let timers: BFCPTimers
    var conferences: [UInt32: Conference] = [:]
    var associations: [FloorControlFlow: BFCPAssociation] = [:]
    /// How many users speak from each address.
    private var hosts: [String: Int] = [:]
    private var actions: [FloorControlAction] = []

    public init(limits: FloorControlLimits = .init(), timers: BFCPTimers = .init()) {
        self.limits = limits
        self.timers = timers
    }

    /// When `advance(to:)` is due.
    public var deadline: ContinuousClock.Instant? { associations.values.compactMap(\.deadline).min() }

    /// Whether any user may speak from the address: what comes from another is not even answered.
    public func expects(_ host: String) -> Bool { hosts[host] != nil }

    /// Whether a user speaks on the flow.
    public func isInUse(_ flow: FloorControlFlow) -> Bool { associations[flow] != nil }

    /// Who holds the floor.
    public func holder(of floorID: UInt16 = 1, in conferenceID: UInt32) -> FloorParticipant? {
        guard let conference = conferences[conferenceID] else { return nil }
        return conference.floors.holder(of: floorID).flatMap { conference.members[$0]?.user.participant }
    }
}

// MARK: - Conferences and users

extension FloorControlServer {
    /// False if there is one of this number already.
    public mutating func addConference(_ id: UInt32, _ settings: FloorConferenceSettings = .init()) -> Bool {
        guard conferences[id] == nil else { return false }
        conferences[id] = Conference(floors: FloorConference(settings: settings))
        return true
    }

    public mutating func removeConference(_ id: UInt32) -> [FloorControlAction] {
        guard let conference = conferences.removeValue(forKey: id) else { return [] }
        for member in conference.members.values {
            forget(member.user.hosts)
            abandon(member.flow)
        }
        return takeActions()
    }

    /// A participant that is there already is another user from now on; what it held is free.
    /// - Returns: nil if there is no such conference, or the user's number is in use.
    public mutating func addUser(
        _ user: FloorUser, to conferenceID: UInt32, at now: ContinuousClock.Instant
    ) -> [FloorControlAction]? {
        guard user.userID != 0, let conference = conferences[conferenceID], conference.members[user.userID] == nil
        else {
            return nil
        }
        drop(user.participant, from: conferenceID, at: now)
        conferences[conferenceID]?.members[user.userID] = Member(user: user)
        conferences[conferenceID]?.userIDs[user.participant] = user.userID
        for host in user.hosts { hosts[host, default: 0] += 1 }
        expect(user.userID, of: conferenceID)
        return takeActions()
    }

    /// The participant is gone: what it held is free. It is told nothing.
    public mutating func removeUser(
        _ participant: FloorParticipant, from conferenceID: UInt32, at now: ContinuousClock.Instant
    ) -> [FloorControlAction] {
        drop(participant, from: conferenceID, at: now)
        return takeActions()
    }

    /// What speaks for the participant has another address, as after a re-INVITE. What it holds stays.
    public mutating func move(
        _ participant: FloorParticipant, in conferenceID: UInt32, hosts new: Set<String>, announced: FloorControlFlow?
    ) -> [FloorControlAction] {
        guard let userID = conferences[conferenceID]?.userIDs[participant],
            let member = conferences[conferenceID]?.members[userID]
        else { return [] }
        for host in new { hosts[host, default: 0] += 1 }
        forget(member.user.hosts)
        conferences[conferenceID]?.members[userID]?.user.hosts = new
        conferences[conferenceID]?.members[userID]?.user.announced = announced
        if let flow = member.flow, !new.contains(flow.host) || announced != member.user.announced {
            conferences[conferenceID]?.members[userID]?.flow = nil
            conferences[conferenceID]?.members[userID]?.isHeard = false
            abandon(flow)
        }
        expect(userID, of: conferenceID)
        return takeActions()
    }

    /// Until the user speaks, it is where it announced to be.
    private mutating func expect(_ userID: UInt16, of conferenceID: UInt32) {
        guard let member = conferences[conferenceID]?.members[userID], member.flow == nil,
            let flow = member.user.announced, !flow.isReliable, member.user.hosts.contains(flow.host)
        else { return }
        bind(userID, of: conferenceID, to: flow, version: 2)
    }

    private mutating func drop(
        _ participant: FloorParticipant, from conferenceID: UInt32, at now: ContinuousClock.Instant
    ) {
        guard let userID = conferences[conferenceID]?.userIDs.removeValue(forKey: participant),
            let member = conferences[conferenceID]?.members.removeValue(forKey: userID)
        else { return }
        conferences[conferenceID]?.floors.releaseAll(of: userID)
        tell(of: conferenceID, at: now)
        forget(member.user.hosts)
        abandon(member.flow)
    }

    private mutating func forget(_ gone: Set<String>) {
        for host in gone {
            let left = (hosts[host] ?? 1) - 1
            hosts[host] = left > 0 ? left : nil
        }
    }
}

// MARK: - Flows and time

extension FloorControlServer {
    /// Repeats what was not answered in time.
    public mutating func advance(to now: ContinuousClock.Instant) -> [FloorControlAction] {
        for (flow, association) in associations where association.deadline.map({ $0 <= now }) == true {
            switch associations[flow]?.advance(to: now) {
            case .send(let datagrams): put(datagrams, on: flow)
            case .unanswered(let primitive, let late):
                note(.unanswered(primitive, flow))
                put(late, on: flow)
            case .nothing, nil: break
            }
        }
        return takeActions()
    }

    /// The connection is gone. Its users keep their place, but not what they held.
    public mutating func closed(_ flow: FloorControlFlow, at now: ContinuousClock.Instant) -> [FloorControlAction] {
        guard associations.removeValue(forKey: flow) != nil else { return [] }
        for (id, conference) in conferences {
            for (userID, member) in conference.members where member.flow == flow {
                leave(userID, of: id)
                tell(of: id, at: now)
            }
        }
        return takeActions()
    }

    /// The user speaks from this flow now, and no longer from another.
    mutating func bind(_ userID: UInt16, of conferenceID: UInt32, to flow: FloorControlFlow, version: UInt8) {
        let before = conferences[conferenceID]?.members[userID]?.flow
        conferences[conferenceID]?.members[userID]?.flow = flow
        if associations[flow] == nil {
            associations[flow] = BFCPAssociation(
                version: version, isReliable: flow.isReliable, timers: timers, limits: limits)
        }
        associations[flow]?.version = version
        if before != flow { abandon(before) }
    }

    /// The user has said Goodbye, or its connection went.
    mutating func leave(_ userID: UInt16, of conferenceID: UInt32) {
        conferences[conferenceID]?.members[userID]?.flow = nil
        conferences[conferenceID]?.members[userID]?.isHeard = false
        conferences[conferenceID]?.members[userID]?.watched = []
        conferences[conferenceID]?.floors.releaseAll(of: userID)
    }

    /// Forgets a flow on which no user is left.
    mutating func abandon(_ flow: FloorControlFlow?) {
        guard let flow, associations[flow] != nil,
            !conferences.values.contains(where: { $0.members.values.contains { $0.flow == flow } })
        else { return }
        associations[flow] = nil
        if flow.isReliable { note(.close(flow)) }
    }

    mutating func put(_ datagrams: [[UInt8]], on flow: FloorControlFlow) {
        for octets in datagrams { note(.send(octets, flow)) }
    }

    mutating func note(_ action: FloorControlAction) { actions.append(action) }

    mutating func takeActions() -> [FloorControlAction] {
        defer { actions = [] }
        return actions
    }
}
