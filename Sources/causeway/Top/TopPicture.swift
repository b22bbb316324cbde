import Foundation
import PortalAPI

/// What `causeway top` shows: meetings, their points and how their lines do, in as many lines and columns as there are.
struct TopPicture {
    /// By which points stand in a meeting; the worst come first.
    enum Order: String, CaseIterable, Sendable {
        case name, loss, jitter, mos, rate

        /// The key that chooses it.
        var key: Character {
            switch self {
            case .name: "n"
            case .loss: "l"
            case .jitter: "j"
            case .mos: "m"
            case .rate: "r"
            }
        }
    }

    var status: SystemStatus?
    var meetings: [LiveMeeting] = []
    /// Why what is shown is old.
    var trouble: String?
    var order = Order.loss
    /// Lines that are scrolled away above.
    var scrolled = 0
    var hasColours = false

    private static let keys = "sort: name loss jitter mos rate   ↑↓ scroll   quit"
    /// Narrower than this nothing is of use.
    private static let narrowest = 40

    /// - Parameter height: nil shows all.
    func lines(width: Int, height: Int?, at now: Date) -> [String] {
        let width = max(width, Self.narrowest)
        let head = self.head(width, now)
        let body = self.body(width, now)
        guard let height else { return head + body }
        let room = max(1, height - head.count - 1)
        let first = min(max(0, scrolled), max(0, body.count - room))
        var shown = Array(body.dropFirst(first).prefix(room))
        let left = body.count - first - shown.count
        shown += Array(repeating: "", count: room - shown.count)
        let more = left > 0 ? "\(left) more lines ↓  " : first > 0 ? "↑ \(first) lines above  " : ""
        return head + shown + [styled(fit(more + Self.keys + " (\(order.rawValue))", width), .dim)]
    }

    /// How far it can be scrolled in so many lines.
    func farthest(width: Int, height: Int, at now: Date) -> Int {
        let room = max(1, height - head(width, now).count - 1)
        return max(0, body(max(width, Self.narrowest), now).count - room)
    }

    // MARK: Parts

    private func head(_ width: Int, _ now: Date) -> [String] {
        guard let status else { return [fit(trouble ?? "asking the daemon …", width), ""] }
        let bridge = status.bridge
        let recording = meetings.count { $0.recording == .recording }
        let facts = [
            "causeway \(bridge.version)", "up \(Formats.duration(Double(status.uptimeSeconds)))",
            "meetings \(meetings.count), recorded \(recording)",
            "points \(meetings.reduce(0) { $0 + $1.participants.count }), registered \(bridge.pointsRegistered) of \(bridge.pointsConfigured)",
        ]
        var lines = [styled(fit(facts.joined(separator: "   "), width), .bold)]
        var second = ["disk \(Formats.bytes(status.disk.freeBytes)) free", "jobs \(status.jobs.count)"]
        if let media = bridge.media {
            second.append(
                "sound \(media.lateFrames) late, \(media.skippedFrames) left out, \(String(format: "%.1f", media.longestMilliseconds)) ms at most"
            )
        }
        lines.append(fit(second.joined(separator: "   "), width))
        if let trouble { lines.append(styled(fit("old: " + trouble, width), .red)) }
        for warning in bridge.warnings.prefix(2) { lines.append(styled(fit("! " + warning.english, width), .yellow)) }
        return lines
    }

    private func body(_ width: Int, _ now: Date) -> [String] {
        guard status != nil else { return [] }
        guard !meetings.isEmpty else { return ["", "No meeting is in progress."] }
        return meetings.flatMap { meeting in
            ["", heading(meeting, width, now)] + rows(meeting, width, now)
        }
    }

    private func heading(_ meeting: LiveMeeting, _ width: Int, _ now: Date) -> String {
        let recording =
            switch meeting.recording {
            case .off: "not recorded"
            case .recording: "● recording"
            case .stopped: "recording STOPPED"
            }
        let tail =
            "  \(recording)  \(meeting.participants.count) in  \(Formats.duration(now.timeIntervalSince(meeting.openedAt)))"
        let title = pad("\(meeting.room)  \(meeting.title)", max(8, width - DisplayWidth.of(tail)))
        let style: Style = meeting.recording == .stopped ? .red : .reverse
        return styled(fit(title + tail, width), style)
    }

    private enum Figure: CaseIterable {
        case lossUp, lossDown, jitter, roundTrip, opinion, rateUp, rateDown, since

        var title: String {
            switch self {
            case .lossUp: "LOSS↑"
            case .lossDown: "LOSS↓"
            case .jitter: "JITTER"
            case .roundTrip: "RTT"
            case .opinion: "MOS"
            case .rateUp: "kb/s↑"
            case .rateDown: "kb/s↓"
            case .since: "IN FOR"
            }
        }

