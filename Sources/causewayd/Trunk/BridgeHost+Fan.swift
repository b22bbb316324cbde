import Announcements
import Conference
import LogSubjects
import MediaPlane
import SIP
import Signalling

/// The home's side of trunks: participants whose calls others have, and its own as others are shown them.
extension BridgeHost {
    /// A bridge brings one of its points to a room that this one leads.
    func arriveByTrunk(
        _ call: PointCall, _ subject: TrunkSubject, _ reply: CheckedContinuation<CallAdmission, Never>
    ) async {
        guard let homes = trunks?.homes else {
            return reply.resume(returning: .refuse(code: 403, reason: "There are no trunks here"))
        }
        // A branch brings its own points and no others': nothing goes round in a circle.
        guard subject.origin == subject.bridge else {
            return reply.resume(returning: .refuse(code: 482, reason: "The point is of another bridge"))
        }
        guard await homes.home(of: RoomID(call.room)) == .here else {
            logger.notice("\(subject.bridge) takes this bridge for the home of \(call.room)")
            return reply.resume(returning: .refuse(code: 503, reason: "The room is led by another bridge"))
        }
        let origin = TrunkOrigin(
            bridge: BridgeID(subject.bridge), participant: ParticipantID(rawValue: subject.participant))
        reply.resume(
            returning: await enter(
                call, PointID(subject.point),
                .arriveByTrunk(
                    participant: ParticipantID(call.id), point: PointID(subject.point), room: RoomID(call.room),
                    from: origin)))
    }

    /// A participant's streams are agreed on, or agreed on anew.
    func fan(_ participant: ParticipantID, _ media: LegParameters) async {
        guard let desk = trunks, let meeting = conference.meeting(of: participant) else { return }
        let calls = desk.carriersOf[participant] ?? []
        for call in calls.sorted(by: { $0.rawValue < $1.rawValue }) {
            await self.calls?.carry(CarriedStreams(of: media), in: call)
        }
        trunks?.untold.insert(meeting)
        guard desk.fanned[participant] == nil else { return }
        trunks?.fanned[participant] = meeting
        await turn(meeting, .seated(participant, at: conference.origin(of: participant)?.bridge))
    }

    /// A participant's call is over.
    func leaveFan(_ participant: ParticipantID) async {
        trunks?.told[participant] = nil
        trunks?.unheardNotices[participant] = nil
        guard let meeting = trunks?.fanned.removeValue(forKey: participant) else { return }
        await turn(meeting, .gone(participant))
        if !conference.isOpen(meeting), trunks?.fanned.values.contains(meeting) != true {
            trunks?.fans[meeting] = nil
        }
    }

    /// Asks the rule who goes where, and does as it says.
    func turn(_ meeting: MeetingID, _ event: TrunkFan.Event) async {
        var fan = trunks?.fans[meeting] ?? TrunkFan()
        let actions = fan.handle(event, at: now.steady)
        trunks?.fans[meeting] = fan
        for action in actions {
            switch action {
            case .project(let projection): await project(projection, of: meeting)
            case .withdraw(let projection):
                for (call, carrier) in trunks?.carriers ?? [:] {
                    guard case .fan(_, projection) = carrier.errand else { continue }
                    _ = trunks?.removeCarrier(call)
                    await calls?.hangUp(call, reason: "nobody is there for it")
                }
            }
        }
    }

    private func project(_ projection: TrunkFan.Projection, of meeting: MeetingID) async {
        let participant = projection.participant
        guard let desk = trunks, let hall = halls[meeting], let seat = hall.seats[participant], let media = seat.media,
            let leg = legOfParticipant[participant], let placement = conference.placement(of: participant),
            let room = mediaRoom(for: placement.place, of: meeting)
        else { return await turn(meeting, .failed(projection)) }
        let origin = conference.origin(of: participant)
        let subject = TrunkSubject(
            course: .toBranch, bridge: desk.own.rawValue, origin: (origin?.bridge ?? desk.own).rawValue,
            participant: (origin?.participant ?? participant).rawValue, point: seat.admission.point.rawValue)
        var call: CallID?
        if let address = await desk.homes.address(of: projection.bridge) {
            call = await calls?.project(
                subject, to: address, room: hall.opening.room.rawValue, beside: room, carrying: leg,
                CarriedStreams(of: media))
        }
        guard let call else {
            logger(of: participant).warning(
                "\(seat.admission.name) cannot be brought to bridge \(projection.bridge): it has no address")
            return await turn(meeting, .failed(projection))
        }
        trunks?.add(call, .init(errand: .fan(meeting, projection), participant: participant))
    }

