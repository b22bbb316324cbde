import Conference
import ConferenceInfo
import MediaPlane
import Signalling

/// Points that are sent from one room to another, or that ask for others to be called.
extension BridgeHost {
    /// A point asks by REFER for a call: to one of the other points, which is called into its room; or to a room, into
    /// which it is called itself.
    func refer(_ referral: Referral) async {
        guard let asker = point(of: referral.username) else { return await tell(referral, 403) }
        if referral.deed == .removal { return await remove(referral, by: asker) }
        let target = RoomID(referral.target)
        let isRoom = conference.register.room(target) != nil
        guard let called = isRoom ? asker : point(of: referral.target) else { return await tell(referral, 404) }
        let room = isRoom ? target : RoomID(referral.room)
        // Only who sits in a meeting has others called into it.
        if !isRoom, !conference.isPresent(asker, in: room) { return await tell(referral, 403) }
        var outcome: UInt16? = 500
        for action in conference.handle(.call(room, [called], by: asker.rawValue), at: now) {
            switch action {
            case .refuseCommand(let refusal): outcome = refusal.status
            case .dial(let point, let meeting):
                guard let call = await dial(point, into: meeting) else {
                    outcome = 480
                    continue
                }
                referrals[call] = referral.id
                outcome = nil
            default: await perform(action)
            }
        }
        if let outcome { await tell(referral, outcome) }
    }

    /// The chair's point has another removed, as it could be by the portal; nobody else's may.
    private func remove(_ referral: Referral, by asker: PointID) async {
        guard let meeting = conference.meeting(in: RoomID(referral.room)),
            conference.participant(asker, in: meeting) != nil
        else { return await tell(referral, 403) }
        let officer = Officer(at: asker)
        guard let point = point(of: referral.target) else {
            // Whom the bridge knows is told to the chair alone.
            return await tell(referral, conference.chair(of: meeting) == asker ? 404 : 403)
        }
        var outcome: UInt16 = 200
        let order = Conference.Command.remove(point, reason: Self.byReferral)
        for action in conference.handle(.command(meeting, order, by: officer), at: now) {
            if case .refuseCommand(let refusal) = action {
                if case .notInMeeting = refusal { outcome = 404 } else { outcome = refusal.status }
            }
            await perform(action)
        }
        await tell(referral, outcome)
    }

    /// The reason of what a device orders by REFER, which tells none.
    private static let byReferral = "lệnh từ thiết bị tại điểm cầu của chủ tọa"

    private func tell(_ referral: Referral, _ status: UInt16) async {
        let logger = logger.about(meeting: conference.meeting(in: RoomID(referral.room))?.rawValue, room: referral.room)
        logger.info(
            "\(point: referral.username) asked for a \(referral.deed) of \(referral.target): \(status)")
        await calls?.tell(referral.id, status: status)
    }

    /// Sends a point to another room: by REFER where it takes that, otherwise by calling it there.
    func move(_ point: PointID, from meeting: MeetingID, to room: RoomID, by: String) async -> Conference.Refusal? {
        guard let participant = conference.participant(point, in: meeting) else { return .nobodyToCall }
        if let refusal = conference.refusal(of: point, into: room) { return refusal }
        let call = CallID(rawValue: participant.rawValue)
        moving[call] = (point, room, by)
        logger(of: participant).info("\(point) is sent to room \(room) by \(by)")
        await calls?.transfer(call, to: room.rawValue)
        return nil
    }

    /// What came of the REFER. A point that took it calls by itself.
    func transferred(_ call: CallID, _ status: UInt16) async {
        guard let move = moving.removeValue(forKey: call), status >= 300 else { return }
        logger(of: ParticipantID(call)).info(
            "\(move.point) does not take the transfer (\(status)): it is called into \(move.room)")
        await decide(.call(move.room, [move.point], by: move.by))
    }

    // MARK: Who watches

    /// How a room's conference stands, for a point that may come in there.
    func watch(_ room: RoomID, _ username: String) -> ConferenceInfo? {
        guard let point = point(of: username), conference.refusal(of: point, into: room) == nil else { return nil }
        let info = conferenceInfo(of: room)
        watched[room.rawValue] = info
        return info
    }

    /// Tells those who watch what has changed.
    func publish() async {
        for (room, known) in watched {
            let info = conferenceInfo(of: RoomID(room))
            guard info != known else { continue }
            watched[room] = info
            await calls?.publish(info, of: room)
        }
    }

