import Archive
import Foundation
import Hummingbird
import PortalAPI

/// What goes on now: `/status`, `/meetings`.
struct LiveRoutes: Sendable {
    let bridge: any LiveBridge
    let archive: Archive
    let listeners: @Sendable () -> [ListenerStatus]

    func add(to group: RouterGroup<PortalContext>) {
        group.get("status") { _, context in
            try context.require(.readStatus)
            return try Response.json(try await status())
        }
        group.get("meetings") { _, context in
            try context.require(.readMeetings)
            return try Response.json(await bridge.meetings())
        }
        group.post("meetings/:id/end") { _, context in
            let visitor = try context.require(.endMeeting)
            let id = try context.pathParameter("id")
            try await end(id)
            context.logger.notice("meeting ended", metadata: ["meeting": "\(id)", "by": "\(visitor.name)"])
            return Response(status: .noContent)
        }
    }

    private func status() async throws -> SystemStatus {
        let now = Date()
        var state = await bridge.status()
        state.listeners += listeners()
        let counts = try await archive.meetingCounts()
        let jobs = try await archive.activeJobs()
        let disk = try archive.diskSpace()
        return SystemStatus(
            bridge: state, uptimeSeconds: Int64(max(0, now.timeIntervalSince(state.startedAt))),
            recordings: Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }),
            jobs: jobs.map { JobStatus($0, at: now) },
            disk: .init(freeBytes: disk.freeBytes, totalBytes: disk.totalBytes))
    }

    private func end(_ id: String) async throws(Refusal) {
        do {
            try await bridge.endMeeting(id)
        } catch {
            switch error {
            case .unknownMeeting:
                throw Refusal(
                    .notFound, "No meeting with this id is in progress.", hint: "List the meetings to see which are.")
            case .failed(let reason):
                throw Refusal(
                    .internalServerError, "The meeting could not be ended: \(reason)", hint: "Look at the daemon's log."
                )
            }
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
