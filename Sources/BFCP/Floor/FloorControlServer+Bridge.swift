/// The floor for participants that have no BFCP, and what the bridge decides itself.
extension FloorControlServer {
    /// As a FloorRequest of the participant: others may hold the floor, or a chair may have to agree.
    public mutating func request(
        _ floorID: UInt16 = 1, by participant: FloorParticipant, in conferenceID: UInt32,
        at now: ContinuousClock.Instant
    ) throws(FloorRefusal) -> (status: BFCPRequestStatus, actions: [FloorControlAction]) {
        let userID = try find(participant, in: conferenceID)
        guard conferences[conferenceID]?.members[userID]?.user.mayRequest == true else { throw .notAllowed }
        let requestID = try ask(for: [floorID], requester: userID, beneficiary: userID, in: conferenceID)
        let status = conferences[conferenceID]?.floors.request(requestID)?.status ?? .denied
        tell(of: conferenceID, at: now)
        return (status, takeActions())
    }

    /// The participant no longer wants the floor.
    public mutating func release(
        _ floorID: UInt16 = 1, by participant: FloorParticipant, in conferenceID: UInt32,
        at now: ContinuousClock.Instant
    ) -> [FloorControlAction] {
        guard let userID = conferences[conferenceID]?.userIDs[participant] else { return [] }
        for request in conferences[conferenceID]?.floors.requests ?? []
        where request.beneficiary == userID && request.floors.contains(floorID) {
            conferences[conferenceID]?.floors.release(request.id)
        }
        tell(of: conferenceID, at: now)
        return takeActions()
    }

    /// The participant gets the floor, whoever holds it, and whether it asked or not.
    public mutating func grant(
        _ floorID: UInt16 = 1, to participant: FloorParticipant, in conferenceID: UInt32,
        at now: ContinuousClock.Instant
    ) throws(FloorRefusal) -> [FloorControlAction] {
        let userID = try find(participant, in: conferenceID)
        let known = conferences[conferenceID]?.floors.requests.last {
            $0.beneficiary == userID && $0.floors.contains(floorID)
        }
        let requestID: UInt16
        if let known {
            requestID = known.id
        } else {
            requestID = try ask(for: [floorID], requester: userID, beneficiary: userID, in: conferenceID)
        }
        conferences[conferenceID]?.floors.grant(requestID)
        tell(of: conferenceID, at: now)
        return takeActions()
    }

    /// Takes the floor from whoever holds it.
    public mutating func revoke(
        _ floorID: UInt16 = 1, in conferenceID: UInt32, at now: ContinuousClock.Instant
    ) -> [FloorControlAction] {
        for request in conferences[conferenceID]?.floors.requests ?? []
        where request.status == .granted && request.floors.contains(floorID) {
            conferences[conferenceID]?.floors.finish(request.id, .revoked)
        }
        tell(of: conferenceID, at: now)
        return takeActions()
    }

    private func find(
        _ participant: FloorParticipant, in conferenceID: UInt32
    ) throws(FloorRefusal) -> UInt16 {
        guard let conference = conferences[conferenceID] else { throw .conferenceUnknown }
        guard let userID = conference.userIDs[participant] else { throw .participantUnknown }
        return userID
    }
}
