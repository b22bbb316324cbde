/// What users are told of their requests, and of the floors that they watch (RFC 8855 §13.1.2 and §13.5).
extension FloorControlServer {
    /// Requests in one FloorStatus or UserStatus.
    static let mostRequestsTold = 32

    /// Tells everybody concerned of what has changed.
    mutating func tell(of conferenceID: UInt32, at now: ContinuousClock.Instant) {
        tell(conferences[conferenceID]?.floors.takeChanges() ?? [], of: conferenceID, answered: nil, at: now)
    }

    /// - Parameter answered: the request of which a user hears by the answer that it got.
    mutating func tell(
        _ changes: [FloorRequest], of conferenceID: UInt32, answered: (request: UInt16, user: UInt16)?,
        at now: ContinuousClock.Instant
    ) {
        for request in changes {
            for userID in Set([request.beneficiary, request.requester]).sorted() {
                if let answered, answered == (request.id, userID) { continue }
                send(
                    .floorRequestStatus, [information(on: request, in: conferenceID)], to: userID, of: conferenceID,
                    at: now)
            }
        }
        for floorID in Set(changes.flatMap(\.floors)).sorted() {
            tellBridge(of: floorID, in: conferenceID)
            let watchers = conferences[conferenceID]?.members.filter { $0.value.watched.contains(floorID) }.keys
                .sorted()
            let status = floorStatus(floorID, in: conferenceID)
            for userID in watchers ?? [] { send(.floorStatus, status, to: userID, of: conferenceID, at: now) }
        }
    }

    /// The floors of a FloorQuery beyond the first, which its answer told of.
    mutating func tellOthers(watchedBy query: BFCPMessage, at now: ContinuousClock.Instant) {
        let first = query.attributes.floorIDs.first
        for floorID in Set(query.attributes.floorIDs).sorted() where floorID != first {
            let status = floorStatus(floorID, in: query.conferenceID)
            send(.floorStatus, status, to: query.userID, of: query.conferenceID, at: now)
        }
    }

    private mutating func tellBridge(of floorID: UInt16, in conferenceID: UInt32) {
        guard let conference = conferences[conferenceID] else { return }
        let requests = requests(for: floorID, in: conferenceID)
        let state = Conference.Told(
            holder: conference.floors.holder(of: floorID),
            waiting: requests.filter { $0.status != .granted }.map(\.beneficiary))
        guard state != conference.told[floorID] ?? .init() else { return }
        conferences[conferenceID]?.told[floorID] = state
        func participant(_ userID: UInt16) -> FloorParticipant? { conference.members[userID]?.user.participant }
        note(
            .floorChanged(
                conferenceID: conferenceID, floorID: floorID, holder: state.holder.flatMap(participant),
                waiting: state.waiting.compactMap(participant)))
    }

    private mutating func send(
        _ primitive: BFCPPrimitive, _ attributes: [BFCPAttribute.Value], to userID: UInt16, of conferenceID: UInt32,
        at now: ContinuousClock.Instant
    ) {
        guard let flow = conferences[conferenceID]?.members[userID]?.flow else { return }
        let message = BFCPMessage(
            primitive, version: associations[flow]?.version ?? 2, conferenceID: conferenceID, transactionID: 0,
            userID: userID, attributes: attributes.map { .init($0) })
        put(associations[flow]?.request(message, at: now) ?? [], on: flow)
    }

    // MARK: Attributes

    /// FLOOR-ID, and what goes on about the floor.
    func floorStatus(_ floorID: UInt16, in conferenceID: UInt32) -> [BFCPAttribute.Value] {
        let requests = requests(for: floorID, in: conferenceID).prefix(Self.mostRequestsTold)
        return [.floorID(floorID)] + requests.map { information(on: $0, in: conferenceID) }
    }

    /// The holder's first, then those that wait, in their order.
    private func requests(for floorID: UInt16, in conferenceID: UInt32) -> [FloorRequest] {
        (conferences[conferenceID]?.floors.requests ?? [])
            .filter { $0.floors.contains(floorID) }
            .enumerated()
            .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element)
    }

    /// FLOOR-REQUEST-INFORMATION (§5.2.15).
    func information(on request: FloorRequest, in conferenceID: UInt32) -> BFCPAttribute.Value {
        func names(_ userID: UInt16) -> [BFCPAttribute] {
            conferences[conferenceID]?.members[userID]?.user.names ?? []
        }
        let status = BFCPAttribute(.requestStatus(request.status, queuePosition: request.queuePosition))
        var attributes = [BFCPAttribute(.overallRequestStatus(floorRequestID: request.id, [status]))]
        attributes += request.floors.map { .init(.floorRequestStatus(floorID: $0, [status])) }
        attributes.append(.init(.beneficiaryInformation(userID: request.beneficiary, names(request.beneficiary))))
        if request.requester != request.beneficiary {
            attributes.append(.init(.requestedByInformation(userID: request.requester, names(request.requester))))
        }
        attributes.append(.init(.priority(request.priority)))
        if let info = request.info { attributes.append(.init(.participantProvidedInfo(info))) }
        return .floorRequestInformation(floorRequestID: request.id, attributes)
    }
}

extension FloorRequest {
    /// Lower comes first.
    fileprivate var rank: Int {
        switch status {
        case .granted: 0
        case .accepted: Int(queuePosition)
        default: 1 + Int(UInt8.max)
        }
    }
}

extension FloorUser {
    /// A group holds 255 octets, and two of these must fit into one.
    private static let displayNameLimit = 64

    var names: [BFCPAttribute] {
        displayName.isEmpty ? [] : [.init(.userDisplayName(.init(displayName, limit: Self.displayNameLimit)))]
    }
}
