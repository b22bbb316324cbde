import Archive
import Foundation
import Hummingbird
import Logging
import PortalAPI

/// For how long recordings are kept, and their destruction: `/retention`, `/recordings/ID/retention`, `…/holds`, `…/submissions`.
struct RetentionRoutes: Sendable {
    let archive: Archive
    let discretion: Discretion
    let journal: RetentionJournal
    let logger: Logger

    func add(to group: RouterGroup<PortalContext>) {
        addDossiers(to: group)
        addProposals(to: group)
    }

    // MARK: Dossiers

    private func addDossiers(to group: RouterGroup<PortalContext>) {
        group.get("retention") { request, context in
            let visitor = try context.require(.readRetention)
            return try Response.json(try await list(request, visitor))
        }
        // For the forms by which meetings are convened and rooms kept.
        group.get("retention/classes") { _, context in
            try context.require(.readRetentionTable)
            return try Response.json(
                RetentionClasses(
                    classes: archive.retention.classes.map { RetentionStatus.Class($0) },
                    standard: archive.retention.standard.code))
        }
        group.get("recordings/:id/retention") { _, context in
            let visitor = try context.require(.readRetention)
            return try await answer(try await record(context, visitor))
        }
        group.put("recordings/:id/retention") { request, context in
            let visitor = try context.require(.changeRetention)
            let id = try await record(context, visitor)
            let order = try await request.json(RetentionOrder.Class.self)
            try await archive.setRetentionClass(order.code, of: id)
            try await journal.note(.setClass, of: [id], order.code ?? "standard", by: visitor)
            return try await answer(id)
        }
        // Who may know of the destruction may have its certificate, whether or not files are theirs to fetch.
        group.get("recordings/:id/destruction/:name") { request, context in
            let visitor = try context.require(.readRetention)
            let meeting = try await discretion.record(try context.pathParameter("id"), for: visitor)
            let name = try context.pathParameter("name")
            guard let found = try await archive.certificateFiles(of: meeting).first(where: { $0.name == name }) else {
                throw Refusal(
                    .notFound, "There is no such part of a certificate.", hint: "Its retention lists what there is.")
            }
            let file = try OpenFile(archive.paths(of: meeting).directory + "/" + found.file.path)
            return FileAnswer(
                file: file, mime: found.file.mime, sha256: found.file.sha256, downloadName: "\(meeting.id)-\(name)"
            ).response(to: request)
        }
        group.post("recordings/:id/holds") { request, context in
            let visitor = try context.require(.changeRetention)
            let id = try await record(context, visitor)
            let order = try await request.json(RetentionOrder.Hold.self)
            let hold = try await archive.hold(
                id, reason: order.reason, document: order.document, by: visitor.signature)
            try await journal.note(.hold, of: [id], "\(hold.id)", by: visitor)
            return try await answer(id, status: .created)
        }
        group.post("recordings/:id/holds/:hold/release") { request, context in
            let visitor = try context.require(.changeRetention)
            let id = try await record(context, visitor)
            let number = try number("hold", context)
            let order = try await request.json(RetentionOrder.Hold.self)
            try await archive.release(hold: number, of: id, reason: order.reason, by: visitor.signature)
            try await journal.note(.release, of: [id], "\(number)", by: visitor)
            return try await answer(id)
        }
        group.put("recordings/:id/submissions/:archive") { request, context in
            let visitor = try context.require(.changeRetention)
            let id = try await record(context, visitor)
            guard let receiver = ReceivingArchive(rawValue: try context.pathParameter("archive")) else {
                throw Refusal(.badRequest, "The archive is none of current, historical.", hint: "Name one of them.")
            }
            let order = try await request.json(RetentionOrder.Submission.self)
            try await archive.noteSubmission(of: id, to: receiver, document: order.document, by: visitor.signature)
            try await journal.note(.submission, of: [id], receiver.rawValue, by: visitor)
            return try await answer(id)
        }
    }

    private func list(_ request: Request, _ visitor: Visitor) async throws -> RetentionList {
        let values = request.uri.queryParameters
        guard let choice = RetentionQuery.Choice(rawValue: values.get("choice") ?? "all") else {
            let known = RetentionQuery.Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(.badRequest, "choice is none of \(known).", hint: "Leave it out for all.")
        }
        guard let limit = Int(values.get("limit") ?? "100"), (1...500).contains(limit) else {
            throw Refusal(.badRequest, "limit is not a number from 1 to 500.", hint: "Leave it out for 100.")
        }
        let page = try await archive.retention(RetentionQuery(choice, limit: limit, after: values.get("after")))
        let visible = Set(try await discretion.visible(page.dossiers.map(\.meeting), to: visitor).map(\.id))
        return RetentionList(
            recordings: page.dossiers.filter { visible.contains($0.meeting.id) }.map { RetentionStatus($0) },
            next: page.next, classes: archive.retention.classes.map(RetentionStatus.Class.init),
            standard: archive.retention.standard.code)
    }

    private func record(_ context: PortalContext, _ visitor: Visitor) async throws -> String {
        try await discretion.record(try context.pathParameter("id"), for: visitor).id
    }

    private func answer(_ id: String, status: HTTPResponse.Status = .ok) async throws -> Response {
        let dossier = try await archive.retention(of: id)
        var certificate: [String]?
        if dossier.meeting.state == .destroyed {
            certificate = try await archive.certificateFiles(of: dossier.meeting).map { $0.name }
        }
        return try Response.json(RetentionStatus(dossier, certificate: certificate), status: status)
    }

    // MARK: Proposals

