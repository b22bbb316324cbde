import Foundation
import PortalAPI

/// What the demonstration shows: plain lines, and on a terminal colours and tables drawn in place.
struct Screen {
    static let isTerminal = isatty(STDOUT_FILENO) == 1
    private var drawnLines = 0

    static func say(_ text: String = "") {
        print(text)
        fflush(nil)
    }

    static func headline(_ text: String) { say("\n" + paint(text, "1;36")) }
    static func passed(_ text: String) { say(paint("✓ ", "32") + text) }
    static func failed(_ text: String) { say(paint("✗ ", "31") + text) }
    static func step(_ text: String) { say(paint("· ", "2") + text) }

    static func paint(_ text: String, _ code: String) -> String {
        isTerminal ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Draws lines over those drawn last.
    mutating func draw(_ lines: [String]) {
        if Self.isTerminal && drawnLines > 0 { print("\u{1B}[\(drawnLines)A\u{1B}[J", terminator: "") }
        print(lines.joined(separator: "\n"))
        fflush(nil)
        drawnLines = lines.count
    }

    static func table(of meeting: LiveMeeting, seconds: Int) -> [String] {
        var lines = [
            paint("\(meeting.title)  \(meeting.id)  \(seconds) s  ", "1")
                + (meeting.recording == .recording ? paint("● recording", "31") : "not recording"),
            pad("   point", 34) + pad("sound", 8) + pad("in", 8, right: true) + pad("out", 8, right: true)
                + pad("loss", 8, right: true) + pad("jitter", 10, right: true) + "  " + pad("picture", 8)
                + pad("in", 8, right: true) + pad("out", 8, right: true),
        ]
        for participant in meeting.participants {
            var line = (participant.isSpeaking ? paint(" ▶ ", "33") : "   ") + pad(participant.name, 31)
            line += stream(participant.audio, withQuality: true) + "  " + stream(participant.video, withQuality: false)
            lines.append(line)
        }
        if let speaker = meeting.participants.first(where: { $0.point == meeting.speaker })?.name {
            lines.append(paint("   speaking: \(speaker)", "33"))
        }
        return lines
    }

    private static func stream(_ stream: LiveStream?, withQuality: Bool) -> String {
        guard let stream else { return pad("–", withQuality ? 42 : 24) }
        var text =
            pad(stream.codec, 8) + pad("\(stream.packetsReceived)", 8, right: true)
            + pad("\(stream.packetsSent)", 8, right: true)
        if withQuality {
            text +=
                pad(String(format: "%.1f %%", stream.lossPercent), 8, right: true)
                + pad(String(format: "%.1f ms", stream.jitterMilliseconds), 10, right: true)
        }
        return text
    }

    /// Vietnamese letters take one column each, however many scalars they are.
    private static func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return right ? space + text : text + space
    }

    static func bar(_ fraction: Double, _ text: String) -> String {
        let full = Int((min(max(fraction, 0), 1) * 40).rounded())
        return "[" + String(repeating: "█", count: full) + String(repeating: "·", count: 40 - full) + "] "
            + pad("\(Int(fraction * 100)) %", 6, right: true) + "  " + text
    }
}