        var width: Int {
            switch self {
            case .opinion: 4
            case .roundTrip: 5
            case .since: 8
            default: 6
            }
        }

        /// What gives way first where the terminal is narrow.
        static let dispensable: [Figure] = [.since, .rateUp, .rateDown, .roundTrip, .lossDown]

        static func fitting(_ width: Int) -> [Figure] {
            var figures = allCases
            for figure in dispensable where figures.reduce(0, { $0 + $1.width + 1 }) + TopPicture.narrowestName > width
            {
                figures.removeAll { $0 == figure }
            }
            return figures
        }
    }

    /// Of mark, code and name.
    fileprivate static let narrowestName = 20

    private func rows(_ meeting: LiveMeeting, _ width: Int, _ now: Date) -> [String] {
        let columns = Figure.fitting(width)
        let taken = columns.reduce(0) { $0 + $1.width + 1 } + 2
        let left = max(12, width - taken)
        let code = min(12, max(6, left / 3))
        let name = left - code - 1
        let heading =
            "  " + pad("POINT", code) + " " + pad("NAME", name)
            + columns.map { " " + pad($0.title, $0.width, toTheRight: true) }.joined()
        var lines = [styled(fit(heading, width), .dim)]
        for point in sorted(meeting.participants) {
            let isSpeaking = point.point == meeting.speaker
            let mark =
                isSpeaking
                ? "▶"
                : point.isSpeaking
                    ? "▷" : point.point == meeting.presenter ? "▣" : point.handRaisedAt != nil ? "?" : " "
            let cells = columns.map { column in
                let figure = value(column, of: point, now)
                return " " + styled(pad(figure.text, column.width, toTheRight: true), figure.style)
            }
            let who =
                styled(mark, isSpeaking ? .green : .plain) + " " + pad(point.point, code) + " "
                + styled(pad(point.name, name), isSpeaking ? .green : .plain)
            lines.append(who + cells.joined())
        }
        return lines
    }

    private func value(_ figure: Figure, of point: LiveParticipant, _ now: Date) -> (text: String, style: Style) {
        let quality = point.quality
        func number(_ value: Double?, _ format: String, warn: Double, bad: Double) -> (String, Style) {
            guard let value, value.isFinite else { return ("-", .dim) }
            let isGrowing = warn < bad
            let style: Style =
                (isGrowing ? value >= bad : value <= bad)
                ? .red : (isGrowing ? value >= warn : value <= warn) ? .yellow : .plain
            return (String(format: format, value), style)
        }
        func rate(_ value: Double?) -> (String, Style) {
            (value.map { String(format: "%.0f", $0 / 1000) } ?? "-", .plain)
        }
        return switch figure {
        case .lossUp: number(quality?.lossUpPercent, "%.1f%%", warn: 1, bad: 5)
        case .lossDown: number(quality?.lossDownPercent, "%.1f%%", warn: 1, bad: 5)
        case .jitter: number(point.audio?.jitterMilliseconds, "%.0fms", warn: 30, bad: 80)
        case .roundTrip: number(quality?.roundTripMilliseconds, "%.0f", warn: 300, bad: 600)
        case .opinion: number(quality?.mos, "%.1f", warn: 3.6, bad: 2.6)
        case .rateUp: rate(quality?.bitrateUp)
        case .rateDown: rate(quality?.bitrateDown)
        case .since: (Formats.duration(now.timeIntervalSince(point.joinedAt)), .plain)
        }
    }

    private func sorted(_ points: [LiveParticipant]) -> [LiveParticipant] {
        func figure(_ point: LiveParticipant) -> Double {
            let quality = point.quality
            return switch order {
            case .name: 0
            case .loss: max(quality?.lossUpPercent ?? -1, quality?.lossDownPercent ?? -1)
            case .jitter: point.audio?.jitterMilliseconds ?? -1
            case .mos: -(quality?.mos ?? 10)
            case .rate: (quality?.bitrateUp ?? 0) + (quality?.bitrateDown ?? 0)
            }
        }
        return points.map { (figure($0), $0) }.sorted {
            $0.0 != $1.0
                ? $0.0 > $1.0
                : $0.1.name.compare($1.1.name, locale: Locale(identifier: "vi")) == .orderedAscending
        }.map(\.1)
    }

    // MARK: Text

    enum Style: String { case plain, bold = "1", dim = "2", reverse = "7", red = "31", yellow = "33", green = "32" }

    private func styled(_ text: String, _ style: Style) -> String {
        hasColours && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func fit(_ text: String, _ width: Int) -> String {
        DisplayWidth.truncated(DisplayWidth.harmless(text), to: width)
    }

    private func pad(_ text: String, _ width: Int, toTheRight: Bool = false) -> String {
        let text = fit(text, width)
        let blank = String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
        return toTheRight ? blank + text : text + blank
    }
}