    private func addProposals(to group: RouterGroup<PortalContext>) {
        group.get("retention/proposals") { request, context in
            let visitor = try context.require(.readRetention)
            let states = request.uri.queryParameters.get("state").map {
                Set($0.split(separator: ",").compactMap { DestructionProposal.State(rawValue: String($0)) })
            }
            var found: [DestructionStatus] = []
            for proposal in try await archive.proposals(in: states ?? []) {
                found.append(DestructionStatus(proposal, visible: try await visible(proposal, visitor)))
            }
            return try Response.json(found)
        }
        group.get("retention/proposals/:number") { _, context in
            let visitor = try context.require(.readRetention)
            let proposal = try await archive.proposal(try number("number", context))
            return try Response.json(DestructionStatus(proposal, visible: try await visible(proposal, visitor)))
        }
        group.post("retention/proposals/judge") { request, context in
            let visitor = try context.require(.proposeDestruction)
            let meetings = try await request.json(RetentionOrder.Proposal.self).meetings
            try await requireVisible(meetings, visitor)
            return try Response.json(DestructionJudgement(try await archive.obstacles(to: meetings)))
        }
        group.post("retention/proposals") { request, context in
            let visitor = try context.require(.proposeDestruction)
            let officer = try visitor.officer
            let order = try await request.json(RetentionOrder.Proposal.self)
            try await requireVisible(order.meetings, visitor)
            let proposal = try await archive.proposeDestruction(
                of: order.meetings, reason: order.reason ?? "", by: officer)
            try await journal.note(.propose, of: proposal.meetings, "proposal \(proposal.id)", by: visitor)
            return try Response.json(
                DestructionStatus(proposal, visible: try await visible(proposal, visitor)), status: .created)
        }
        group.post("retention/proposals/:number/judge") { _, context in
            let visitor = try context.require(.reviewDestruction)
            let proposal = try await whole(context, visitor)
            let obstacles = try await archive.obstacles(to: proposal.meetings, for: proposal.id)
            return try Response.json(DestructionJudgement(obstacles))
        }
        group.post("retention/proposals/:number/review") { request, context in
            let visitor = try context.require(.reviewDestruction)
            return try await review(request, context, visitor)
        }
        group.post("retention/proposals/:number/withdraw") { _, context in
            let visitor = try context.require(.proposeDestruction)
            let number = try await whole(context, visitor).id
            let isAdministrator = visitor.roles.contains(.administrator)
            let officer = RetentionOfficer(id: visitor.identity, name: visitor.person?.name ?? visitor.name)
            let proposal = try await archive.review(
                proposal: number, .withdraw(isAdministrator: isAdministrator), by: officer)
            try await journal.note(.withdraw, of: proposal.meetings, "proposal \(proposal.id)", by: visitor)
            return try Response.json(DestructionStatus(proposal, visible: try await visible(proposal, visitor)))
        }
    }

    private func review(
        _ request: Request, _ context: PortalContext, _ visitor: Visitor
    ) async throws -> Response {
        let officer = try visitor.officer
        // Nobody decides on what they may not know of.
        let number = try await whole(context, visitor).id
        let order = try await request.json(RetentionOrder.Review.self)
        let step: DestructionReview =
            order.verdict == .approve ? .approve(document: order.text) : .refuse(reason: order.text)
        let proposal = try await archive.review(proposal: number, step, by: officer)
        try await journal.note(
            order.verdict == .approve ? .approve : .refuse, of: proposal.meetings, "proposal \(proposal.id)",
            by: visitor)
        if proposal.state == .approved {
            // What is approved is done, whether or not the client waits for it.
            do throws(ArchiveError) {
                for (id, failure) in try await archive.carryOutDestructions().failures {
                    logger.error("destruction failed", metadata: ["meeting": "\(id)", "error": "\(failure)"])
                }
            } catch {
                logger.error("destruction failed", metadata: ["error": "\(error)"])
            }
        }
        let now = try await archive.proposal(number)
        return try Response.json(DestructionStatus(now, visible: try await visible(now, visitor)))
    }

    /// The proposal in the path, where the visitor may know of every meeting of it.
    private func whole(_ context: PortalContext, _ visitor: Visitor) async throws -> DestructionProposal {
        let proposal = try await archive.proposal(try number("number", context))
        guard try await visible(proposal, visitor).count == proposal.meetings.count else {
            throw Refusal(RetentionFault.unknownProposal(proposal.id))
        }
        return proposal
    }

    private func visible(_ proposal: DestructionProposal, _ visitor: Visitor) async throws -> [MeetingRecord] {
        var records: [MeetingRecord] = []
        for id in proposal.meetings {
            if let record = try await archive.find(id) { records.append(record) }
        }
        return try await discretion.visible(records, to: visitor)
    }

    private func requireVisible(_ meetings: [String], _ visitor: Visitor) async throws {
        guard (1...500).contains(meetings.count) else { throw Refusal(RetentionFault.unusableList) }
        for id in meetings { _ = try await discretion.record(id, for: visitor) }
    }

    private func number(_ name: String, _ context: PortalContext) throws(Refusal) -> Int64 {
        guard let number = Int64(try context.pathParameter(name)) else {
            throw Refusal(.badRequest, "That is no number.", hint: "Take it from the list.")
        }
        return number
    }
}

extension DestructionJudgement {
    fileprivate init(_ obstacles: [String: [RetentionObstacle]]) {
        self.init(obstacles: obstacles.mapValues { $0.map(\.description) })
    }
}

extension Visitor {
    /// Who decides on a destruction: somebody who signed in, or the holder of a token. On the socket nobody knows who it is.
    fileprivate var officer: RetentionOfficer {
        get throws(Refusal) {
            guard person != nil || name != Visitor.localAdministrator.name else {
                throw Refusal(RetentionFault.anonymous)
            }
            return RetentionOfficer(id: identity, name: person?.name ?? name)
        }
    }
}
