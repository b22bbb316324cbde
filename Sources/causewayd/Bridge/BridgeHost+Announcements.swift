import Announcements
import Conference
import MediaPlane

/// What participants are told: by voice where the site has the recordings, and as text where an endpoint takes it.
extension BridgeHost {
    private static let mostUntold = 4

    func announce(_ announcement: Announcement, to participants: [ParticipantID]) async {
        guard let meeting = participants.lazy.compactMap({ self.hallSeating($0) }).first else { return }
        if announcement.isWritten { write(announcement, to: participants, in: meeting) }
        // Who comes into a meeting that is recorded is told by `noticeRecording`, once its media flows.
        for participant in participants
        where legOfParticipant[participant] == nil && announcement != .recordingOn
            && untold[participant, default: []].count < Self.mostUntold
        {
            untold[participant, default: []].append(announcement)
        }
        let legs = participants.compactMap { legOfParticipant[$0] }
        let clip = speak(announcement, to: legs)
        if announcement == .recordingOn { await noticed(clip, to: legs, in: meeting) }
    }

    /// Signalling need not know of a call yet that the bridge makes.
    private func write(_ announcement: Announcement, to participants: [ParticipantID], in meeting: MeetingID) {
        say(announcement.text, to: participants.filter { legOfParticipant[$0] != nil }, in: meeting)
        for participant in participants
        where legOfParticipant[participant] == nil && unwritten[participant, default: []].count < Self.mostUntold {
            unwritten[participant, default: []].append(announcement.text)
        }
    }

    /// A participant can hear and read: it is told what it was to be told before.
    func tell(_ participant: ParticipantID) {
        if let texts = unwritten.removeValue(forKey: participant), let meeting = conference.meeting(of: participant) {
            for text in texts { say(text, to: [participant], in: meeting) }
        }
        guard let leg = legOfParticipant[participant], let untold = untold.removeValue(forKey: participant) else {
            return
        }
        for announcement in untold { speak(announcement, to: [leg]) }
    }

    /// Returns what is being played; nil where nothing is.
    @discardableResult
    private func speak(_ announcement: Announcement, to legs: [LegID]) -> PlaybackID? {
        let now = ContinuousClock.now
        guard let keys = announcement.keys, let first = keys.first else { return nil }
        let news = announcement.isNews ? legs.filter { spoken.isNew(first, to: $0, at: now) } : legs
        let legs = sayElsewhere(keys.map(\.rawValue), to: news)
        guard !legs.isEmpty, let clip = announcements.clip(keys) else { return nil }
        // What waits before the last word would take its time.
        if announcement.isLastWord { for leg in legs { media.stopClips(of: leg) } }
        let playing = media.play(clip, to: .legs(legs))
        spoken.began(playing, first, to: legs, at: now)
        return playing
    }
}

extension Announcement {
    private static let notice = Duration.seconds(60)

    /// Of others, and the same each time: where there is much of it, it is told once in a while.
    fileprivate var isNews: Bool {
        switch self {
        case .lateComer, .waits, .dropped, .unknownKey: true
        default: false
        }
    }

    fileprivate var isLastWord: Bool {
        switch self {
        case .removed, .meetingEnds: true
        default: false
        }
    }

    /// Of the recordings that say it; nil for what is only written. Names are: nobody has recorded them.
    fileprivate var keys: [AnnouncementKey]? {
        switch self {
        case .missing(let names): [.pointsMissing] + AnnouncementKey.count(names.count)
        case .present(let count, let all):
            [.pointsPresent] + AnnouncementKey.count(count) + [.outOf] + AnnouncementKey.count(all)
        default: key.map { [$0] }
        }
    }

    private var key: AnnouncementKey? {
        switch self {
        case .pleaseWait: .waitingRoom
        case .enterPIN: .enterPIN
        case .wrongPIN: .wrongPIN
        case .meetingOpens: .meetingOpens
        case .meetingEnds: .meetingEnds
        case .meetingEndsSoon: .meetingEndsSoon
        case .meetingLocked: .roomLocked
        case .meetingUnlocked: .roomUnlocked
        case .recordingOn: .recordingOn
        case .recordingPaused: .recordingPaused
        case .recordingOff: .recordingOff
        case .microphoneOpened: .unmuted
        case .microphoneMuted: .muted
        case .yourTurn: .youMaySpeak
        case .turnOver: .turnIsOver
        case .timeLeft(let left): left == Self.notice ? .oneMinuteLeft : nil
        case .timeOver: .timeIsUp
        case .handRaised: .handRaised
        case .handLowered: .handLowered
        case .inSideRoom: .sideRoom
        case .backInHall: .backFromSideRoom
        case .removed: .removed
        case .voteOpens: .voteOpen
        case .ballotTaken: .voteTaken
        case .voteResult: .voteClosed
        case .ballotRefused, .notAllowed: .notAllowed
        case .lateComer: .lateComer
        case .waits: .pointWaits
        case .dropped: .pointDropped
        case .unknownKey: .unknownKey
        case .missing, .present: nil
        }
    }
}
