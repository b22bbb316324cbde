import Archive
import Documents
import Foundation
import NIOCore
import NIOPosix
import Office
import Synchronization
import Vietnamese

/// What reports say beside what is in a package.
public struct ReportConfiguration: Sendable {
    /// What the register and the schedule had of a meeting at its time.
    public struct Background: Sendable {
        /// In the order of protocol; those that are not expected are in a report only where they came.
        public var points: [MeetingFacts.Point]
        /// Where it was held.
        public var place: Coordinates?
        public var convener: String?
        public var document: String?
        public var chair: String?
        /// A notice of its conclusions is ordered.
        public var ordersConclusionNotice: Bool
        public init(
            points: [MeetingFacts.Point] = [], place: Coordinates? = nil, convener: String? = nil,
            document: String? = nil, chair: String? = nil, ordersConclusionNotice: Bool = true
        ) {
            self.points = points
            self.place = place
            self.convener = convener
            self.document = document
            self.chair = chair
            self.ordersConclusionNotice = ordersConclusionNotice
        }
    }

    public var calendar: WorkingCalendar
    public var background: @Sendable (MeetingRecord) async -> Background
    /// What the Office noted of absences when a meeting was over, by the record's id.
    public var absences: @Sendable (_ record: String) async throws -> [NotedAbsence]

    public init(
        calendar: WorkingCalendar = WorkingCalendar(),
        absences: @escaping @Sendable (_ record: String) async throws -> [NotedAbsence] = { _ in [] },
        background: @escaping @Sendable (MeetingRecord) async -> Background = { _ in Background() }
    ) {
        self.calendar = calendar
        self.absences = absences
        self.background = background
    }
}

/// Makes reports of meetings from the archive.
public final class ReportDesk: Sendable {
    private static let longestLog = 256 << 20
    /// Meetings in statistics.
    private static let mostMeetings = 20_000

    let renderer = DocumentRenderer()
    let archive: Archive
    private let configuration: Mutex<ReportConfiguration>

    public init(archive: Archive, configuration: ReportConfiguration = ReportConfiguration()) {
        self.archive = archive
        self.configuration = Mutex(configuration)
    }

    public func replace(with new: ReportConfiguration) { configuration.withLock { $0 = new } }

    /// As it was sealed, or, before that, as the record has it now; with the reasons of absences that were noted since.
    public func report(of id: String) async throws -> MeetingReport {
        try await report(try await archive.details(of: id))
    }

    private func report(_ details: MeetingDetails) async throws -> MeetingReport {
        try details.meeting.refuseDestroyed()
        if details.meeting.state == .sealed {
            let kept = try await contents(
                of: archive.paths(of: details.meeting).report("report.json"), in: details.meeting)
            if let kept, let report = try? MeetingReport(json: kept) {
                return try await withAbsences(report)
            }
        }
        return try await makeReport(details)
    }

    /// Puts the report into a package that is about to be sealed, as JSON, PDF and, as the skeleton of minutes, ODT. Where a
    /// program is missing the rest is there.
    public func keep(_ id: String) async throws {
        let details = try await archive.details(of: id)
        let report = try await makeReport(details)
        try archive.add(try report.json(), as: "reports/report.json", to: details.meeting)
        let document = ReportDocument(report)
        let pdf = try await renderer.pdf(document.document, .archival)
        try archive.add(pdf, as: "reports/report.pdf", to: details.meeting)
        try archive.add(try await renderer.odt(document.minutes), as: "reports/minutes.odt", to: details.meeting)
    }

    private func makeReport(_ details: MeetingDetails) async throws -> MeetingReport {
        let facts = await facts(details)
        let calendar = configuration.withLock { $0.calendar }
        let log = try await contents(of: archive.paths(of: details.meeting).events, in: details.meeting) ?? Data()
        let report = try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            MeetingReport(facts, MeetingLog(parsing: log), calendar: calendar)
        }
        return try await withAbsences(report)
    }

    private func withAbsences(_ report: MeetingReport) async throws -> MeetingReport {
        var report = report
        for noted in try await configuration.withLock({ $0.absences })(report.meeting.id) {
            report.note(absence: noted.point, reason: noted.reason, .init(by: noted.by, at: noted.at))
        }
        return report
    }

    private func background(_ meeting: MeetingRecord) async -> ReportConfiguration.Background {
        await configuration.withLock { $0.background }(meeting)
    }

    private func facts(_ details: MeetingDetails) async -> MeetingFacts {
        let meeting = details.meeting
        let background = await background(meeting)
        var points = background.points
        let known = Set(points.map(\.id))
        points += details.participants.filter { !known.contains($0.point) }.map {
            MeetingFacts.Point(id: $0.point, name: $0.name, unit: $0.unit)
        }
        return MeetingFacts(
            id: meeting.id, title: meeting.title, room: meeting.room,
            convener: meeting.convener ?? background.convener, document: meeting.document ?? background.document,
            chair: background.chair, openedAt: meeting.openedAt, closedAt: meeting.closedAt,
            closeReason: meeting.closeReason, points: points,
            notes: details.notes.filter { $0.severity != .information }.map { .init(at: $0.at, text: $0.text) },
            place: background.place, ordersConclusionNotice: background.ordersConclusionNotice)
    }

    private func contents(of path: String, in meeting: MeetingRecord) async throws -> Data? {
        try await NIOSingletons.posixBlockingThreadPool.runIfActive { [archive] in
            try archive.contents(of: path, in: meeting, limit: Self.longestLog)
        }
    }

    // MARK: Statistics

    /// - Parameter select: which meetings count.
    func statistics(
        from: Date?, to: Date?, _ select: ([MeetingListing]) async throws -> [MeetingListing]
    ) async throws -> MeetingStatistics {
        var query = MeetingQuery(from: from, to: to, limit: MeetingQuery.maximumLimit)
        var counted: [MeetingStatistics.Meeting] = []
        repeat {
            let page = try await archive.list(query)
            for listing in try await select(page.meetings) {
                counted.append(await count(try await archive.details(of: listing.meeting.id)))
            }
            query.after = page.next
        } while query.after != nil && counted.count < Self.mostMeetings
        return MeetingStatistics(counted)
    }

    /// As the report has it: from the chair's opening, and only of who was present. A meeting in which nobody was has no
    /// hours.
    private func count(_ details: MeetingDetails) async -> MeetingStatistics.Meeting {
        guard let report = try? await report(details) else { return await countOfCatalogue(details) }
        let present = report.attendance.filter { $0.presence == .present }.map(\.point)
        return MeetingStatistics.Meeting(
            openedAt: report.meeting.beganAt ?? report.meeting.openedAt,
            closedAt: present.isEmpty ? nil : report.meeting.closedAt, points: Set(present),
            savedKilometres: report.savedKilometres)
    }

    /// Of a meeting whose record was destroyed, or cannot be read, the catalogue has at least who joined.
    private func countOfCatalogue(_ details: MeetingDetails) async -> MeetingStatistics.Meeting {
        let points = Set(details.participants.map(\.point))
        let background = await background(details.meeting)
        let present = background.points.filter { points.contains($0.id) }.compactMap(\.place)
        let saved = (background.place ?? present.first).map { place in
            present.reduce(0) { $0 + 2 * $1.kilometres(to: place) }
        }
        return MeetingStatistics.Meeting(
            openedAt: details.meeting.openedAt, closedAt: details.meeting.closedAt, points: points,
            savedKilometres: saved)
    }
}
