/// The chair of a convened meeting is told five minutes before its planned end. The others are not: whether it ends then is
/// the chair's to say, and whoever speaks is not to be interrupted.
extension Conference {
    /// What is said later than this would not be true.
    private static let endNoticeLateness = Duration.seconds(60)

    /// By the steady clock. A clock that is set is noticed at the next event.
    var endWarningDeadline: Duration? {
        guard let lastSeen, let end = meetings.firstEndToTell else { return nil }
        return lastSeen.steady + max(.zero, lastSeen.wall.duration(until: end) - Meeting.endNotice)
    }

    mutating func warnOfEnds(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            guard let meeting = meetings[id], let end = meeting.endToTell else { continue }
            let left = now.wall.duration(until: end) - Meeting.endNotice
            guard left <= .zero else { continue }
            meetings[id]?.endWarnedOf = end
            guard left > .zero - Self.endNoticeLateness else { continue }
            announce(.meetingEndsSoon, to: meeting.chairParticipants, &actions)
        }
    }
}

extension Meeting {
    /// So long before its planned end its chair is told.
    static let endNotice = Duration.seconds(300)

    /// The planned end of which its chair is to be told; nil where none is.
    var endToTell: WallTime? {
        guard stage == .inSession, phase == .sitting, let convening, endWarnedOf != convening.endsAt,
            convening.opensAt.duration(until: convening.endsAt) > Self.endNotice * 2
        else { return nil }
        return convening.endsAt
    }
}
