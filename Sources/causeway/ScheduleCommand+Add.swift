import ArgumentParser
import Foundation
import Office
import PortalAPI
import Vietnamese

extension ScheduleCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Call a meeting together.",
            discussion: """
                Clashes of points are shown; a room that is taken is refused. Example: causeway schedule add --room giaoban \
                --title 'Giao ban tuần' --at '2026-12-01 08:00' --minutes 90 --convener 'Chủ tịch UBND tỉnh' \
                --document 120/GM-UBND --document-date 2026-11-20 --field 'điều hành chung' --chair 'Nguyễn Văn A' \
                --points vanphong soyte --optional phuloc --weekly --count 10
                """)
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "The meeting's title.") var title: String
        @Option(help: "The room's id.") var room: String
        @Option(help: ArgumentHelp("When it begins, in Vietnam: '2026-12-01 08:00', or now.", valueName: "time"))
        var at: String
        @Option(help: "How long it is planned to last.") var minutes = 60
        @Option(help: "Who convenes it, as the document says.") var convener: String
        @Option(help: "Number of the convening document.") var document: String
        @Option(help: ArgumentHelp("Its date: 2026-11-20.", valueName: "day")) var documentDate: String
        @Option(help: "What it is about.") var field: String
        @Option(help: "ordinary, restricted, secret, highly-secret, top-secret.")
        var confidentiality = ScheduledMeeting.Confidentiality.ordinary
        @Option(help: "The chair's name.") var chair: String
        @Option(help: "Who leads it on the portal.") var chairPerson: String?
        @Option(help: "Where the chair sits.") var chairPoint: String?
        @Option(parsing: .upToNextOption, help: "Points that must come.") var points: [String] = []
        @Option(parsing: .upToNextOption, help: "Points that may come.") var optional: [String] = []
        @Option(
            help: ArgumentHelp("An item of the agenda; give it again for more.", valueName: "title|speaker|minutes"))
        var agenda: [String] = []
        @Flag var daily = false
        @Flag(help: "Repeat it; with --every, every so many days, weeks or months.") var weekly = false
        @Flag var monthly = false
        @Option(help: "Every so many.") var every = 1
        @Option(help: "So many sittings.") var count: Int?
        @Option(help: ArgumentHelp("The last one on this day or before.", valueName: "day")) var until: String?
        @Option(
            help: ArgumentHelp(
                "How long before technicians are let in; as the site has it where left out.", valueName: "minutes"))
        var rehearsal: Int?
        @Option(help: "Its class in the retention table; the room's where left out.") var retentionClass: String?
        @Flag(
            inversion: .prefixedNo,
            help: "A notice of conclusions is ordered: the report says by which working day it is due.")
        var conclusionNotice = true
        @Option(help: "Who decided beforehand that it is recorded.") var orderedBy: String?
        @Option(help: "Number and date of that decision.") var orderDocument: String?

        func validate() throws {
            guard [daily, weekly, monthly].count(where: { $0 }) <= 1 else {
                throw ValidationError("Of --daily, --weekly and --monthly one can be given.")
            }
            if daily || weekly || monthly {
                guard (count == nil) != (until == nil) else {
                    throw ValidationError("A repeated meeting takes --count or --until.")
                }
            }
            guard Self.time(at) != nil else {
                throw ValidationError("--at is a time such as '2026-12-01 08:00', or now.")
            }
            if let until, IndochinaTime.date(from: until) == nil {
                throw ValidationError("--until is a day such as 2026-12-31.")
            }
            if (orderedBy == nil) != (orderDocument == nil) {
                throw ValidationError("--ordered-by and --order-document go together.")
            }
        }

        func run() async throws {
            let meeting = meeting
            let detail = try await PortalClient.with(connection) {
                try await $0.post(MeetingDetail.self, "schedule", meeting)
            }
            ScheduleCommand.print(detail, connection)
        }

        private var meeting: ScheduledMeeting {
            var meeting = ScheduledMeeting(
                title: title, room: room, convener: convener, document: .init(number: document, date: documentDate),
                field: field, confidentiality: confidentiality,
                chair: .init(name: chair, person: chairPerson, point: chairPoint), starts: Self.time(at) ?? Date(),
                minutes: minutes, recurrence: recurrence,
                invited: points.map { .init(point: $0) } + optional.map { .init(point: $0, necessity: .optional) },
                agenda: agenda.map(Self.item), rehearsalMinutes: rehearsal,
                recordingOrder: orderedBy.map { .init(orderedBy: $0, document: orderDocument ?? "") })
            meeting.retentionClass = retentionClass
            meeting.conclusionNotice = conclusionNotice
            return meeting
        }

        private var recurrence: Recurrence? {
            guard daily || weekly || monthly else { return nil }
            // The whole of the last day.
            let last = until.flatMap { IndochinaTime.date(from: $0) }?.addingTimeInterval(86_399)
            let end = count.map(Recurrence.End.count) ?? .until(last ?? Date())
            return Recurrence(daily ? .daily : weekly ? .weekly : .monthly, interval: every, end: end)
        }

        static func time(_ text: String) -> Date? {
            if text == "now" { return Date() }
            let parts = text.split { $0 == " " || $0 == "T" }
            guard parts.count == 2, parts[1].count == 5 else { return nil }
            return IndochinaTime.date(from: "\(parts[0])T\(parts[1]):00+07:00")
        }

        private static func item(_ text: String) -> ScheduledMeeting.AgendaItem {
            let parts = text.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            return .init(
                title: parts.first ?? "", speaker: parts.count > 1 ? parts[1] : "",
                minutes: parts.count > 2 ? Int(parts[2]) ?? 0 : 0)
        }
    }
}
