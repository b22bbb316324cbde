import Foundation
import SQLDatabase
import Vietnamese

/// A point came into a meeting, or left it.
public struct RollEntry: Sendable {
    public enum Kind: Sendable {
        /// Came in, or came back: that counts as a reconnection.
        case joined(name: String, unit: String?)
        case left(reason: String?)
    }

    public let meeting: String
    public let point: String
    public let at: Date
    public let kind: Kind

    public init(meeting: String, point: String, at: Date, _ kind: Kind) {
        self.meeting = meeting
        self.point = VietnameseText.stored(point)
        self.at = at.roundedToMillisecond
        self.kind = kind
    }

    func write(to db: SQLConnection) throws {
        switch kind {
        case .joined(let name, let unit):
            try db.execute(
                sql: """
                    INSERT INTO participants (meetingID, point, name, unit, joinedAt, reconnects)
                    VALUES (?, ?, ?, ?, ?, 0)
                    ON CONFLICT (meetingID, point)
                    DO UPDATE SET leftAt = NULL, leaveReason = NULL, reconnects = participants.reconnects + 1
                    """,
                arguments: [
                    meeting, point, VietnameseText.stored(name), unit.map(VietnameseText.stored),
                    IndochinaTime.text(at),
                ], isKept: true)
        case .left(let reason):
            try db.execute(
                sql: "UPDATE participants SET leftAt = ?, leaveReason = ? WHERE meetingID = ? AND point = ?",
                arguments: [IndochinaTime.text(at), reason.map(VietnameseText.stored), meeting, point], isKept: true)
        }
    }
}
