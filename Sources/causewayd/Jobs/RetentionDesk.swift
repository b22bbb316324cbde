import Archive
import OfficeStore

/// Gives meetings the class that the Office chose when it convened them, or that their room has.
struct RetentionDesk {
    let archive: Archive
    let office: OfficeStore

    /// Whether the schedule has made more than an ordinary meeting of it since it opened.
    func isRestricted(_ id: String) async throws -> Bool {
        let meeting = try await archive.details(of: id).meeting
        let level = try await office.convened(bySitting: meeting.sitting)?.meeting.confidentiality
        return meeting.isRestricted || level.map { $0 != .ordinary } ?? false
    }

    /// Before a meeting is sealed. What an archivist chose stays.
    func classify(_ id: String) async throws {
        let meeting = try await archive.details(of: id).meeting
        guard meeting.retentionClass == nil else { return }
        let convened = try await office.convened(bySitting: meeting.sitting)?.meeting.retentionClass
        let register = (try? await office.register(at: meeting.openedAt)) ?? office.register
        guard let code = convened ?? register.room(meeting.room)?.retentionClass else { return }
        guard archive.retention[code] != nil else {
            try await archive.addNote(
                id, .warning, "its retention class was to be \(code), which the table has not; it has the standard one")
            return
        }
        try await archive.setRetentionClass(code, of: id)
    }
}
