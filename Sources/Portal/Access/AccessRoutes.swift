import Archive
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import OfficeStore
import PortalAPI

/// What agencies ask for, are granted and use: `/access/requests`, `/access/grants`, `/access/register.csv`.
struct AccessRoutes: Sendable {
    let archive: Archive
    let office: OfficeStore
    let discretion: Discretion
    let copies: SupplyDesk

    func add(to group: RouterGroup<PortalContext>) {
        addRequests(to: group)
        addGrants(to: group)
    }

    // MARK: Requests

    private func addRequests(to group: RouterGroup<PortalContext>) {
        group.get("access/requests") { request, context in
            let visitor = try context.require(.readOwnAccess)
            let values = request.uri.queryParameters
            let states = try Self.states(values.get("state"))
            let requests = try await archive.accessRequests(
                of: visitor.may(.readAccess) ? nil : visitor.identity, in: states,
                before: values.get("before", as: Int64.self))
            let titles = try await titles(Set(requests.compactMap(\.wish.meetingID)), visitor)
            return try Response.json(requests.map { AccessRequestStatus($0, titles) })
        }
        group.post("access/requests") { request, context in
            let visitor = try context.require(.requestAccess)
            let requester = requester(visitor)
            let wish = try AccessRequest.Wish(try await request.json(AccessWish.self))
            let made = try await archive.requestAccess(wish, by: requester)
            try await note("request access", "\(made.number) \(wish.meetingID ?? "")", visitor)
            return try Response.json(AccessRequestStatus(made, [:]), status: .created)
        }
        group.post("access/requests/:number/withdraw") { _, context in
            let visitor = try context.require(.requestAccess)
            let number = try Self.number(context)
            let made = try await archive.withdrawAccessRequest(number, by: visitor.identity)
            try await note("withdraw access request", "\(number)", visitor)
            return try Response.json(AccessRequestStatus(made, [:]))
        }
        group.post("access/requests/:number/refuse") { request, context in
            let visitor = try context.require(.decideAccess)
            let number = try Self.number(context)
            let order = try await request.json(AccessReason.self)
            let made = try await archive.refuseAccess(to: number, reason: order.reason, by: visitor.signature)
            try await note("refuse access", "\(number)", visitor)
            return try Response.json(AccessRequestStatus(made, [:]))
        }
        group.post("access/requests/:number/grant") { request, context in
            let visitor = try context.require(.decideAccess)
            let number = try Self.number(context)
            let terms = try AccessGrant.Terms(try await request.json(AccessTerms.self))
            // Nobody gives out what they may not know of.
            let asked = try await archive.accessRequest(number)
            if let id = terms.meetingID ?? asked.wish.meetingID { _ = try await discretion.record(id, for: visitor) }
            let grant = try await archive.grantAccess(to: number, terms, by: visitor.signature)
            copies.wake()
            try await note("grant access", "\(grant.number) \(grant.meetingID) \(grant.holder.id)", visitor)
            return try Response.json(try await status(grant, visitor), status: .created)
        }
    }

    // MARK: Grants

    private func addGrants(to group: RouterGroup<PortalContext>) {
        group.get("access/grants") { request, context in
            let visitor = try context.require(.readOwnAccess)
            let values = request.uri.queryParameters
            let grants = try await archive.accessGrants(
                of: visitor.may(.readAccess) ? nil : visitor.identity, meeting: values.get("recording"),
                before: values.get("before", as: Int64.self))
            let titles = try await titles(Set(grants.map(\.meetingID)), visitor)
            return try Response.json(try await statuses(grants, titles, visitor))
        }
        group.get("access/grants/:number") { _, context in
            let visitor = try context.require(.readOwnAccess)
            let grant = try await archive.accessGrant(try Self.number(context))
            guard visitor.may(.readAccess) || grant.holder.id == visitor.identity else {
                throw Refusal(AccessFault.unknownGrant(grant.number))
            }
            var status = try await status(grant, visitor)
            if visitor.may(.readAccess) {
                status.uses = try await archive.accessUses(of: grant.number).map(AccessGrantStatus.Use.init)
            }
            return try Response.json(status)
        }
        group.post("access/grants/:number/revoke") { request, context in
            let visitor = try context.require(.decideAccess)
            let number = try Self.number(context)
            let order = try await request.json(AccessReason.self)
            let grant = try await archive.revokeAccess(number, reason: order.reason, by: visitor.signature)
            await copies.revoked(number)
            try await note("revoke access", "\(number) \(grant.meetingID) \(grant.holder.id)", visitor)
            return try Response.json(try await status(grant, visitor))
        }
        group.post("access/grants/:number/copy") { _, context in
            let visitor = try context.require(.decideAccess)
            let grant = try await archive.accessGrant(try Self.number(context))
            try await archive.remakeCopy(of: grant.number)
            copies.wake()
            try await note("remake copy", "\(grant.number) \(grant.meetingID)", visitor)
            return try Response.json(try await status(grant, visitor))
        }
        group.get("access/register.csv") { request, context in
            let visitor = try context.require(.readAccess)
            let values = request.uri.queryParameters
            return try await register(
                before: values.get("before", as: Int64.self), limit: values.get("limit", as: Int.self), visitor)
        }
    }

