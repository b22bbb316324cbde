public enum SpeakingTimeWarning: Hashable, Sendable {
    /// So much is left.
    case left(Duration)
    case over
}

/// The word that a point was given, and how long it may last.
struct Speech: Hashable, Sendable, Codable {
    /// So long before its end a speaker is warned, where it has more than that.
    static let notice = Duration.seconds(60)
    /// The longest limit.
    static let longest = Duration.seconds(4 * 3600)

    var point: PointID
    var began: Moment
    var limit: Duration?
    private var isNoticeGiven = false
    private var isOver = false

    init(_ point: PointID, at now: Moment, limit: Duration?) {
        self.point = point
        began = now
        self.limit = limit
    }

    /// When the next warning is due, by the steady clock; nil where none is.
    var deadline: Duration? {
        guard let limit, !isOver else { return nil }
        return began.steady + (isNoticeGiven || limit <= Self.notice ? limit : limit - Self.notice)
    }

    /// The warning that is due; each comes once, and of two that are due the later counts.
    mutating func warning(at now: Duration) -> SpeakingTimeWarning? {
        guard let limit, !isOver else { return nil }
        let elapsed = now - began.steady
        if elapsed >= limit {
            isOver = true
            return .over
        }
        guard !isNoticeGiven, limit > Self.notice, elapsed >= limit - Self.notice else { return nil }
        isNoticeGiven = true
        return .left(Self.notice)
    }
}
