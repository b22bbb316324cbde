import Archive
import Logging
import OfficeStore

/// Writes into the Office's journal who decided for how long a recording is kept, and that it goes: a line for each recording, so that of those whose meetings
/// the reader may not know no name is told.
struct RetentionJournal: Sendable {
    enum Act: String, CaseIterable, Sendable {
        case setClass = "set retention class"
        case hold = "place hold"
        case release = "release hold"
        case submission = "note submission"
        case propose = "propose destruction"
        case approve = "approve destruction"
        case refuse = "refuse destruction"
        case withdraw = "withdraw destruction"
    }

    let office: OfficeStore
    let logger: Logger

    /// The recording that a line is about; nil where it is about something else.
    static func recording(_ line: OfficeStore.JournalLine) -> String? {
        Act(rawValue: line.action) == nil ? nil : String(line.subject.prefix { $0 != " " })
    }

    /// What was decided is done by now, and stands in the catalogue with who decided it.
    func note(_ act: Act, of recordings: [String], _ what: String, by visitor: Visitor) async throws {
        for recording in recordings {
            logger.notice(
                "retention: \(act.rawValue)", metadata: ["meeting": "\(recording)", "by": "\(visitor.signature)"])
        }
        for recording in recordings {
            try await office.note(act.rawValue, of: "\(recording) \(what)", by: visitor.signature)
        }
    }
}