    /// A carrying call's leg runs: it is to be where the carried leg is.
    func carrierAgreed(_ call: CallID, _ leg: LegID) {
        trunks?.carriers[call]?.leg = leg
        guard let carrier = trunks?.carriers[call] else { return }
        switch carrier.errand {
        case .fan(let meeting, _):
            trunks?.untold.insert(meeting)
            if let placement = conference.placement(of: carrier.participant),
                let room = mediaRoom(for: placement.place, of: meeting)
            {
                try? media.moveLeg(leg, to: room)
            }
        case .branch(let room):
            if let standing = trunks?.branches[room]?.rules.standing(of: carrier.participant),
                let place = branchRoom(for: standing.place, of: room)
            {
                try? media.moveLeg(leg, to: place)
            }
        }
    }

    /// What the conference wants done may be something to tell other bridges of.
    func noteForTrunks(_ action: Conference.Action) {
        guard trunks?.fans.isEmpty == false else { return }
        let meeting: MeetingID? =
            switch action {
            case .setMicrophone(let participant, _), .move(let participant, _): conference.meeting(of: participant)
            case .spotlight(let meeting, _), .setLayout(let meeting, _, _), .overlay(let meeting, _),
                .startRecording(let meeting, _), .pauseRecording(let meeting), .resumeRecording(let meeting),
                .stopRecording(let meeting):
                meeting
            default: nil
            }
        if let meeting { trunks?.untold.insert(meeting) }
    }

    /// The legs that carry a participant's go where it goes.
    func moveCarriers(of participant: ParticipantID, to room: MediaRoomID) {
        for call in trunks?.carriersOf[participant] ?? [] {
            if let leg = trunks?.carriers[call]?.leg { try? media.moveLeg(leg, to: room) }
        }
    }

    /// Tells bridges what changed of those that they have or show.
    func tellTrunks() async {
        guard let meetings = trunks?.untold, !meetings.isEmpty else { return }
        trunks?.untold = []
        for meeting in meetings.sorted() {
            guard let hall = halls[meeting], trunks?.fans[meeting]?.bridges.isEmpty == false else { continue }
            for participant in hall.seats.keys.sorted() {
                guard var standing = conference.trunkStanding(of: participant) else { continue }
                standing.line = hall.captions.message
                standing.isMarked = hall.mark == .always || hall.mark == .convened && hall.opening.convening != nil
                let call = CallID(rawValue: participant.rawValue)
                if conference.origin(of: participant) != nil, trunks?.told[participant] != standing {
                    trunks?.told[participant] = standing
                    await calls?.order(TrunkOrder.stand(standing).text, in: call)
                }
                for call in trunks?.carriersOf[participant] ?? [] {
                    guard let carrier = trunks?.carriers[call], carrier.leg != nil, carrier.told != standing else {
                        continue
                    }
                    trunks?.carriers[call]?.told = standing
                    await calls?.order(TrunkOrder.stand(standing).text, in: call)
                }
            }
        }
    }

    /// Whether another bridge has a participant's call; of one that the rules took out just now, too.
    func isElsewhere(_ participant: ParticipantID) -> Bool {
        conference.origin(of: participant) != nil || trunks?.told[participant] != nil
    }

    /// Has somebody who sits elsewhere hear recordings there.
    /// - Returns: the legs of those who sit here.
    func sayElsewhere(_ keys: [String], to legs: [LegID]) -> [LegID] {
        guard trunks != nil else { return legs }
        return legs.filter { leg in
            guard let participant = participantOfLeg[leg], isElsewhere(participant) else { return true }
            tellElsewhere(participant, .say(keys))
            return false
        }
    }

    /// In the order in which they were given.
    func tellElsewhere(_ participant: ParticipantID, _ order: TrunkOrder) {
        guard let calls else { return }
        Task { await calls.order(order.text, in: CallID(rawValue: participant.rawValue)) }
    }

    /// A bridge says something of a participant whose call it has.
    func heardElsewhere(_ participant: ParticipantID, _ order: TrunkOrder) async {
        switch order {
        case .key(let key): await press(key, participant, .signalling)
        case .heard(let keys):
            guard keys == [AnnouncementKey.recordingOn.rawValue],
                let meeting = trunks?.unheardNotices.removeValue(forKey: participant),
                let leg = legOfParticipant[participant]
            else { return }
            await writeNotice(of: leg, in: meeting, wasHeard: true)
        // Only a home says so, and this is it.
        case .stand, .end, .say: break
        }
    }
}
