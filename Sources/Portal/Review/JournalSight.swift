import Office
import OfficeStore

/// What of the journal somebody may see. Who did something to a secret meeting, and what, is told; to which is not.
struct JournalSight: Sendable {
    let discretion: Discretion

    /// What the daemon does to recordings by itself.
    private static let ofRecordings: Set = ["seal recording", "destroy recording"]

    func shown(
        _ lines: [OfficeStore.JournalLine], to visitor: Visitor
    ) async throws -> [OfficeStore.JournalLine] {
        var lines = lines
        for index in try await hidden(lines, from: visitor) { lines[index].subject = "—" }
        return lines
    }

    /// The places of lines of which the visitor may not know what they are about.
    func hidden(_ lines: [OfficeStore.JournalLine], from visitor: Visitor) async throws -> [Int] {
        func meeting(_ line: OfficeStore.JournalLine) -> String {
            ScheduledMeeting.id(ofSitting: String(line.subject.prefix { $0 != " " }))
        }
        func recordings(_ line: OfficeStore.JournalLine) -> [String] {
            if Self.ofRecordings.contains(line.action) { return [line.subject] }
            return (ViewingJournal.recording(line) ?? RetentionJournal.recording(line)).map { [$0] }
                ?? RefusalJournal.recordings(line)
        }
        let hidden = try await discretion.hidden(Set(lines.map(meeting)), from: visitor)
        let secret = try await discretion.hiddenRecordings(Set(lines.flatMap(recordings)), from: visitor)
        return lines.indices.filter { index in
            hidden.contains(meeting(lines[index])) || recordings(lines[index]).contains(where: secret.contains)
        }
    }
}
