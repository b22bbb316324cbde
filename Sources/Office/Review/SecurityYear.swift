import Foundation
import Vietnamese

/// The year for which figures of security are reported: from 15 December to 14 December.
public struct SecurityYear: Hashable, Sendable {
    /// In which it ends.
    public var number: Int

    /// Nil where it is no year of this system.
    public init?(_ number: Int) {
        guard (2000...9998).contains(number) else { return nil }
        self.number = number
    }

    /// The one that a moment is in.
    public init(of moment: Date) {
        let day = IndochinaTime.day(moment)
        let year = Int(day.prefix(4)) ?? 2000
        number = String(day.dropFirst(5)) >= "12-15" ? year + 1 : year
    }

    public var begins: Date { Self.beginning(number - 1) }
    /// The first moment after it.
    public var ends: Date { Self.beginning(number) }

    private static func beginning(_ year: Int) -> Date { IndochinaTime.date(from: "\(year)-12-15") ?? .distantPast }
}
