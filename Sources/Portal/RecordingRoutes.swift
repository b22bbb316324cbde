import Archive
import Foundation
import Hummingbird
import PortalAPI
import Vietnamese

/// What is kept: `/recordings`.
struct RecordingRoutes: Sendable {
    let archive: Archive
    let discretion: Discretion
    let verifications: VerificationDesk
    let journal: ViewingJournal

    func add(to group: RouterGroup<PortalContext>) {
        group.get("recordings") { request, context in
            let visitor = try context.require(.listRecordings)
            let page = try await archive.list(try Self.query(request))
            let visible = try await discretion.visible(page.meetings, to: visitor)
            return try Response.json(RecordingPage(recordings: visible.map(RecordingSummary.init), next: page.next))
        }
        group.get("recordings/:id") { _, context in
            let visitor = try context.require(.readRecording)
            return try Response.json(try await detail(try context.pathParameter("id"), for: visitor))
        }
        group.get("recordings/:id/files/**") { request, context in
            let visitor = try context.require(.fetchFile)
            return try await file(request, context, visitor)
        }
        group.post("recordings/:id/verify") { request, context in
            let visitor = try context.require(.verifyRecording)
            let meeting = try await discretion.record(try context.pathParameter("id"), for: visitor)
            try await journal.note(.verify, of: meeting.id, by: visitor)
            return try await verifications.response(to: request, recording: meeting.id)
        }
        group.get("recordings/:id/job") { _, context in
            let visitor = try context.require(.readJobs)
            let meeting = try await discretion.record(try context.pathParameter("id"), for: visitor)
            let now = Date()
            return try Response.json(try await archive.jobs(of: meeting.id).map { JobStatus($0, at: now) })
        }
    }

    private func detail(_ id: String, for visitor: Visitor) async throws -> RecordingDetail {
        let details = try await archive.details(of: try await discretion.record(id, for: visitor).id)
        let directory = archive.paths(of: details.meeting).directory
        var detail = RecordingDetail(
            details, files: try await knownFiles(of: details.meeting),
            directory: visitor.roles.contains(.administrator) ? directory : nil, at: Date())
        if details.meeting.layout == .encrypted { detail.isEncrypted = true }
        if !details.meeting.state.isUnfinished {
            detail.retention = RetentionStatus(try await archive.retention(of: details.meeting.id))
        }
        return detail
    }

    /// Of an encrypted package whose key is not here, only those that are not encrypted.
    private func knownFiles(of meeting: MeetingRecord) async throws -> [PackageFile] {
        do throws(ArchiveError) { return try await archive.files(of: meeting) } catch .encrypted {
            return try await archive.openFiles(of: meeting)
        }
    }

    /// Only a name that the package's own list has is opened, so no path leads out of it.
    private func file(_ request: Request, _ context: PortalContext, _ visitor: Visitor) async throws -> Response {
        let right = try await discretion.viewing(try context.pathParameter("id"), for: visitor)
        try right.requireWhole()
        let meeting = right.meeting
        guard !meeting.state.isUnfinished else {
            throw Refusal(
                .conflict, "The recording is not finished (\(meeting.state.rawValue)).",
                hint: "Wait until the meeting is over.")
        }
        let asked = context.parameters.getCatchAll().joined(separator: "/")
        let files = try await archive.files(of: meeting)
        if !files.contains(where: { $0.path == asked.removingPercentEncoding }) { try meeting.refuseDestroyed() }
        // What the package is for can be asked for by its name alone, as in packages of the first version.
        guard let name = asked.removingPercentEncoding,
            let listed = files.first(where: { $0.path == name }) ?? files.first(where: { $0.path == "data/" + name })
        else {
            var refusal = Refusal(
                .notFound, "The recording has no such file.", hint: "Its details list the files that it has.")
            refusal.isOfUnknown = true
            throw refusal
        }
        let file: OpenFile
        do throws(ArchiveError) {
            file = OpenFile(try archive.open(listed.path, of: meeting))
        } catch {
            context.logger.error("file cannot be sent", metadata: ["meeting": "\(meeting.id)", "error": "\(error)"])
            throw Refusal(
                .internalServerError, "The file cannot be read any more.",
                hint: "Verify the recording; tell an administrator.")
        }
        try await journal.note(file: listed.path, of: meeting.id, request, by: visitor)
        context.logger.notice(
            "file fetched",
            metadata: [
                "meeting": "\(meeting.id)", "file": "\(listed.path)", "by": "\(visitor.name)",
                "range": "\(request.headers[.range] ?? "all")",
            ])
        return FileAnswer(
            file: file, mime: listed.mime, sha256: listed.sha256, downloadName: Self.downloadName(meeting, listed.path)
        ).response(to: request)
    }

    /// `2026-11-24-giaoban-k3f9-access.webm`; ASCII without quotes, so that it stands safely in a header.
    private static func downloadName(_ meeting: MeetingRecord, _ path: String) -> String {
        let package = meeting.package.split(separator: "/").last ?? "recording"
        let path = path.hasPrefix("data/") ? path.dropFirst("data/".count) : path[...]
        let name = path.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains(scalar))
                ? Character(scalar) : "-"
        }
        return "\(package)-\(String(name))"
    }

    static func query(_ request: Request) throws(Refusal) -> MeetingQuery {
        let values = request.uri.queryParameters
        var query = MeetingQuery(room: values.get("room"), text: values.get("text"), after: values.get("after"))
        query.from = try time(values.get("from"), named: "from")
        query.to = try time(values.get("to"), named: "to")
        // A day alone as the end means the whole of that day.
        if values.get("to")?.utf8.count == 10 { query.to? += 86_400 }
        if let text = values.get("limit") {
            guard let limit = Int(text), (1...MeetingQuery.maximumLimit).contains(limit) else {
                throw Refusal(
                    .badRequest, "limit is not a number from 1 to \(MeetingQuery.maximumLimit).",
                    hint: "Leave it out for 50.")
            }
            query.limit = limit
        }
        if let text = values.get("state") {
            for name in text.split(separator: ",") {
                guard let state = MeetingState(rawValue: String(name)) else {
                    let known = MeetingState.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Refusal(.badRequest, "state is none of \(known).", hint: "Several are divided by commas.")
                }
                query.states.insert(state)
            }
        }
        return query
    }

    static func time(_ text: String?, named name: String) throws(Refusal) -> Date? {
        guard let text else { return nil }
        guard let time = IndochinaTime.date(from: text) else {
            throw Refusal(
                .badRequest, "\(name) is not a day or time.",
                hint: "Write 2026-11-24 or 2026-11-24T09:30:00+07:00 (with + as %2B).")
        }
        return time
    }
}
