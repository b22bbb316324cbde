public import Foundation
import Vietnamese

/// The archives that a dossier is submitted to, one after the other.
public enum ReceivingArchive: String, Codable, Sendable, CaseIterable {
    /// The agency's own.
    case current
    case historical

    /// Within so many years of the one in which the work ended.
    var years: Int {
        switch self {
        case .current: 1
        case .historical: 5
        }
    }
}

/// The days that the law counts for a dossier. Every term runs from the year in which the work ended, so each is a year's last day
/// in Vietnam.
public struct RetentionClock: Sendable, Equatable {
    public let endedYear: Int

    public init(endedAt: Date) { endedYear = Self.year(endedAt) }

    /// The last day of its term, `2036-12-31`; nil where it is kept for ever.
    public func keptUntil(_ term: RetentionTerm) -> String? {
        guard case .years(let years) = term else { return nil }
        return "\(endedYear + years)-12-31"
    }

    /// The last day on which the dossier may be submitted.
    public func submissionDue(to archive: ReceivingArchive) -> String { "\(endedYear + archive.years)-12-31" }

    /// Whether its term is over: from the day after the last one.
    public func isOver(_ term: RetentionTerm, at time: Date) -> Bool {
        guard case .years(let years) = term else { return false }
        return Self.year(time) > endedYear + years
    }

    static func year(_ time: Date) -> Int { Int(IndochinaTime.day(time).prefix(4)) ?? .max }
}

/// Somebody who decides on what is kept.
public struct RetentionOfficer: Sendable, Hashable {
    /// By which this one is told from others.
    public var id: String
    public var name: String

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    /// Whether they may be one person: the same account, or the same name on two.
    public func isPerhaps(_ other: RetentionOfficer) -> Bool {
        id == other.id || VietnameseText.folded(name) == VietnameseText.folded(other.name)
    }
}

/// What stands in the way of a meeting's destruction.
public enum RetentionObstacle: Error, Sendable, Equatable, CustomStringConvertible {
    case notSealed
    case destroyed
    case permanent
    /// Its term is not over; the last day of it.
    case notDue(until: String)
    /// The reasons of those who hold it.
    case held([String])
    /// Another proposal has it, which is not decided.
    case proposed(Int64)

    public var description: String {
        switch self {
        case .notSealed: "it is not sealed"
        case .destroyed: "it is destroyed already"
        case .permanent: "it is kept for ever"
        case .notDue(let day): "it is kept until \(day)"
        case .held(let reasons): "it is held: \(reasons.joined(separator: "; "))"
        case .proposed(let number): "proposal \(number) has it already"
        }
    }
}

/// What is to be known of a meeting before it is destroyed.
public struct RetentionStanding: Sendable, Equatable {
    public var isSealed: Bool
    public var isDestroyed: Bool
    public var term: RetentionTerm
    public var clock: RetentionClock
    /// The reasons of the holds in force.
    public var holds: [String]
    /// The proposal that has it and is not decided.
    public var proposal: Int64?

    /// - Parameter own: the proposal that asks.
    public func obstacles(at time: Date, for own: Int64? = nil) -> [RetentionObstacle] {
        if isDestroyed { return [.destroyed] }
        var found: [RetentionObstacle] = []
        if !isSealed { found.append(.notSealed) }
        if let day = clock.keptUntil(term) {
            if !clock.isOver(term, at: time) { found.append(.notDue(until: day)) }
        } else {
            found.append(.permanent)
        }
        if !holds.isEmpty { found.append(.held(holds)) }
        if let proposal, proposal != own { found.append(.proposed(proposal)) }
        return found
    }
}
