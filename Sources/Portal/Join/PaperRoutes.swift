import Foundation
import HTTPTypes
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// Papers of the meeting that goes on in a room, for the points that are invited to it: `/join/ROOM/papers`, and each below
/// it. They are fetched as files; nothing in them runs on the portal's own pages.
struct PaperRoutes: Sendable {
    let bridge: any LiveBridge
    let office: OfficeStore
    /// Of addresses from which wrong answers come.
    let limiter: FailureLimiter

    func add(to router: Router<PortalContext>) {
        router.get("join/:room/papers") { request, context in
            switch try await admission(request, context) {
            case .admitted(_, let sitting):
                let papers = try await office.papers(of: ScheduledMeeting.id(ofSitting: sitting))
                return try Response.json(
                    JoinPapers(
                        papers: papers.map {
                            JoinPaper(id: $0.id, name: $0.name, bytes: $0.size, hasCode: $0.hasCode)
                        }))
            case .challenged(let challenge, isWrong: false):
                return try Response.json(JoinPapers(challenge: challenge))
            case .challenged(let challenge, isWrong: true): throw Self.unproven(challenge)
            case .nothing: return try Response.json(JoinPapers())
            }
        }
        router.get("join/:room/papers/:paper") { request, context in
            let (point, meeting) = try await admit(request, context)
            guard let id = Int64(try context.pathParameter("paper")) else { throw Refusal.noSuchPage }
            let (paper, path) = try await office.paper(id, of: meeting)
            let file = try OpenFile(path)
            if !request.continuesFile {
                try await office.note(
                    ViewingJournal.Act.paper.rawValue, of: "\(meeting) \(id) \(paper.name)", by: "point \(point)")
            }
            return FileAnswer(
                file: file, mime: paper.mime, sha256: paper.sha256,
                downloadName: ScheduleRoutes.downloadName(paper.name)
            ).response(to: request)
        }
    }

    private func admission(_ request: Request, _ context: PortalContext) async throws -> PaperAdmission {
        let now = ContinuousClock.now
        if let wait = limiter.wait(context.origin, at: now) { throw Refusal.tooManyFailures(wait: wait) }
        let admission = await bridge.papers(
            in: try context.pathParameter("room"), authorization: request.headers[.authorization],
            from: context.origin)
        switch admission {
        case .admitted: limiter.succeeded(context.origin)
        case .challenged(_, isWrong: true): limiter.failed(context.origin, at: now)
        case .challenged, .nothing: break
        }
        return admission
    }

    /// The point that asks, and the meeting of the schedule to which it is invited.
    private func admit(
        _ request: Request, _ context: PortalContext
    ) async throws -> (point: String, meeting: String) {
        switch try await admission(request, context) {
        case .admitted(let point, let sitting): return (point, ScheduledMeeting.id(ofSitting: sitting))
        case .challenged(let challenge, _): throw Self.unproven(challenge)
        case .nothing:
            throw Refusal(
                .notFound, "No meeting goes on here to which this point is invited.",
                hint: "Ask again once it has begun.")
        }
    }

    private static func unproven(_ challenge: String) -> Refusal {
        var refusal = Refusal(
            .unauthorized, "Papers are for points that are invited.", hint: "Sign in as the point does by SIP.")
        refusal.headers[.wwwAuthenticate] = challenge
        return refusal
    }
}