    private func conferenceInfo(of room: RoomID) -> ConferenceInfo {
        let meeting = conference.meeting(in: room).flatMap { conference.status(of: $0) }
        var description = ConferenceInfo.Description()
        description.displayText = meeting?.title ?? conference.register.room(room)?.title
        description.availableMedia = [
            .init(label: "audio", kind: .audio, status: .sendrecv),
            .init(label: "video", kind: .video, status: .sendrecv),
        ]
        var info = ConferenceInfo(
            entity: "sip:\(room)@\(domain)", description: description,
            state: .init(
                userCount: UInt32(clamping: meeting?.participants.count ?? 0), isActive: meeting?.isInSession ?? false,
                isLocked: conference.register.room(room)?.door == .closed || meeting?.isLocked == true))
        let speaker = meeting?.speaker.flatMap { speaker in meeting?.participants.first { $0.id == speaker } }
        let presenter = presenter(in: meeting?.id).flatMap { presenter in
            meeting?.participants.first { $0.id == presenter }
        }
        info.state.speaker = speaker.map { entity(of: $0.point) }
        info.state.spotlight = meeting?.spotlight.map(entity(of:))
        info.state.layout = meeting?.layout?.rawValue
        info.state.isComposed = meeting.map { halls[$0.id]?.overlay != nil }
        info.state.presenter = presenter.map { entity(of: $0.point) }
        info.state.isRecorded = meeting?.isRecording
        info.state.word = (meeting?.speech?.point).map(entity(of:))
        if meeting?.layout == .chair { info.state.chosen = meeting?.shownByChair().map(entity(of:)) ?? [] }
        let places = Dictionary((meeting?.roll ?? []).enumerated().map { ($1.point, $0 + 1) }) { first, _ in first }
        info.users = (meeting?.participants ?? []).map { participant in
            let seat = meeting.flatMap { halls[$0.id]?.seats[participant.id] }
            var user = ConferenceInfo.User(
                entity: entity(of: participant.point), displayText: participant.name,
                roles: [participant.point == meeting?.chair ? "chair" : "participant"],
                endpoints: [
                    .init(
                        entity: "\(entity(of: participant.point));call=\(participant.id)", status: participant.status,
                        joiningMethod: seat?.isCalled == true ? .dialedOut : .dialedIn,
                        media: participant.media(seat?.media))
                ], handRaised: participant.handRaised?.iso8601())
            user.place = places[participant.point]
            user.layout = participant.layout?.rawValue
            if participant.layout == .chair {
                user.chosen = meeting?.shownByChair(to: participant).map(entity(of:)) ?? []
            }
            return user
        }
        return info
    }

    /// The address by which a point is called and knows itself.
    private func entity(of point: PointID) -> String {
        "sip:\(accounts.withLock { $0.username(of: point) } ?? point.rawValue)@\(domain)"
    }

    private func point(of username: String) -> PointID? { accounts.withLock { $0.point(of: username) } }
}

extension Conference.ParticipantStatus {
    /// As the conference event package has it: who is not in the hall is on hold.
    fileprivate var status: ConferenceInfo.Endpoint.Status {
        switch (place, microphone) {
        case (.hall, .open): .connected
        case (.hall, .muted): .mutedViaFocus
        case (.waiting, _), (.side, _): .onHold
        }
    }

    /// Its streams as it sees them (RFC 4575 §5.8.5): what a muted point says goes nowhere, and a picture that was agreed on
    /// and has not come is none yet.
    fileprivate func media(_ agreed: LegParameters?) -> [ConferenceInfo.Medium] {
        guard let agreed else { return [] }
        func medium(
            _ id: String, _ kind: ConferenceInfo.MediaKind, _ stream: StreamParameters?, sends: Bool
        ) -> ConferenceInfo.Medium? {
            guard let stream, stream.sends || stream.receives else { return nil }
            let status: ConferenceInfo.MediaStatus =
                switch (sends && stream.receives, stream.sends) {
                case (true, true): .sendrecv
                case (true, false): .sendonly
                case (false, true): .recvonly
                case (false, false): .inactive
                }
            return .init(id: id, kind: kind, label: kind.rawValue, status: status)
        }
        return [
            medium("1", .audio, agreed.audio, sends: microphone == .open && seen.contains(.sound)),
            medium("2", .video, agreed.video, sends: seen.contains(.picture)),
        ].compactMap { $0 }
    }
}

extension Conference.Refusal {
    /// As SIP says it.
    var status: UInt16 {
        switch self {
        case .noSuchRoom: 404
        case .notInvited: 403
        case .roomClosed: 480
        case .nobodyToCall: 486
        case .noSuchMeeting: 404
        case .notAllowed, .notInMeeting, .tooSecretToRecord: 403
        case .notOpen, .alreadySo, .notRecording, .recordingFailed, .voteIsOpen, .noVoteIsOpen: 480
        case .badText, .outOfBounds: 400
        }
    }
}

extension CallEndReason {
    /// As SIP says it to whoever asked for the call.
    var status: UInt16 {
        switch self {
        case .declined(let code, _), .refused(let code, _): code
        case .noAnswer: 408
        case .unreachable: 480
        case .cancelled: 487
        default: 500
        }
    }
}
