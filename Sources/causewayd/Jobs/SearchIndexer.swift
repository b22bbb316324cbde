import Archive
import Documents
import Foundation
import Logging
import Office
import OfficeStore
import Portal
import Search
import Vietnamese

/// Keeps the search index as the archive and the Office have it: a meeting as it is sealed; everything that is missing or has changed
/// in the background, at most half of the time.
actor SearchIndexer {
    private static let pause = Duration.seconds(600)
    /// Looked at again in each round once all were put in: papers are also brought afterwards.
    private static let recent = 200

    private let archive: Archive
    private let office: OfficeStore
    private let reports: ReportDesk
    private let index: SearchIndex
    private let logger: Logger
    private let papers = PaperText()

    init(archive: Archive, office: OfficeStore, reports: ReportDesk, index: SearchIndex, logger: Logger) {
        self.archive = archive
        self.office = office
        self.reports = reports
        self.index = index
        self.logger = logger
    }

    /// Runs until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { try await catchUp() } catch {
                if !Task.isCancelled { logger.error("the search index: \(error)") }
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// A meeting is sealed.
    func enter(_ id: String) async {
        do {
            if let meeting = try await archive.find(id) { try await put(meeting) }
        } catch {
            logger.error("the search index lacks \(id) for now: \(error)")
        }
    }

    private func catchUp() async throws {
        let isWhole = try await index.isComplete()
        let total = try await archive.meetingCounts().values.reduce(0, +)
        let start = ContinuousClock.now
        var query = MeetingQuery(limit: 100)
        var seen = 0
        repeat {
            let page = try await archive.list(query)
            for listing in page.meetings where !listing.meeting.state.isUnfinished {
                let begun = ContinuousClock.now
                try Task.checkCancellation()
                try await put(listing.meeting)
                // Calls and recordings come first.
                try await Task.sleep(for: ContinuousClock.now - begun)
            }
            seen += page.meetings.count
            query.after = page.next
            if !isWhole, seen % 1000 == 0, seen > 0 {
                let left = (ContinuousClock.now - start) / seen * max(0, total - seen)
                logger.notice("search index: \(seen) of \(total) meetings, about \(left.components.seconds) s to go")
            }
        } while query.after != nil && (!isWhole || seen < Self.recent)
        if !isWhole {
            try await index.finish()
            logger.notice("search index: all \(seen) meetings are in it")
        }
    }

    private func put(_ meeting: MeetingRecord) async throws {
        let convened = try await office.sitting(in: meeting.room, at: meeting.openedAt)
        let papers = if let convened { try await office.papers(of: convened.meeting.id) } else { [Paper]() }
        // What the schedule has no longer is what it was when it opened; a level that nobody knows is the highest.
        let level: SearchLevel
        if let convened {
            level = SearchLevel(convened.meeting.confidentiality)
        } else if let name = meeting.confidentiality {
            level = SearchLevel(ScheduledMeeting.Confidentiality(rawValue: name) ?? .topSecret)
        } else {
            level = .ordinary
        }
        let revision =
            "\(meeting.state.rawValue) \(level.rawValue) \(convened?.meeting.revision ?? -1) "
            + papers.map { String($0.id) }.joined(separator: ",")
        if try await index.revision(of: meeting.id) == revision { return }
        var document = try await describe(meeting, convened, level)
        document.revision = revision
        for paper in papers {
            document.passages += await passages(of: paper, in: convened?.meeting.id ?? "")
        }
        try await index.put([document])
    }

    private func describe(
        _ meeting: MeetingRecord, _ convened: (meeting: ScheduledMeeting, sitting: ScheduledSitting)?,
        _ level: SearchLevel
    ) async throws -> MeetingDocument {
        let register = (try? await office.register(at: meeting.openedAt)) ?? office.register
        let report = try await reports.report(of: meeting.id)
        let present = report.agencies.flatMap { agency in agency.points.map { (agency.unit, $0) } }
            .filter { $0.1.presence != .absent }
        let agenda = convened.map { $0.sitting.convening($0.meeting, register).agenda } ?? []
        let events = (try? archive.events(of: meeting)) ?? []
        var passages = (convened?.meeting.agenda ?? []).map { Passage(.agenda, heading: $0.speaker, text: $0.title) }
        for speech in report.speeches {
            let subjects = agenda.filter { $0.point?.rawValue == speech.point }.map(\.title)
            let begin = events.masterMilliseconds(at: speech.startedAt)
            passages.append(
                Passage(
                    .speech, heading: [speech.name, speech.unit ?? ""].filter { !$0.isEmpty }.joined(separator: ", "),
                    text: subjects.joined(separator: "; "), beginMilliseconds: begin,
                    endMilliseconds: begin.map { $0 + 1000 * Int64(speech.seconds) }))
        }
        passages += report.votes.map { Passage(.report, text: $0.question) }
        passages += report.messages.map { Passage(.report, heading: $0.from ?? "", text: $0.text) }
        return MeetingDocument(
            id: meeting.id, title: meeting.title,
            convener: meeting.convener ?? convened?.meeting.convener ?? "",
            document: meeting.document ?? convened?.meeting.document.number ?? "", room: meeting.room,
            roomName: register.rooms.first { $0.id == meeting.room }?.title ?? "",
            field: convened?.meeting.field ?? "", level: level, openedAt: meeting.openedAt,
            units: Array(Set(present.map(\.0).filter { !$0.isEmpty })).sorted(),
            people: Array(Set(present.map(\.1.name) + [convened?.meeting.chair?.name].compactMap { $0 })).sorted(),
            passages: passages)
    }

    /// A paper that cannot be read is found by its name.
    private func passages(of paper: Paper, in meeting: String) async -> [Passage] {
        let name = Passage(.paper, heading: paper.name, text: "", paper: String(paper.id))
        do {
            let path = try await office.paper(paper.id, of: meeting).path
            let pages = try await papers.pages(of: path, named: paper.name)
            return pages.map { page in
                Passage(.paper, heading: paper.name, text: page.text, paper: String(paper.id), page: page.number)
            }
        } catch let error as ExtractionError {
            logger.info("paper \(paper.id) of \(meeting) is found by its name only: \(error)")
        } catch {
            logger.warning("paper \(paper.id) of \(meeting): \(error)")
        }
        return [name]
    }
}
