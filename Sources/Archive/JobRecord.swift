import Foundation
public import SQLDatabase
import Vietnamese

/// What a job does.
public struct JobKind: RawRepresentable, Codable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Makes the access copy from the master.
    public static let compose = JobKind(rawValue: "compose")
    /// Makes a meeting's package in the second location as it is here: copied and read again, or its payload removed.
    public static let secondCopy = JobKind(rawValue: "second-copy")
    /// Makes the copy that a grant is for.
    public static let supply = JobKind(rawValue: "supply")
}

public enum JobState: String, Codable, Sendable, CaseIterable {
    case queued, running, finished, failed
}

/// How fast a running job is, as it says itself.
public struct JobPace: Sendable, Equatable {
    public var at: Date
    public var remainingSeconds: TimeInterval
    /// Seconds of the meeting that are done in one; nil where the job cannot say.
    public var rate: Double?
}

/// Work on a meeting's package that outlives a restart.
public struct JobRecord: Codable, Sendable, Equatable, Identifiable {
    public var id: Int64
    public var meetingID: String
    public var kind: JobKind
    /// Of a `.supply` job: whose copy it makes.
    public var grantID: Int64?
    public var state: JobState
    /// 0 to 1.
    public var progress: Double
    /// How often it was begun; an attempt that got further than all before it is not counted when it ends.
    public var attempts: Int
    public var maximumAttempts: Int
    /// What ended the last attempt.
    public var error: String?
    public var enqueuedAt: Date
    public var startedAt: Date?
    public var finishedAt: Date?
    /// Not claimed before this time.
    public var notBefore: Date
    /// 0 to 1: what is done for good, so that another attempt need not do it again; and what was when this one began.
    public var kept: Double
    public var keptBefore: Double
    /// Which of several bridges runs it, or ran it last; nil where there is one.
    public var bridge: String?
    /// Not in the catalogue: it is known while the job runs.
    public var pace: JobPace?

    private enum CodingKeys: CodingKey {
        case id, meetingID, kind, grantID, state, progress, attempts, maximumAttempts, error, enqueuedAt, startedAt
        case finishedAt, notBefore, kept, keptBefore
    }

    /// An attempt that left more behind than it found was none in vain: only those count that get no further.
    mutating func forgiveAttempt() {
        guard kept > keptBefore else { return }
        keptBefore = kept
        attempts = max(0, attempts - 1)
    }
}

extension JobRecord: SQLRecord {
    public static var tableName: String { "jobs" }
    public static var keyColumns: [String] { ["id"] }

    public init(_ row: SQLRow) throws {
        id = row["id"]
        meetingID = row["meetingID"]
        kind = JobKind(rawValue: row["kind"])
        grantID = row["grantID"]
        state = try row.choice("state")
        progress = row["progress"]
        attempts = row["attempts"]
        maximumAttempts = row["maximumAttempts"]
        error = row["error"]
        enqueuedAt = try row.time("enqueuedAt")
        startedAt = row.optionalTime("startedAt")
        finishedAt = row.optionalTime("finishedAt")
        notBefore = try row.time("notBefore")
        kept = row["kept"]
        keptBefore = row["keptBefore"]
        bridge = row["bridge"]
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "id": id, "meetingID": meetingID, "kind": kind.rawValue, "grantID": grantID, "state": state.rawValue,
            "progress": progress, "attempts": attempts, "maximumAttempts": maximumAttempts, "error": error,
            "enqueuedAt": IndochinaTime.text(enqueuedAt), "startedAt": startedAt.map(IndochinaTime.text),
            "finishedAt": finishedAt.map(IndochinaTime.text), "notBefore": IndochinaTime.text(notBefore), "kept": kept,
            "keptBefore": keptBefore, "bridge": bridge,
        ]
    }

    /// What is left of a running job, by what it says or else at the speed so far; nil while too little is done to tell.
    public func remaining(at now: Date) -> TimeInterval? {
        if state == .running, let pace { return max(0, pace.remainingSeconds - now.timeIntervalSince(pace.at)) }
        guard state == .running, let startedAt, progress > 0.005 else { return nil }
        return max(0, now.timeIntervalSince(startedAt)) * (1 - progress) / progress
    }
}
