import Office
import OfficeStore

/// What of the journal somebody may see. Who did something to a secret meeting, and what, is told; to which is not.
struct JournalSight: Sendable {
    let discretion: Discretion

    func shown(
        _ lines: [OfficeStore.JournalLine], to visitor: Visitor
    ) async throws -> [OfficeStore.JournalLine] {
        func meeting(_ line: OfficeStore.JournalLine) -> String {
            ScheduledMeeting.id(ofSitting: String(line.subject.prefix { $0 != " " }))
        }
        func recordings(_ line: OfficeStore.JournalLine) -> [String] {
            (ViewingJournal.recording(line) ?? RetentionJournal.recording(line)).map { [$0] }
                ?? RefusalJournal.recordings(line)
        }
        var lines = lines
        let hidden = try await discretion.hidden(Set(lines.map(meeting)), from: visitor)
        let secret = try await discretion.hiddenRecordings(Set(lines.flatMap(recordings)), from: visitor)
        for index in lines.indices
        where hidden.contains(meeting(lines[index])) || recordings(lines[index]).contains(where: secret.contains) {
            lines[index].subject = "—"
        }
        return lines
    }
}
