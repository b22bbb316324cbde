import Archive
import Foundation
import Hummingbird
import PortalAPI

/// Giving out: `/access/grants/N/film`, the copy that a grant is for, and `/access/grants/N/package`, a package with it, to its
/// holder alone; and `/access/trace`, which tells whose copy somebody has.
struct SupplyRoutes: Sendable {
    let archive: Archive
    let discretion: Discretion
    let copies: SupplyDesk
    let traces: TraceDesk
    let journal: SupplyJournal
    let packages: PackageDesk

    func add(to group: RouterGroup<PortalContext>) {
        group.get("access/grants/:number/film") { request, context in
            let visitor = try context.require(.readOwnAccess)
            return try await film(try AccessRoutes.number(context), request, visitor)
        }
        group.get("access/grants/:number/package") { request, context in
            let visitor = try context.require(.readOwnAccess)
            return try await package(try AccessRoutes.number(context), request, visitor)
        }
        group.post("access/grants/:number/package") { _, context in
            let visitor = try context.require(.decideAccess)
            return try await makePackage(try AccessRoutes.number(context), visitor)
        }
        group.post("access/trace") { request, context in
            let visitor = try context.require(.decideAccess)
            let question = try await request.json(TraceQuestion.self, upTo: 4 << 20)
            let meeting = try await discretion.record(question.recording, for: visitor)
            let answer = try await traces.answer(question, meeting)
            let found = answer.findings.filter(\.isCertain).map { " \($0.grant)" }.joined()
            try await journal.note("trace copy", of: meeting.id + found, by: visitor)
            return try Response.json(answer)
        }
    }

    /// To play where nothing else is said; to keep with `download=1`, where the grant's level allows it.
    private func film(_ number: Int64, _ request: Request, _ visitor: Visitor) async throws -> Response {
        let isDownload = request.uri.queryParameters.get("download") == "1"
        let grant: AccessGrant
        do {
            grant = try await admitted(number, visitor, isDownload)
        } catch {
            try await noteRefused(error, number, visitor)
            throw error
        }
        guard let copy = copies.copy(of: number), let file = try? OpenFile(copy.path) else {
            throw Refusal(AccessFault.noCopy)
        }
        if request.method != .head {
            try await journal.note(
                isDownload ? .downloaded : .watched, of: number, grant.meetingID, by: visitor,
                isOnce: !isDownload || request.continuesFile)
        }
        let gate = copies.gate
        let ending = copy.path.split(separator: ".").last ?? "mp4"
        return FileAnswer(
            file: file, mime: copy.mime, sha256: nil, downloadName: "ban-sao-\(number).\(ending)",
            isInline: !isDownload, isKept: false, gate: { try gate.check(grant) }
        ).response(to: request)
    }

    /// The ZIP file, which is no use without the grant: to its holder, while it lasts.
    private func package(_ number: Int64, _ request: Request, _ visitor: Visitor) async throws -> Response {
        let grant: AccessGrant
        do {
            grant = try await admitted(number, visitor, true)
            guard grant.level == .package else { throw Refusal(AccessFault.notForPackage) }
        } catch {
            try await noteRefused(error, number, visitor)
            throw error
        }
        guard let file = try? OpenFile(archive.disseminationPath(of: number)) else {
            throw Refusal(AccessFault.noPackage)
        }
        if request.method != .head {
            try await journal.note(
                .downloaded, of: number, "\(grant.meetingID) package", by: visitor, isOnce: request.continuesFile)
        }
        let gate = copies.gate
        return FileAnswer(
            file: file, mime: "application/zip", sha256: nil, downloadName: "goi-dip-\(number).zip", isKept: false,
            gate: { try gate.check(grant) }
        ).response(to: request)
    }

    private func makePackage(_ number: Int64, _ visitor: Visitor) async throws -> Response {
        let grant = try await archive.accessGrant(number)
        let meeting: MeetingRecord
        do {
            meeting = try await discretion.record(grant.meetingID, for: visitor)
            guard try await !discretion.isStateSecret(meeting) else { throw Refusal(AccessFault.stateSecret) }
            _ = try await archive.grantInForce(number, for: grant.holder.id)
            guard grant.level == .package else { throw Refusal(AccessFault.notForPackage) }
            guard copies.copy(of: number) != nil else { throw Refusal(AccessFault.noCopy) }
        } catch {
            try await noteRefused(error, number, visitor)
            throw error
        }
        let mayHavePapers = try await discretion.admitsToPapers(of: meeting, grant.holder)
        return try packages.response { progress in
            let outcome = try await packages.make(
                for: grant, meeting, withPapers: mayHavePapers, copies: copies,
                by: visitor.person?.name ?? visitor.name, progress: progress)
            let detail = "\(grant.meetingID) \(grant.holder.id) sha256 \(outcome.sha256 ?? "")"
            try await journal.note(.packaged, of: number, detail, by: visitor, isOnce: false)
            return outcome
        }
    }

    private func admitted(_ number: Int64, _ visitor: Visitor, _ isDownload: Bool) async throws -> AccessGrant {
        let (grant, meeting) = try await archive.grantInForce(number, for: visitor.identity)
        guard try await !discretion.isStateSecret(meeting) else { throw Refusal(AccessFault.stateSecret) }
        guard !isDownload || grant.level.mayDownload else { throw Refusal(AccessFault.notForDownload) }
        return grant
    }

    /// Of grants that there are; what is only guessed at is in the web server's log.
    private func noteRefused(_ error: any Error, _ number: Int64, _ visitor: Visitor) async throws {
        guard (try? await archive.accessGrant(number)) != nil else { return }
        try await journal.note(
            .refused, of: number, "\(visitor.identity): \(Refusal(anything: error).body.error)", by: visitor,
            isOnce: true)
    }
}
