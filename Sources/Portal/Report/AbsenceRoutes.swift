import Documents
import Foundation
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// Why points were absent from a meeting that is over: `/recordings/ID/absences/POINT`. It is kept by the Office, for the package may be
/// sealed, and told with the report.
struct AbsenceRoutes: Sendable {
    let desk: ReportDesk
    let office: OfficeStore
    let discretion: Discretion

    func add(to group: RouterGroup<PortalContext>) {
        group.put("recordings/:id/absences/:point") { request, context in
            let visitor = try context.require(.noteAbsence)
            let record = try await discretion.record(try context.pathParameter("id"), for: visitor)
            let point = try context.pathParameter("point")
            let wanted = try await request.json(AbsenceRequest.self)
            guard ![.running, .recording, .recovering].contains(record.state) else {
                throw Refusal(AbsenceFault.notOver)
            }
            let attendance = try await desk.report(of: record.id).attendance.filter { $0.point == point }
            guard attendance.contains(where: { $0.presence != .present }) else {
                throw Refusal(AbsenceFault.notAbsent(point), status: .notFound)
            }
            try await office.noteAbsence(
                of: point, from: record.id, reason: wanted.reason, by: visitor.signature)
            return try Response.json(try await office.absences(of: record.id))
        }
    }
}
