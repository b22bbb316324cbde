import Announcements
import Foundation
import PortalAPI
import Quality

extension LineCheck {
    /// The worse of both ways.
    var score: Double? { [measured.up.opinionScore, measured.down.opinionScore].compactMap { $0 }.min() }

    /// For the log.
    var summary: String {
        func number(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "–" }
        let up = "up \(number(measured.up.lossPercent)) % lost, MOS \(number(measured.up.opinionScore))"
        let down = "down \(number(measured.down.lossPercent)) % lost, MOS \(number(measured.down.opinionScore))"
        let faults = findings.map(\.fault.rawValue).joined(separator: ", ")
        return "\(grade.rawValue) (\(up); \(down))" + (faults.isEmpty ? "" : ": \(faults)")
    }

    /// For the rehearsal's gate, to and from the bridge: figures, which need no language; what they mean stands with the whole
    /// of the check.
    var figures: String {
        func number(_ value: Double?) -> String {
            value.map { String(format: "%.1f", $0).replacingOccurrences(of: ".", with: ",") } ?? "–"
        }
        let (up, down) = (measured.up, measured.down)
        return [
            "MOS \(number(up.opinionScore)) / \(number(down.opinionScore))",
            "\(number(up.lossPercent)) / \(number(down.lossPercent)) %",
            "\(number(up.jitterMilliseconds)) / \(number(down.jitterMilliseconds)) ms",
        ].joined(separator: " · ")
    }

    /// What the point is told by voice: the verdict, the score, and what is worst.
    var spoken: [AnnouncementKey] {
        var keys: [AnnouncementKey] = [.verdict(grade.rawValue)]
        if let score { keys += [.score] + AnnouncementKey.number(score) }
        if let worst = findings.first { keys.append(.fault(worst.fault.rawValue)) }
        return keys
    }

    /// What the point is told in writing, with where the whole can be read.
    func message(language: LineLanguage, at publicURL: String) -> String {
        var lines = [grade.words(language) + "."]
        if let score {
            let text = String(format: "%.1f", score)
            lines.append(
                language == .vietnamese
                    ? "Điểm chất lượng tiếng (MOS): \(text.replacingOccurrences(of: ".", with: ","))."
                    : "Quality of sound (MOS): \(text).")
        }
        for finding in findings.prefix(3) {
            lines.append("\(finding.fault.words(language)). \(finding.fault.advice(language))")
        }
        lines.append("\(publicURL)/join/checks/\(id)")
        return lines.joined(separator: "\n")
    }
}
