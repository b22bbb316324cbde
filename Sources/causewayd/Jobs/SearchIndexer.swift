import Archive
import Documents
import Foundation
import LogSubjects
import Matroska
import Office
import OfficeStore
import Portal
import Search
import Vietnamese

/// Keeps the search index as the archive and the Office have it: a meeting as it is sealed, or destroyed; one whose entry in the
/// schedule or whose papers change, whenever it was held; everything that is missing in the background, at most half of the time.
actor SearchIndexer {
    private static let pause = Duration.seconds(600)
    /// Looked at again in each round once all were put in: reports, and what else becomes known afterwards.
    private static let recent = 200
    /// Several changes, such as papers brought one after another, are taken together.
    private static let settling = Duration.seconds(2)
    /// Up to where the Office's journal was followed.
    private static let journal = "journal"

    private let archive: Archive
    private let office: OfficeStore
    private let reports: ReportDesk
    private let index: SearchIndex
    private let logger: SubjectLogger
    private let papers = PaperText()
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation
    private var hasForgotten = false

    init(archive: Archive, office: OfficeStore, reports: ReportDesk, index: SearchIndex, logger: SubjectLogger) {
        self.archive = archive
        self.office = office
        self.reports = reports
        self.index = index
        self.logger = logger
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The Office changed something.
    nonisolated func wake() { change.yield() }

    /// Runs until it is cancelled.
    func run() async {
        var changes = changes.makeAsyncIterator()
        while !Task.isCancelled {
            do { try await catchUp() } catch {
                if !Task.isCancelled { logger.error("the search index: \(error)") }
            }
            let alarm = Task { [change] in
                try await Task.sleep(for: Self.pause)
                change.yield()
            }
            await changes.next()
            alarm.cancel()
            try? await Task.sleep(for: Self.settling)
        }
    }

    /// A meeting is sealed, or destroyed.
    func enter(_ id: String) async {
        do {
            if let meeting = try await archive.find(id) { try await put(meeting) }
        } catch {
            logger.error("the search index lacks \(meeting: id) for now: \(error)")
        }
    }

    private func catchUp() async throws {
        let newest = try await office.journal(limit: 1).first?.number ?? 0
        let followed = try await index.mark(Self.journal)
        let isWhole = try await index.isComplete() && followed != nil
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
        if !hasForgotten { try await forget() }
        if let followed, isWhole { try await follow(from: followed, to: newest) }
        try await index.setMark(Self.journal, newest)
        if !isWhole {
            try await index.finish()
            logger.notice("search index: all \(seen) meetings are in it")
        }
    }

    /// What was destroyed while nobody listened.
    private func forget() async throws {
        var query = MeetingQuery(states: [.destroyed], limit: 100)
        repeat {
            let page = try await archive.list(query)
            for listing in page.meetings { try await put(listing.meeting) }
            query.after = page.next
        } while query.after != nil
        hasForgotten = true
    }

    /// Looks at every sitting again of which the Office's journal has something new: papers are brought, and levels set, years later.
    private func follow(from last: Int64, to newest: Int64) async throws {
        var changed: Set<String> = []
        var destroyed: Set<String> = []
        var before = newest &+ 1
        while before > last + 1 {
            let lines = try await office.journal(limit: 1000, before: before)
            for line in lines where line.number > last {
                // Another bridge may have done it.
                if line.action == "destroy recording" { destroyed.insert(line.subject) }
                changed.insert(ScheduledMeeting.id(ofSitting: String(line.subject.prefix { $0 != " " })))
            }
            guard let lowest = lines.last?.number else { break }
            before = lowest
        }
        for id in destroyed.sorted() {
            if let meeting = try await archive.find(id) { try await put(meeting) }
        }
        for id in changed.sorted() {
            for meeting in try await archive.meetings(ofSchedule: id) where !meeting.state.isUnfinished {
                try Task.checkCancellation()
                try await put(meeting)
            }
        }
    }

    private func put(_ meeting: MeetingRecord) async throws {
        let convened = try await office.convened(bySitting: meeting.sitting)
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
        // Of what was destroyed no more is found than stands in its certificate.
        var document = MeetingDocument(
            id: meeting.id, revision: revision, title: meeting.title, convener: meeting.convener ?? "",
            document: meeting.document ?? "", room: meeting.room, level: level, openedAt: meeting.openedAt)
        if meeting.state == .destroyed { return try await index.put([document]) }
        do {
            document = try await describe(meeting, convened, level)
            document.revision = revision
        } catch ArchiveError.encrypted {
            // Its key is not here: it is found by what the catalogue knows, and described when the key is back.
            document.revision = revision + " unread"
        }
        for paper in papers {
            document.passages += await passages(of: paper, in: convened?.meeting.id ?? "")
        }
        try await index.put([document])
    }

    private func describe(
        _ meeting: MeetingRecord, _ convened: (meeting: ScheduledMeeting, sitting: ScheduledSitting?)?,
        _ level: SearchLevel
    ) async throws -> MeetingDocument {
        let register = (try? await office.register(at: meeting.openedAt)) ?? office.register
        let report = try await reports.report(of: meeting.id)
        let present = report.agencies.flatMap { agency in agency.points.map { (agency.unit, $0) } }
            .filter { $0.1.presence != .absent }
        let agenda = convened.flatMap { $0.sitting?.convening($0.meeting, register).agenda } ?? []
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
        passages += chapters(of: meeting)
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

    /// The master's chapters; a master that cannot be read has none.
    private func chapters(of meeting: MeetingRecord) -> [Passage] {
        guard let reader = try? MatroskaReader(try archive.open(archive.paths(of: meeting).master, of: meeting)) else {
            return []
        }
        return reader.chapters.prefix(Self.mostChapters).filter { !$0.title.isEmpty }.map { chapter in
            Passage(
                .chapter, text: chapter.title, beginMilliseconds: Int64(clamping: chapter.startNanoseconds / 1_000_000),
                endMilliseconds: Int64(clamping: chapter.endNanoseconds / 1_000_000))
        }
    }

    private static let mostChapters = 2_000

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
            logger.info("paper \(paper.id) of \(meeting: meeting) is found by its name only: \(error)")
        } catch {
            logger.warning("paper \(paper.id) of \(meeting: meeting): \(error)")
        }
        return [name]
    }
}
