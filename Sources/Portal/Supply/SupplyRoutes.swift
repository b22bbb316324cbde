import Archive
import Foundation
import Hummingbird
import PortalAPI

/// Giving out: `/access/grants/N/film`, the copy that a grant is for, to its holder alone; and `/access/trace`, which tells whose
/// copy somebody has.
struct SupplyRoutes: Sendable {
    let archive: Archive
    let discretion: Discretion
    let copies: SupplyDesk
    let traces: TraceDesk
    let journal: SupplyJournal

    func add(to group: RouterGroup<PortalContext>) {
        group.get("access/grants/:number/film") { request, context in
            let visitor = try context.require(.readOwnAccess)
            return try await film(try AccessRoutes.number(context), request, visitor)
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
