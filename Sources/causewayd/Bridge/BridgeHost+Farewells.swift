import Announcements
import Conference
import MediaPlane
import Signalling

/// Calls that the conference ended, and that are up until they have heard why. They are muted; one that was removed hears
/// the meeting no more.
extension BridgeHost {
    /// Between the last word and the end of the call: what was sent is on its way.
    private static let breath = Duration.milliseconds(300)

    struct Farewell {
        var clip: PlaybackID
        /// Ends the call: when it is cancelled, and after the longest time at the latest. Done when that is done.
        var hangUp: Task<Void, Never>
    }

    func disconnect(_ participant: ParticipantID, _ reason: Conference.DisconnectReason) {
        guard let calls else { return }
        let call = CallID(rawValue: participant.rawValue)
        if isElsewhere(participant), reason.isOfTheMeeting {
            Task {
                await calls.order(TrunkOrder.end(reason: reason.rawValue).text, in: call)
                await calls.hangUp(call, reason: reason.rawValue)
            }
            return
        }
        guard let word = reason.lastWord, let leg = legOfParticipant[participant],
            let clip = spoken.unheard(word.key, by: leg)
        else {
            Task { await calls.hangUp(call, reason: reason.rawValue) }
            return
        }
        try? media.setMuted(leg, true)
        if reason == .removed, let meeting = hallSeating(participant), let doorway = doorway(of: meeting) {
            try? media.moveLeg(leg, to: doorway)
        }
        farewells[participant] = Farewell(
            clip: clip,
            hangUp: Task {
                try? await Task.sleep(for: word.limit)
                farewells[participant] = nil
                await calls.hangUp(call, reason: reason.rawValue)
            })
    }

    /// Where those who were removed hear nobody.
    private func doorway(of meeting: MeetingID) -> MediaRoomID? {
        guard let hall = halls[meeting] else { return nil }
        if let room = hall.doorway { return room }
        halls[meeting]?.doorway = try? media.openRoom(beside: hall.room, mutesNewcomers: true)
        return halls[meeting]?.doorway
    }

    /// A leg heard a clip to its end, or will not hear it.
    func clipEnded(_ clip: PlaybackID, of leg: LegID) {
        spoken.ended(clip, for: leg)
        guard let participant = participantOfLeg[leg], let farewell = farewells[participant], farewell.clip == clip
        else { return }
        Task {
            try? await Task.sleep(for: Self.breath)
            farewell.hangUp.cancel()
        }
    }

    /// The meeting in whose hall a participant has its seat, though the rules may have taken it out already.
    func hallSeating(_ participant: ParticipantID) -> MeetingID? {
        conference.meeting(of: participant) ?? halls.first { $0.value.seats[participant] != nil }?.key
    }
}

extension Conference.DisconnectReason {
    /// The point is to go; not only its way here.
    fileprivate var isOfTheMeeting: Bool {
        switch self {
        case .replaced, .removed, .wrongPIN, .meetingEnded: true
        case .silent, .shutdown, .restart: false
        }
    }

    /// What is said before the call ends, and how long it may take; nil where it ends at once.
    fileprivate var lastWord: (key: AnnouncementKey, limit: Duration)? {
        switch self {
        case .removed: (.removed, .seconds(5))
        case .meetingEnded: (.meetingEnds, .seconds(4))
        case .replaced, .silent, .wrongPIN, .shutdown, .restart: nil
        }
    }
}
