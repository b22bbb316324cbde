import Foundation
import LogSubjects
import Office
import OfficeStore
import PortalAPI

/// Enters what a line check measured into the rehearsals of the sittings that are near and to which its point is invited.
struct RehearsalBook: Sendable {
    /// A line that did yesterday says little of today.
    private static let horizon: TimeInterval = 24 * 3600

    let office: OfficeStore
    let logger: SubjectLogger

    func enter(_ check: LineCheck) async {
        do {
            let (from, to) = (check.at, check.at.addingTimeInterval(Self.horizon))
            for meeting in try await office.meetings(endingAfter: from)
            where meeting.invited.contains(where: { $0.point == check.point }) {
                for sitting in meeting.sittings where sitting.ends > from && sitting.starts <= to {
                    _ = try await office.rehearse(check.point, of: sitting.id, by: "kiemtra") { rehearsal, now in
                        func result(_ isPassed: Bool, _ note: String) -> PointRehearsal.Result {
                            .init(isPassed: isPassed, note: note, by: "kiemtra", at: now)
                        }
                        rehearsal[.line] = result(check.passes.line, check.figures)
                        rehearsal[.sound] = result(check.passes.sound, check.figures)
                        rehearsal[.picture] = result(check.passes.picture, check.figures)
                        // A device that sends and shows both is one that works.
                        rehearsal[.equipment] = result(
                            check.passes.sound && check.passes.picture, check.device ?? "")
                    }
                }
            }
        } catch {
            logger.error("the line check of \(point: check.point) is not in its rehearsal: \(error)")
        }
    }
}
