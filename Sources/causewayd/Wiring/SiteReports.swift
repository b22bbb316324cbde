import Documents
import Foundation
import Office
import OfficeStore
import Portal
import SiteConfiguration

extension ReportConfiguration {
    /// What the Office had of a meeting when it opened, and the holidays that are known.
    init(_ configuration: Configuration, _ office: OfficeStore) {
        self.init(
            calendar: Self.calendar(configuration.archive.holidays), absences: { try await office.absences(of: $0) }
        ) { meeting in
            let register = (try? await office.register(at: meeting.openedAt)) ?? office.register
            let convened = try? await office.convened(bySitting: meeting.sitting)?.meeting
            return Background(register, room: meeting.room, convened)
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

extension ReportConfiguration.Background {
    /// - Parameter convened: what was convened, if anything was: then whom it invited is expected, else
    ///   whom the room lists.
    init(_ register: OfficeRegister, room: String, _ convened: ScheduledMeeting?) {
        let names = Dictionary(register.units.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        let expected =
            convened.map { Set($0.invited.map(\.point) + [$0.chair?.point].compactMap { $0 }) }
            ?? register.rooms.first { $0.id == room }?.points ?? []
        self.init(
            points: register.points.map { point in
                MeetingFacts.Point(
                    id: point.id, name: point.name, unit: point.unit.flatMap { names[$0] },
                    isExpected: expected.contains(point.id), place: Self.place(of: point))
            },
            place: convened?.chair?.point.flatMap(register.point).flatMap(Self.place(of:)),
            convener: convened?.convener,
            document: convened?.document.text, chair: convened?.chair?.name,
            ordersConclusionNotice: convened?.conclusionNotice ?? true)
    }

    private static func place(of point: PointEntry) -> Documents.Coordinates? {
        point.coordinates.flatMap { Documents.Coordinates(latitude: $0.latitude, longitude: $0.longitude) }
    }
}
