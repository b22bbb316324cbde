import Archive
import Foundation
import Hummingbird
import OfficeStore
import PortalAPI

/// What goes on now: `/status`, `/meetings`.
struct LiveRoutes: Sendable {
    let bridge: any LiveBridge
    let archive: Archive
    let office: OfficeStore
    let discretion: Discretion
    let listeners: @Sendable () -> [ListenerStatus]
    let join: JoinConfiguration
    /// Of the HTTPS listener, where invitations say nothing else.
    let httpsAddress: @Sendable () -> String?

    func add(to group: RouterGroup<PortalContext>) {
        group.get("status") { _, context in
            let visitor = try context.require(.readStatus)
            return try Response.json(try await status(for: visitor))
        }
        group.put("drain") { _, context in
            let visitor = try context.require(.drain)
            _ = await bridge.drain(by: visitor.name)
            return Response(status: .noContent)
        }
        group.delete("drain") { _, context in
            let visitor = try context.require(.drain)
            _ = await bridge.cancelDrain(by: visitor.name)
            return Response(status: .noContent)
        }
        group.get("meetings") { _, context in
            let visitor = try context.require(.readMeetings)
            return try Response.json(try await discretion.visible(await bridge.meetings(), to: visitor))
        }
        group.get("meetings/:id/quality") { _, context in
            let visitor = try context.require(.readMeetings)
            let id = try context.pathParameter("id")
            try await discretion.requireLive(id, for: visitor)
            guard let quality = await bridge.quality(of: id) else {
                throw Refusal(LiveBridgeError.unknownMeeting)
            }
            return try Response.json(quality)
        }
        group.get("checks") { request, context in
            try context.require(.readChecks)
            let point = request.uri.queryParameters.get("point")
            return try Response.json(await bridge.lineChecks(of: point))
        }
        group.post("meetings/:id/end") { _, context in
            let visitor = try context.require(.endMeeting)
            let id = try context.pathParameter("id")
            try await discretion.requireLive(id, for: visitor)
            try await end(id, by: visitor)
            context.logger.notice("meeting ended", metadata: ["meeting": "\(id)", "by": "\(visitor.name)"])
            return Response(status: .noContent)
        }
        group.post("meetings/:id/move") { request, context in
            let visitor = try context.require(.movePoint)
            let wanted = try await request.json(MoveRequest.self)
            let id = try context.pathParameter("id")
            try await discretion.requireLive(id, for: visitor)
            try await move(wanted, from: id, by: visitor)
            try await office.note("move point", of: "\(id): \(wanted.point) \(wanted.room)", by: visitor.signature)
            return Response(status: .accepted)
        }
        group.post("points/:id/invitation") { request, context in
            let visitor = try context.require(.invitePoint)
            let wanted = try await request.json(InvitationRequest.self)
            let point = try context.pathParameter("id")
            let invitation = try await invite(point, wanted, by: visitor)
            try await office.note("invite point", of: "\(point) \(invitation.room)", by: visitor.signature)
            return try Response.json(invitation, status: .created)
        }
        group.post("rooms/:id/call") { request, context in
            let visitor = try context.require(.callPoints)
            let wanted = try await request.json(CallRequest.self)
            let room = try context.pathParameter("id")
            // Whom a secret meeting there waits for is not told.
            let held = await bridge.meetings().filter { $0.room == room }
            guard try await discretion.visible(held, to: visitor).count == held.count else {
                throw Refusal(LiveBridgeError.nobodyToCall)
            }
            let answer = try await call(wanted, into: room, by: visitor)
            return try Response.json(answer)
        }
    }

    /// Makes an invitation link: `{"room": "giaoban", "validSeconds": 28800}`.
    private func invite(_ point: String, _ request: InvitationRequest, by visitor: Visitor) async throws(Refusal)
        -> Invitation
    {
        guard (1...Self.longestInvitation).contains(request.validSeconds) else {
            throw Refusal(.badRequest, "An invitation is valid for 1 second to 31 days.", hint: "Send validSeconds.")
        }
        do {
            var invitation = try await bridge.invite(
                point, to: request.room, for: .seconds(request.validSeconds), by: visitor.name)
            invitation.url = (join.publicURL ?? httpsAddress().map { "https://\($0)" }).map {
                "\($0)/join/\(invitation.room)#k=\(invitation.token)"
            }
            return invitation
        } catch {
            throw Refusal(error)
        }
    }