    private static let registerPage = 500

    /// The supply register, which the rules want: what was asked for, by whom, what became of it; newest first. All of it, page
    /// by page as the client takes it, or, where a limit is said, one page, and `Link` tells of the next (RFC 8288).
    private func register(before: Int64?, limit: Int?, _ visitor: Visitor) async throws -> Response {
        var headers: HTTPFields = [
            .contentType: "text/csv; charset=utf-8",
            .contentDisposition: "attachment; filename=\"so-cung-cap.csv\"",
        ]
        let size = min(max(1, limit ?? Self.registerPage), Self.registerPage)
        let first = try await registerPage(before: before, limit: size, visitor)
        guard limit == nil else {
            if let next = first.next, let link = HTTPField.Name("Link") {
                headers[link] = "</api/v1/access/register.csv?before=\(next)&limit=\(size)>; rel=\"next\""
            }
            return Response(
                status: .ok, headers: headers,
                body: .init(byteBuffer: .init(string: AccessRegister.beginning + first.lines)))
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: AccessRegister.beginning + first.lines))
                var next = first.next
                while let before = next {
                    let page = try await registerPage(before: before, limit: size, visitor)
                    try await writer.write(ByteBuffer(string: page.lines))
                    next = page.next
                }
                try await writer.finish(nil)
            })
    }

    /// - Returns: its lines, and before which number the next begins; nil where it is the last.
    private func registerPage(
        before: Int64?, limit: Int, _ visitor: Visitor
    ) async throws -> (lines: String, next: Int64?) {
        let requests = try await archive.accessRequests(before: before, limit: limit)
        let grants = Dictionary(
            try await archive.accessGrants(answering: requests.map(\.number)).map { ($0.request, $0) },
            uniquingKeysWith: { first, _ in first })
        let now = Date()
        let titles = try await titles(
            Set(requests.compactMap(\.wish.meetingID)).union(grants.values.map(\.meetingID)), visitor)
        let rows = requests.map { AccessRegister.row($0, grants[$0.number], titles, at: now) }
        return (AccessRegister.lines(rows), requests.count < limit ? nil : requests.last?.number)
    }

    // MARK: Shared

    /// A token is an agency's own system.
    private func requester(_ visitor: Visitor) -> AccessPerson {
        guard let person = visitor.person else {
            return AccessPerson(id: visitor.identity, name: visitor.name, agency: "")
        }
        let unit = person.unit.flatMap { office.register.unit($0)?.name }
        return AccessPerson(id: person.id, name: person.name, agency: unit ?? person.unit ?? "")
    }

    private func status(_ grant: AccessGrant, _ visitor: Visitor) async throws -> AccessGrantStatus {
        let titles = try await titles([grant.meetingID], visitor)
        return try await statuses([grant], titles, visitor).first
            ?? AccessGrantStatus(grant, titles, at: Date())
    }

    /// With how it stands with the copies of those that last.
    private func statuses(
        _ grants: [AccessGrant], _ titles: [String: String], _ visitor: Visitor
    ) async throws -> [AccessGrantStatus] {
        let now = Date()
        let jobs = try await archive.copyJobs(of: grants.map(\.number))
        return grants.map { grant in
            var status = AccessGrantStatus(grant, titles, at: now)
            if [.early, .inForce].contains(grant.state(at: now)) {
                status.copy = AccessGrantStatus.Copy(
                    jobs[grant.number], copies.copy(of: grant.number), isForOfficer: visitor.may(.decideAccess), at: now
                )
            }
            return status
        }
    }

    /// Of the recordings that the visitor may know: those that discretion admits, and those granted now.
    private func titles(_ ids: Set<String>, _ visitor: Visitor) async throws -> [String: String] {
        var records: [MeetingRecord] = []
        for id in ids {
            if let record = try await archive.find(id) { records.append(record) }
        }
        let granted = visitor.may(.readRecording) ? [] : try await archive.recordingsGranted(to: visitor.identity)
        let known =
            visitor.may(.readRecording)
            ? try await discretion.visible(records, to: visitor) : records.filter { granted.contains($0.id) }
        return Dictionary(known.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
    }

    private func note(_ what: String, _ subject: String, _ visitor: Visitor) async throws {
        try await office.note(what, of: subject.trimmingCharacters(in: .whitespaces), by: visitor.signature)
    }

    static func number(_ context: PortalContext) throws(Refusal) -> Int64 {
        guard let number = Int64(try context.pathParameter("number")) else {
            throw Refusal(.badRequest, "That is no number.", hint: "Take it from the list.")
        }
        return number
    }

    private static func states(_ text: String?) throws(Refusal) -> Set<AccessRequest.State> {
        var states: Set<AccessRequest.State> = []
        for name in text?.split(separator: ",") ?? [] {
            guard let state = AccessRequest.State(rawValue: String(name)) else {
                let known = AccessRequest.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(.badRequest, "state is none of \(known).", hint: "Leave it out for all.")
            }
            states.insert(state)
        }
        return states
    }
}
