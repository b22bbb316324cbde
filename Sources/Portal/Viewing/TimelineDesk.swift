import Archive
import Foundation
import NIOCore
import NIOPosix
import Office
import OfficeStore
import PortalAPI

/// Makes time lines of recordings, from the files of their packages.
struct TimelineDesk: Sendable {
    private static let longestFile = 16 << 20

    let archive: Archive
    let office: OfficeStore
    let reports: ReportDesk

    /// What is missing in a package is left out.
    func timeline(_ right: ViewingRight) async throws -> RecordingTimeline {
        let meeting = right.meeting
        let details = try await archive.details(of: meeting.id)
        let files = Set(try await archive.files(of: meeting).map(\.path))
        let report = try? await reports.report(of: meeting.id)
        let items = await agenda(of: meeting)
        let kept = await papers(of: meeting)
        let (archive, viewable) = (archive, right.viewable)
        return try await NIOSingletons.posixBlockingThreadPool.runIfActive {
            let package = PackageContents(archive: archive, meeting: meeting, files: files)
            let maker = TimelineMaker(
                length: right.length, viewable: viewable, events: (try? archive.events(of: meeting)) ?? [])
            var timeline = RecordingTimeline(
                recording: meeting.id, durationMilliseconds: right.length,
                viewable: .init(from: viewable.lowerBound, to: viewable.upperBound))
            timeline.convener = report?.meeting.convener
            timeline.document = report?.meeting.document
            timeline.chair = report?.meeting.chair
            timeline.chapters = maker.chapters(report?.speeches ?? [])
            timeline.agenda = maker.agenda(items, timeline.chapters)
            var points = (report?.agencies ?? []).flatMap { agency in
                agency.points.map { ($0.point, $0.name, agency.unit.isEmpty ? nil : agency.unit) }
            }
            points += details.participants.map { ($0.point, $0.name, $0.unit) }
            timeline.lanes = maker.lanes(points, package.json("gaps.json", RecordedLosses.self, RecordedLosses.largest))
            timeline.pauses = maker.pauses()
            // Files reach beyond a part of the recording.
            guard right.span == nil else { return timeline }
            timeline.film = package.name("access.webm")
            timeline.poster = package.name("poster.webp")
            timeline.thumbnails = ThumbnailTrack.pictures(in: package.text("thumbnails.vtt")) {
                package.name($0) ?? $0
            }
            timeline.loudness = package.json("waveform.json", LoudnessCurve.self, Self.longestFile)?.parts ?? []
            let packaged = package.papers
            timeline.papers = packaged.papers + Self.late(kept, after: packaged)
            return timeline
        }
    }

    /// As the schedule has them now, with its id.
    private func papers(of meeting: MeetingRecord) async -> (meeting: String, papers: [Paper])? {
        guard let id = meeting.sitting.map(ScheduledMeeting.id(ofSitting:)) else { return nil }
        return (try? await office.papers(of: id)).map { (id, $0) }
    }

    /// What was brought when the package was sealed already.
    private static func late(
        _ kept: (meeting: String, papers: [Paper])?, after packaged: PackageContents.ListedPapers
    ) -> [RecordingTimeline.Paper] {
        guard let kept else { return [] }
        return kept.papers.filter { !packaged.hashes.contains($0.sha256) }.map { paper in
            .init(
                file: "", title: paper.name, version: 1, by: paper.by, at: paper.at, bytes: paper.size,
                hasCode: paper.hasCode, late: "schedule/\(kept.meeting)/papers/\(paper.id)")
        }
    }

    /// Of the sitting that the meeting was, as the schedule has it now.
    private func agenda(of meeting: MeetingRecord) async -> [TimelineMaker.Item] {
        guard let id = meeting.sitting, let (convened, sitting) = try? await office.sitting(id) else { return [] }
        let register = (try? await office.register(at: meeting.openedAt)) ?? office.register
        let seats = sitting.convening(convened, register).agenda
        return convened.agenda.enumerated().map { index, item in
            TimelineMaker.Item(
                title: item.title, speaker: item.speaker,
                point: index < seats.count ? seats[index].point?.rawValue : nil)
        }
    }
}

/// Small files of a package.
private struct PackageContents {
    private static let longest = 16 << 20

    let archive: Archive
    let meeting: MeetingRecord
    /// Relative to the package's directory.
    let files: Set<String>

    /// As the package lists it; nil where it has none.
    func name(_ file: String) -> String? {
        [file, "data/" + file].first(where: files.contains)
    }

    func data(_ file: String, most: Int) -> Data? {
        guard let name = name(file) else { return nil }
        return try? archive.contents(of: name, in: meeting, limit: most)
    }

    func text(_ file: String) -> String {
        data(file, most: Self.longest).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func json<Value: Decodable>(_ file: String, _ type: Value.Type, _ most: Int) -> Value? {
        data(file, most: most).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }

    struct ListedPapers {
        var papers: [RecordingTimeline.Paper] = []
        /// SHA-256 of all of them.
        var hashes: Set<String> = []
    }

    var papers: ListedPapers {
        guard let list = data("papers/papers.json", most: Self.longest),
            let papers = try? PortalJSON.decode(PackagedPapers.self, from: list).papers
        else { return ListedPapers() }
        let listed = papers.compactMap { paper -> RecordingTimeline.Paper? in
            name("papers/" + paper.file).map {
                .init(
                    file: $0, title: paper.title, version: paper.version, by: paper.by, at: paper.at, bytes: paper.size,
                    hasCode: paper.hasCode == true)
            }
        }
        return ListedPapers(papers: listed, hashes: Set(papers.map(\.sha256)))
    }
}
