import Foundation
import Vietnamese

/// Dates and lengths as the forms write them.
enum RecordDate {
    /// `24/11/2026`, the day in Vietnam.
    static func text(_ date: Date) -> String {
        IndochinaTime.day(date).split(separator: "-").reversed().joined(separator: "/")
    }

    /// `01:59:07`, in whole seconds, rounded; 99 hours at most.
    static func playTime(_ duration: Duration) -> String {
        let (seconds, fraction) = duration.components
        let whole = min(max(0, seconds) + (fraction >= 500_000_000_000_000_000 ? 1 : 0), 99 * 3600 + 3599)
        return [whole / 3600, whole / 60 % 60, whole % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
