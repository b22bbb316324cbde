import Conference
import MediaPlane
import Signalling

/// Puts participants' media where the rules want them.
extension BridgeHost {
    /// The media room of a place, made when first needed. Whoever comes in is muted until its placement is known.
    func mediaRoom(for place: Place, of meeting: MeetingID) -> MediaRoomID? {
        guard let hall = halls[meeting] else { return nil }
        if place == .hall { return hall.room }
        if let room = hall.sideRooms[place] { return room }
        do {
            let room = try media.openRoom(beside: hall.room, mutesNewcomers: true)
            halls[meeting]?.sideRooms[place] = room
            return room
        } catch {
            logger(of: meeting).error("meeting \(meeting): no media room for \(place): \(error)")
            return nil
        }
    }

    /// Brings a leg that begins, or begins anew, to where its participant is.
    func putInPlace(_ participant: ParticipantID) {
        guard let placement = conference.placement(of: participant),
            let meeting = conference.meeting(of: participant)
        else { return }
        move(participant, to: placement.place)
        setMicrophone(of: participant, placement.microphone)
        if placement.isInSpotlight, placement.place == .hall { setSpotlight(of: meeting, participant) }
        if let layout = placement.layout, layout != halls[meeting]?.layout {
            setLayout(of: meeting, layout, for: participant)
        }
    }

    func move(_ participant: ParticipantID, to place: Place) {
        guard let meeting = conference.meeting(of: participant), let leg = legOfParticipant[participant],
            let room = mediaRoom(for: place, of: meeting)
        else { return }
        // A leg that is gone already goes nowhere.
        try? media.moveLeg(leg, to: room)
        moveCarriers(of: participant, to: room)
    }

    func setMicrophone(of participant: ParticipantID, _ microphone: Microphone) {
        guard let leg = legOfParticipant[participant] else { return }
        try? media.setMuted(leg, microphone == .muted)
    }

    func setSpotlight(of meeting: MeetingID, _ participant: ParticipantID?) {
        guard let hall = halls[meeting] else { return }
        try? media.setSpotlight(participant.flatMap { legOfParticipant[$0] }, in: hall.room)
        markSpotlight(of: meeting)
    }

    /// The recording knows whom all see, though that point was cut off for a while.
    func markSpotlight(of meeting: MeetingID) {
        guard let recorder = halls[meeting]?.recording?.recorder, let status = conference.status(of: meeting) else {
            return
        }
        recorder.markSpotlight(of: status.roll.first { $0.point == status.spotlight }?.name)
    }

    /// Brings a text of the room's own to participants that take messages.
    func say(_ text: String, to participants: [ParticipantID], in meeting: MeetingID) {
        guard let calls, let hall = halls[meeting], !participants.isEmpty else { return }
        let message = RelayedMessage(
            name: hall.opening.title, username: hall.opening.room.rawValue, text: text)
        let receivers = participants.map { CallID(rawValue: $0.rawValue) }
        // Signalling lives on this thread and hears them in this order.
        Task { await calls.relay(message, to: receivers) }
    }
}
