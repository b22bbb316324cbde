import Archive
import Foundation
import Hummingbird
import PortalAPI

/// Watching: below `/recordings/ID`, `timeline`; `film/stream` and `points/POINT/stream`, a span (`from`, `to`, in seconds) of
/// the film or of one point alone (`content=slides`: what it presented); `viewings`, by which a player tells what was watched.
struct ViewingRoutes: Sendable {
    /// Tags of the master (`Recorder/RecordedTrack.swift`).
    private static let (pointTag, contentTag) = ("POINT", "CONTENT")
    private static let longest: Int64 = 48 * 3_600_000

    let archive: Archive
    let discretion: Discretion
    let timelines: TimelineDesk
    let journal: ViewingJournal
    private let excerpts = ExcerptDesk()

    init(archive: Archive, discretion: Discretion, timelines: TimelineDesk, journal: ViewingJournal) {
        self.archive = archive
        self.discretion = discretion
        self.timelines = timelines
        self.journal = journal
    }

    func add(to group: RouterGroup<PortalContext>) {
        group.get("recordings/:id/timeline") { _, context in
            let visitor = try context.require(.readRecording)
            let right = try await right(context, visitor)
            try await journal.note(.open, of: right.meeting.id, by: visitor, isOnce: true)
            return try Response.json(try await timelines.timeline(right))
        }
        group.get("recordings/:id/film/stream") { request, context in
            let visitor = try context.require(.fetchFile)
            let right = try await right(context, visitor)
            let span = try Self.span(request, right)
            try await journal.note(.play, of: right.meeting.id, "film", by: visitor, isOnce: true)
            return try await excerpts.response(opening(\.accessCopy, of: right.meeting), span) { _ in true }
        }
        group.get("recordings/:id/points/:point/stream") { request, context in
            let visitor = try context.require(.fetchFile)
            let right = try await right(context, visitor)
            let span = try Self.span(request, right)
            let point = try context.pathParameter("point")
            let isSlides = request.uri.queryParameters.get("content") == "slides"
            let what = "\(point.prefix(80))\(isSlides ? " slides" : "")"
            try await journal.note(.play, of: right.meeting.id, what, by: visitor, isOnce: true)
            return try await excerpts.response(opening(\.master, of: right.meeting), span) { track in
                track.tags[Self.pointTag] == point
                    && (!track.codec.isVideo || (track.tags[Self.contentTag] == "slides") == isSlides)
            }
        }
        group.post("recordings/:id/viewings") { request, context in
            let visitor = try context.require(.readRecording)
            let right = try await right(context, visitor)
            let note = try await request.json(ViewingNote.self)
            let span = try right.admitted(from: max(0, note.from), to: note.to)
            try await journal.note(
                .watch, of: right.meeting.id, "\(note.source.prefix(80)) \(Self.text(span))", by: visitor)
            return Response(status: .noContent)
        }
    }

    private func opening(
        _ file: any KeyPath<PackagePaths, String> & Sendable, of meeting: MeetingRecord
    ) -> @Sendable () throws(ArchiveError) -> StoredFile {
        let path = archive.paths(of: meeting)[keyPath: file]
        return { [archive] () throws(ArchiveError) in try archive.open(path, of: meeting) }
    }

    private func right(_ context: PortalContext, _ visitor: Visitor) async throws -> ViewingRight {
        let right = try await discretion.viewing(try context.pathParameter("id"), for: visitor)
        try right.requireFinished()
        return right
    }

    private static func span(_ request: Request, _ right: ViewingRight) throws(Refusal) -> Range<Int64> {
        func milliseconds(_ name: String) throws(Refusal) -> Int64? {
            guard let text = request.uri.queryParameters.get(name) else { return nil }
            guard let seconds = Double(text), seconds.isFinite, seconds >= 0, seconds * 1000 <= Double(longest) else {
                throw Refusal(.badRequest, "\(name) is no time in seconds.", hint: "Leave it out for the whole.")
            }
            return Int64(seconds * 1000)
        }
        return try right.admitted(from: try milliseconds("from") ?? 0, to: try milliseconds("to"))
    }

    /// `0:01:02–0:05:00`
    private static func text(_ span: Range<Int64>) -> String {
        [span.lowerBound, span.upperBound].map { time in
            let seconds = time / 1000
            let parts = [seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            return "\(seconds / 3600):\(parts.joined(separator: ":"))"
        }.joined(separator: "–")
    }
}
