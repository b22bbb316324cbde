import Documents
import Foundation
import Office
import OfficeStore
import Portal
import SiteConfiguration

extension ReportConfiguration {
    /// What the Office's register and the configuration know of meetings' points and of holidays.
    init(_ configuration: Configuration, _ office: OfficeStore) {
        self.init(calendar: Self.calendar(configuration.archive.holidays)) { id in
            let register = office.register
            guard let room = register.rooms.first(where: { $0.id == id }) else { return Room() }
            let names = Dictionary(register.units.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
            return Room(
                points: register.points.map { point in
                    MeetingFacts.Point(
                        id: point.id, name: point.name, unit: point.unit.flatMap { names[$0] },
                        isExpected: room.points?.contains(point.id) ?? false,
                        place: point.coordinates.flatMap {
                            Documents.Coordinates(latitude: $0.latitude, longitude: $0.longitude)
                        })
                })
        }
    }

    /// The file that is named, or that is installed; without either no holiday is known, and reports say so.
    private static func calendar(_ given: String?) -> WorkingCalendar {
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let installed = program.map { program in
            let folder = (program as NSString).deletingLastPathComponent
            return (folder as NSString).deletingLastPathComponent + "/share/causeway/holidays.csv"
        }
        let text = (given ?? installed).flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        return text.map { WorkingCalendar(parsing: $0) } ?? WorkingCalendar()
    }
}
