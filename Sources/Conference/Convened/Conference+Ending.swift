/// The chair of a convened meeting is told five minutes before its planned end. The others are not: whether it ends then is
/// the chair's to say, and whoever speaks is not to be interrupted.
extension Conference {
    private static let endNotice = Duration.seconds(300)
    /// What is said later than this would not be true.
    private static let endNoticeLateness = Duration.seconds(60)

    /// How long before the warning, by the wall clock; nil where none is to come.
    private func timeToEndWarning(of meeting: Meeting, at wall: WallTime) -> Duration? {
        guard meeting.stage == .inSession, meeting.phase == .sitting, let convening = meeting.convening,
            meeting.endWarnedOf != convening.endsAt,
            convening.opensAt.duration(until: convening.endsAt) > Self.endNotice * 2
        else { return nil }
        return wall.duration(until: convening.endsAt) - Self.endNotice
    }

    /// By the steady clock. A clock that is set is noticed at the next event.
    var endWarningDeadline: Duration? {
        guard let lastSeen else { return nil }
        return meetings.values.lazy.compactMap { timeToEndWarning(of: $0, at: lastSeen.wall) }.min()
            .map { lastSeen.steady + max(.zero, $0) }
    }

    mutating func warnOfEnds(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            guard let meeting = meetings[id], let left = timeToEndWarning(of: meeting, at: now.wall), left <= .zero
            else { continue }
            meetings[id]?.endWarnedOf = meeting.convening?.endsAt
            guard left > .zero - Self.endNoticeLateness else { continue }
            announce(.meetingEndsSoon, to: meeting.chairParticipants, &actions)
        }
    }
}
