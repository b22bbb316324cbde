/// A stretch of one stream for which the master has nothing, or nothing sound. Times are the master's.
public struct Gap: Sendable, Hashable {
    public enum Cause: String, Sendable, Hashable, CaseIterable, Codable {
        /// Packets were sent and never came, or came too late to be of use.
        case lost
        /// Packets came, and the recorder had no room for them.
        case recorder
        /// The pictures are there, but what they build on was lost: until the next keyframe they may show damage.
        case damaged
        /// Nothing was sent: silence suppressed, or a sender that stopped for a while.
        case notSent
        /// Nothing was to be recorded of it: muted, on hold, the recording paused, or the point was away.
        case away
        /// Found in the master of a recorder that died before it could say why.
        case unexplained
    }

    public var cause: Cause
    public var startNanoseconds: Int64
    public var endNanoseconds: Int64
    public var durationNanoseconds: Int64 { max(0, endNanoseconds &- startNanoseconds) }

    public init(_ cause: Cause, from start: Int64, to end: Int64) {
        self.cause = cause
        startNanoseconds = start
        endNanoseconds = max(start, end)
    }
}

/// The gaps of one stream in the order of their beginnings, bounded: a line that loses every other packet for a day must not
/// fill the memory.
public struct GapList: Sendable, Hashable {
    /// Gaps told one by one; what is beyond them counts in the totals.
    public static let mostGaps = 2_000
    /// Gaps of one cause that lie closer than this are one.
    private static let seamNanoseconds: Int64 = 40_000_000

    public private(set) var gaps: [Gap] = []
    /// Gaps that are not told one by one.
    public private(set) var unlisted = 0
    private var totals: [Gap.Cause: Int64] = [:]

    public init() {}

    /// All that is missing by a cause, in nanoseconds.
    public func total(_ cause: Gap.Cause) -> Int64 { totals[cause] ?? 0 }

    mutating func add(_ gap: Gap) {
        guard gap.durationNanoseconds > 0 else { return }
        totals[gap.cause] = total(gap.cause) &+ gap.durationNanoseconds
        if let last = gaps.last, last.cause == gap.cause, gap.startNanoseconds >= last.startNanoseconds,
            gap.startNanoseconds &- last.endNanoseconds < Self.seamNanoseconds
        {
            gaps[gaps.count - 1].endNanoseconds = max(last.endNanoseconds, gap.endNanoseconds)
        } else if gaps.count < Self.mostGaps {
            gaps.append(gap)
        } else {
            unlisted += 1
        }
    }
}
