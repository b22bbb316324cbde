import Foundation
import PortalAPI

/// Meetings in progress as text.
enum LiveTable {
    static func lines(_ meetings: [LiveMeeting], at now: Date, width: Int?) -> [String] {
        guard !meetings.isEmpty else { return ["No meeting is in progress."] }
        var lines: [String] = []
        for meeting in meetings {
            if !lines.isEmpty { lines.append("") }
            lines.append(heading(meeting, at: now, width: width))
            lines += table(meeting, at: now).lines(width: width)
        }
        return lines
    }

    private static func heading(_ meeting: LiveMeeting, at now: Date, width: Int?) -> String {
        let recording =
            switch meeting.recording {
            case .off: "not recorded"
            case .recording: "● recording"
            case .stopped: "recording STOPPED"
            }
        let presenter = meeting.presenter.map { ["\($0) presents"] } ?? []
        let facts = [
            meeting.title, meeting.id, Formats.duration(now.timeIntervalSince(meeting.openedAt)), recording,
            "\(meeting.participants.count) in",
        ]
        let text = (facts + presenter).map(DisplayWidth.harmless).joined(separator: "  ")
        return width.map { DisplayWidth.truncated(text, to: $0) } ?? text
    }

    private static func table(_ meeting: LiveMeeting, at now: Date) -> TextTable {
        var table = TextTable([
            .init(title: " "), .init(title: "POINT"), .init(title: "NAME", givesWay: true),
            .init(title: "TIME", alignment: .right),
            .init(title: "SOUND"), .init(title: "IN", alignment: .right), .init(title: "OUT", alignment: .right),
            .init(title: "LOSS", alignment: .right), .init(title: "JITTER", alignment: .right), .init(title: "PICTURE"),
            .init(title: "IN", alignment: .right), .init(title: "OUT", alignment: .right),
            .init(title: "LOSS", alignment: .right),
        ])
        for participant in meeting.participants {
            let isSpeaking = participant.isSpeaking || participant.point == meeting.speaker
            table.add(
                [
                    isSpeaking ? "▶" : participant.handRaisedAt != nil ? "✋" : " ", participant.point, participant.name,
                    Formats.duration(now.timeIntervalSince(participant.joinedAt)),
                ] + cells(participant.audio, withJitter: true) + cells(participant.video, withJitter: false))
        }
        return table
    }

    private static func cells(_ stream: LiveStream?, withJitter: Bool) -> [String] {
        guard let stream else { return Array(repeating: "-", count: withJitter ? 5 : 4) }
        let loss = String(format: "%.1f %%", stream.lossPercent)
        let jitter = withJitter ? [String(format: "%.1f ms", stream.jitterMilliseconds)] : []
        return [stream.codec, String(stream.packetsReceived), String(stream.packetsSent), loss] + jitter
    }
}
