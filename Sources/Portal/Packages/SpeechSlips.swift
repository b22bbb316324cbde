import Archive
import Documents
import Dossier
import Foundation
import Vietnamese

/// Speech slips, as the practice of archives has them: one document, with its own descriptive entry, for each speech of a meeting,
/// which says who spoke, for whom, when, about what, and where that is in the recording.
struct SpeechSlips {
    let report: MeetingReport
    let events: [EventRecord]
    /// By point, of the agenda.
    let subjects: [String: [String]]
    /// Who issues the slips.
    let agency: String
    /// Of the recording in which they say where to seek to.
    let recordingCode: String

    /// Says of how many speeches there is no slip, where not all find room; nil where they do.
    func omission(most: Int) -> String? {
        let left = report.speeches.count - most
        guard left > 0 else { return nil }
        return "Có phiếu cho \(most) lượt phát biểu đầu; \(left) lượt sau không có phiếu, xem báo cáo cuộc họp."
    }

    /// Writes the slips into a folder that is there, of the first speeches.
    func write(to folder: String, at now: Date, most: Int) throws -> [DossierPaper] {
        try report.speeches.prefix(most).map { speech in
            let path = "\(folder)/speech-\(speech.number).txt"
            try Data(text(speech).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            return DossierPaper(
                file: try DossierFile(
                    reading: path, mime: "text/plain", createdAt: now, originalName: "speech-\(speech.number).txt"),
                subject: "Phiếu phát biểu số \(speech.number): \(who(speech))", issuedAt: now,
                issuedBy: agency, typeMeaning: "other", isBornDigital: true, note: note(speech))
        }
    }

    private func who(_ speech: MeetingReport.Speech) -> String {
        [speech.name, speech.unit ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private func subject(_ speech: MeetingReport.Speech) -> String {
        (subjects[speech.point] ?? []).joined(separator: "; ")
    }

    /// Where to seek to, as a fragment of time (W3C Media Fragments §4.2.1): `#t=723.5,910`; nil where it was not recorded.
    private func fragment(_ speech: MeetingReport.Speech) -> String? {
        guard let begin = events.masterMilliseconds(at: speech.startedAt) else { return nil }
        let end = begin &+ 1000 * Int64(speech.seconds)
        func seconds(_ milliseconds: Int64) -> String {
            let rest = String(1000 + abs(milliseconds % 1000)).dropFirst()
            return "\(milliseconds / 1000).\(rest)"
        }
        return "#t=\(seconds(begin)),\(seconds(end))"
    }

    private func clock(_ seconds: Int) -> String {
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    private func note(_ speech: MeetingReport.Speech) -> String {
        var parts = ["Bắt đầu \(IndochinaTime.text(speech.startedAt)), dài \(clock(speech.seconds))"]
        if let fragment = fragment(speech) { parts.append("trong bản ghi: \(recordingCode)\(fragment)") }
        // The field has 500 characters.
        let subject = subject(speech)
        if !subject.isEmpty { parts.append("chủ đề: \(subject.prefix(300))") }
        return parts.joined(separator: "; ") + "."
    }

    private func text(_ speech: MeetingReport.Speech) -> String {
        let rows: [(String, String)] = [
            ("Số / Number", String(speech.number)), ("Cuộc họp / Meeting", report.meeting.title),
            ("Người phát biểu / Speaker", speech.name), ("Cơ quan / Agency", speech.unit ?? ""),
            ("Bắt đầu / Begins", IndochinaTime.text(speech.startedAt)), ("Thời lượng / Length", clock(speech.seconds)),
            ("Trong bản ghi / In the recording", fragment(speech).map { recordingCode + $0 } ?? ""),
            ("Được mời phát biểu / Given the word", speech.kind == .given ? "có / yes" : "không / no"),
            ("Chủ đề / Subject", subject(speech)),
        ]
        return VietnameseText.stored("PHIẾU PHÁT BIỂU / SPEECH SLIP")
            + "\n\n" + rows.map { "\($0.0): \(VietnameseText.stored($0.1))\n" }.joined()
    }
}
