import Foundation
import Vietnamese

/// Quantities as people read them.
enum Formats {
    /// `1.5 GB`, decimal units.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(max(0, count))
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0
            ? "\(max(0, count)) B" : String(format: value < 9.95 ? "%.1f %@" : "%.0f %@", value, units[unit])
    }

    /// `0:07`, `12:31`, `1:02:03`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "?" }
        let total = Int(min(max(0, seconds), 1e9).rounded())
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }

    /// `2026-11-24 09:30`, in Vietnam.
    static func time(_ date: Date) -> String {
        String(IndochinaTime.text(date).prefix(16)).replacingOccurrences(of: "T", with: " ")
    }

    static func percent(_ fraction: Double) -> String {
        String(format: "%.0f %%", min(1, max(0, fraction)) * 100)
    }
}