    private static let longestInvitation: Int64 = 31 * 86_400

    /// Calls points into a room: `{"points": ["soyte"]}`, or `{}` for all that are invited.
    private func call(_ request: CallRequest, into room: String, by visitor: Visitor) async throws(Refusal)
        -> CallAnswer
    {
        do {
            return CallAnswer(called: try await bridge.callPoints(request.points, into: room, by: visitor.name))
        } catch {
            throw Refusal(error)
        }
    }

    private func move(_ request: MoveRequest, from meeting: String, by visitor: Visitor) async throws(Refusal) {
        do {
            try await bridge.movePoint(request.point, from: meeting, to: request.room, by: visitor.name)
        } catch {
            throw Refusal(error)
        }
    }

    /// How many meetings there are is told to all: who restarts the daemon has to know.
    private func status(for visitor: Visitor) async throws -> SystemStatus {
        let now = Date()
        var state = await bridge.status()
        state.listeners += listeners()
        let shown = Set(try await discretion.visible(await bridge.meetings(), to: visitor).map(\.id))
        state.warnings.removeAll { warning in warning.meeting.map { !shown.contains($0) } ?? false }
        let counts = try await archive.meetingCounts()
        let jobs = try await visible(try await archive.activeJobs(), to: visitor)
        let disk = try archive.diskSpace()
        return SystemStatus(
            bridge: state, uptimeSeconds: Int64(max(0, now.timeIntervalSince(state.startedAt))),
            recordings: Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }),
            jobs: jobs.map { JobStatus($0, at: now) },
            disk: .init(freeBytes: disk.freeBytes, totalBytes: disk.totalBytes))
    }

    private func visible(_ jobs: [JobRecord], to visitor: Visitor) async throws -> [JobRecord] {
        var records: [MeetingRecord] = []
        for id in Set(jobs.map(\.meetingID)) {
            if let record = try await archive.find(id) { records.append(record) }
        }
        let shown = Set(try await discretion.visible(records, to: visitor).map(\.id))
        return jobs.filter { shown.contains($0.meetingID) }
    }

    private func end(_ id: String, by visitor: Visitor) async throws(Refusal) {
        do {
            try await bridge.endMeeting(id, by: visitor.name)
        } catch {
            throw Refusal(error)
        }
    }
}

extension Refusal {
    init(_ error: LiveBridgeError) {
        switch error {
        case .unknownMeeting:
            self.init(
                .notFound, "No meeting with this id is in progress.", hint: "List the meetings to see which are.")
        case .unknownRoom:
            self.init(.notFound, "There is no such room.", hint: "Use a room's id as the configuration has it.")
        case .notInvited(let points):
            self.init(
                .conflict, "The room does not let in: \(points.joined(separator: ", ")).",
                hint: "Invite them to the room, or leave them out.")
        case .nobodyToCall:
            self.init(
                .conflict, "There is nobody to call: all are there, or are being called.",
                hint: "List the meetings to see who is in.")
        case .notInMeeting(let point):
            self.init(.notFound, "\(point) is not in this meeting.", hint: "List the meetings to see who is in.")
        case .failed(let reason):
            self.init(
                .internalServerError, "This could not be done: \(reason).", hint: "Look at the daemon's log.")
        }
    }
}

extension PortalContext {
    /// A part of the path that stands for something, percent decoded.
    func pathParameter(_ name: String) throws(Refusal) -> String {
        guard let raw = parameters.get(name), let value = raw.removingPercentEncoding else {
            throw Refusal(.badRequest, "The address is not well formed.", hint: "Encode it as RFC 3986 says.")
        }
        return value
    }
}

extension Request {
    /// The body, which is to be JSON; an empty one counts as `{}`.
    /// - Parameter most: octets that are read.
    func json<Value: Decodable>(_ type: Value.Type, upTo most: Int = 1 << 20) async throws -> Value {
        let octets = try await body.collect(upTo: most)
        do {
            return try PortalJSON.decode(
                type, from: octets.readableBytes == 0 ? Data("{}".utf8) : Data(octets.readableBytesView))
        } catch {
            throw Refusal(.badRequest, "The request's body is not what is expected here.", hint: "Send JSON.")
        }
    }
}
