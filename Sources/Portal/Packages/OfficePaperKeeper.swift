import Archive
import Foundation
import Office
import OfficeStore

/// The Office's papers, as the archive has them destroyed: those of a scheduled meeting go with the last of its sittings.
public struct OfficePaperKeeper: PaperKeeper {
    private let archive: Archive
    private let office: OfficeStore
    private let now: @Sendable () -> Date

    public init(archive: Archive, office: OfficeStore, now: @escaping @Sendable () -> Date = { Date() }) {
        self.archive = archive
        self.office = office
        self.now = now
    }

    public func papers(keptFor meeting: MeetingRecord) async throws -> [KeptPaper] {
        guard let sitting = meeting.sitting else { return [] }
        let id = ScheduledMeeting.id(ofSitting: sitting)
        let papers = try await office.papers(of: id)
        guard !papers.isEmpty else { return [] }
        let others = try await archive.meetings(ofSchedule: id).filter { $0.id != meeting.id }
        guard others.allSatisfy({ $0.state == .destroyed }) else { return [] }
        let scheduled = try await office.meeting(id)
        let isToCome = !scheduled.isCancelled && scheduled.sittings.contains { $0.ends > now() }
        guard !isToCome else { return [] }
        return papers.map { KeptPaper(id: $0.id, name: $0.name, octets: $0.size, sha256: $0.sha256) }
    }

    public func destroy(_ papers: [KeptPaper], of meeting: MeetingRecord) async throws {
        guard let sitting = meeting.sitting else { return }
        try await office.destroyPapers(
            papers.map { ($0.id, $0.sha256) }, of: ScheduledMeeting.id(ofSitting: sitting), with: meeting.id)
    }
}
