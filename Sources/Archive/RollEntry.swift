import Foundation
import GRDB
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

    func write(to db: Database) throws {
        let known = try ParticipantRecord.fetchOne(db, key: ["meetingID": meeting, "point": point])
        switch (kind, known) {
        case (.joined, var known?):
            known.leftAt = nil
            known.leaveReason = nil
            known.reconnects += 1
            try known.update(db)
        case (.joined(let name, let unit), nil):
            try ParticipantRecord(
                meetingID: meeting, point: point, name: VietnameseText.stored(name),
                unit: unit.map(VietnameseText.stored), joinedAt: at, reconnects: 0
            ).insert(db)
        case (.left(let reason), var known?):
            known.leftAt = at
            known.leaveReason = reason.map(VietnameseText.stored)
            try known.update(db)
        case (.left, nil): break
        }
    }
}
