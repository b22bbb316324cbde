import Archive
import Documents
import Foundation
import PortalAPI

/// Puts together what happened when in a recording, from its record, its report and what the master lacks.
struct TimelineMaker {
    /// Of the schedule, with the point at which each item's speaker sits.
    struct Item {
        var title: String
        var speaker: String
        var point: String?
    }

    private typealias Span = RecordingTimeline.Span
    /// What is drawn finer than this is not seen.
    private static let fineness: Int64 = 4_000
    private static let mostGaps = 400

    let length: Int64
    let viewable: Range<Int64>
    let events: [EventRecord]

    init(length: Int64, viewable: Range<Int64>, events: [EventRecord]) {
        self.length = length
        self.viewable = viewable.clamped(to: 0..<max(1, length))
        self.events = events
    }

    /// Spans that end closer than this are one.
    private var seam: Int64 { max(400, length / Self.fineness) }

    // MARK: Chapters

    func chapters(_ speeches: [MeetingReport.Speech]) -> [RecordingTimeline.Chapter] {
        speeches.compactMap { speech in
            guard let begin = events.masterMilliseconds(at: speech.startedAt) else { return nil }
            let (end, _) = begin.addingReportingOverflow(Int64(clamping: speech.seconds) * 1000)
            return clipped(begin, max(end, begin + 1000)).map {
                .init(
                    point: speech.point, name: speech.name, unit: speech.unit, isGiven: speech.kind == .given,
                    from: $0.from, to: $0.to)
            }
        }
    }

    /// The word that the chair gives is for the next item at which that point speaks (`Conference/Floor`).
    func agenda(_ items: [Item], _ chapters: [RecordingTimeline.Chapter]) -> [RecordingTimeline.AgendaItem] {
        var agenda = items.map { RecordingTimeline.AgendaItem(title: $0.title, speaker: $0.speaker) }
        for chapter in chapters where chapter.isGiven {
            let place = items.indices.first { items[$0].point == chapter.point && agenda[$0].from == nil }
            if let place { agenda[place].from = chapter.from }
        }
        return agenda
    }

    // MARK: Lanes

    /// - Parameter points: in the order in which they are shown; others follow.
    func lanes(
        _ points: [(point: String, name: String, unit: String?)], _ losses: RecordedLosses?
    ) -> [RecordingTimeline.Lane] {
        var lanes: [String: RecordingTimeline.Lane] = [:]
        var order: [String] = []
        for (point, name, unit) in points where lanes[point] == nil {
            order.append(point)
            lanes[point] = RecordingTimeline.Lane(point: point, name: name, unit: unit)
        }
        for stream in losses?.streams ?? [] where !stream.point.isEmpty {
            if lanes[stream.point] == nil {
                order.append(stream.point)
                lanes[stream.point] = RecordingTimeline.Lane(point: stream.point, name: stream.name, unit: nil)
            }
            let kind = stream.kind ?? "unknown"
            if stream.isKept, lanes[stream.point]?.streams.contains(kind) == false {
                lanes[stream.point]?.streams.append(kind)
            }
            lanes[stream.point]?.gaps += gaps(stream, kind)
        }
        let (spoke, presented, present) = (taken(by: "speaker"), taken(by: "presenter"), presence())
        return order.compactMap { point in
            guard var lane = lanes[point] else { return nil }
            lane.spoke = merged(spoke[point] ?? [])
            lane.presented = merged(presented[point] ?? [])
            lane.present = merged(present[point] ?? [])
            lane.gaps = Array(lane.gaps.sorted { $0.from < $1.from }.prefix(Self.mostGaps))
            // Those who neither came nor left anything are no line.
            return lane.present.isEmpty && lane.streams.isEmpty ? nil : lane
        }
    }

    func pauses() -> [RecordingTimeline.Span] {
        var pauses: [Span] = []
        var since: Int64?
        for event in events {
            switch event.name {
            case "recording-paused": since = since ?? place(event)
            case "recording-resumed", "recording-started":
                if let begin = since { pauses.append(Span(from: begin, to: place(event))) }
                since = nil
            default: break
            }
        }
        if let since { pauses.append(Span(from: since, to: length)) }
        return merged(pauses)
    }

    private func place(_ event: EventRecord) -> Int64 { max(0, event.masterMilliseconds ?? 0) }

    /// Who has something that one at a time has, as events of this name tell.
    private func taken(by name: String) -> [String: [Span]] {
        var spans: [String: [Span]] = [:]
        var holder: (point: String, since: Int64)?
        func release(at time: Int64) {
            if let holder { spans[holder.point, default: []].append(Span(from: holder.since, to: time)) }
            holder = nil
        }
        for event in events where event.name == name {
            release(at: place(event))
            if let point = event.fields["point"], !point.isEmpty { holder = (point, place(event)) }
        }
        release(at: length)
        return spans
    }

    private func presence() -> [String: [Span]] {
        var spans: [String: [Span]] = [:]
        var there: [String: (point: String, since: Int64)] = [:]
        func leave(_ participant: String, at time: Int64) {
            guard let seat = there.removeValue(forKey: participant) else { return }
            spans[seat.point, default: []].append(Span(from: seat.since, to: time))
        }
        for event in events {
            guard let point = event.fields["point"] else { continue }
            let participant = event.fields["participant"] ?? point
            switch event.name {
            case "joined":
                leave(participant, at: place(event))
                there[participant] = (point, place(event))
            case "left": leave(participant, at: place(event))
            default: break
            }
        }
        for participant in there.keys.sorted() { leave(participant, at: length) }
        return spans
    }

    private func gaps(_ stream: RecordedLosses.Stream, _ kind: String) -> [RecordingTimeline.Gap] {
        var gaps: [RecordingTimeline.Gap] = []
        for gap in stream.gaps where RecordedLosses.shown.contains(gap.cause) {
            guard let span = clipped(gap.from, gap.to) else { continue }
            if let last = gaps.indices.last, gaps[last].cause == gap.cause, span.from - gaps[last].to <= seam {
                gaps[last].to = max(gaps[last].to, span.to)
            } else {
                gaps.append(.init(kind: kind, cause: gap.cause, from: span.from, to: span.to))
            }
        }
        return gaps
    }

    // MARK: Spans

    private func clipped(_ from: Int64, _ to: Int64) -> RecordingTimeline.Span? {
        let (first, last) = (max(from, viewable.lowerBound), min(to, viewable.upperBound))
        return first < last ? Span(from: first, to: last) : nil
    }

    private func merged(_ spans: [RecordingTimeline.Span]) -> [RecordingTimeline.Span] {
        var merged: [Span] = []
        for span in spans.compactMap({ clipped($0.from, $0.to) }).sorted(by: { $0.from < $1.from }) {
            if let last = merged.indices.last, span.from - merged[last].to <= seam {
                merged[last].to = max(merged[last].to, span.to)
            } else {
                merged.append(span)
            }
        }
        return merged
    }
}
