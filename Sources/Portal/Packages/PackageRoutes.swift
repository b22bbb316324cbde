import Hummingbird
import PortalAPI

/// Packages for archives and for who asked: `/recordings/ID/packages`.
struct PackageRoutes: Sendable {
    let desk: PackageDesk
    let discretion: Discretion
    let journal: ViewingJournal

    func add(to group: RouterGroup<PortalContext>) {
        group.post("recordings/:id/packages") { request, context in
            let visitor = try context.require(.packageRecording)
            let id = try await discretion.record(try context.pathParameter("id"), for: visitor).id
            let order = try await request.json(PackageOrder.self)
            try await journal.note(.package, of: id, order.kind.rawValue, by: visitor)
            context.logger.notice(
                "package asked for",
                metadata: ["meeting": "\(id)", "kind": "\(order.kind.rawValue)", "by": "\(visitor.name)"])
            return try await desk.response(to: order, recording: id, by: visitor)
        }
    }
}
