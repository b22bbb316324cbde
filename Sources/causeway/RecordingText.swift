import Foundation
import PortalAPI

/// Recordings as text.
enum RecordingText {
    static func list(_ page: RecordingPage, width: Int?) -> [String] {
        guard !page.recordings.isEmpty else { return ["No recording matches."] }
        var table = TextTable([
            .init(title: "ID"), .init(title: "OPENED"), .init(title: "ROOM"), .init(title: "TITLE", givesWay: true),
            .init(title: "LENGTH", alignment: .right), .init(title: "POINTS", alignment: .right),
            .init(title: "SIZE", alignment: .right), .init(title: "STATE"), .init(title: "VERIFIED"),
        ])
        for recording in page.recordings {
            table.add([
                recording.id, Formats.time(recording.openedAt), recording.room, recording.title, length(recording),
                String(recording.participants), recording.bytes > 0 ? Formats.bytes(recording.bytes) : "-",
                recording.state, verified(recording),
            ])
        }
        let more = page.next.map { ["", "There are more: --after \(DisplayWidth.harmless($0))"] } ?? []
        return table.lines(width: width) + more
    }

    static func detail(_ detail: RecordingDetail, width: Int?) -> [String] {
        let recording = detail.summary
        var facts = Facts()
        facts.add("recording", recording.id)
        facts.add("title", recording.title)
        facts.add("room", recording.room)
        facts.add("convener", recording.convener)
        facts.add("document", recording.document)
        facts.add("opened", Formats.time(recording.openedAt))
        facts.add("closed", recording.closedAt.map(Formats.time))
        facts.add("because", detail.closeReason)
        facts.add("length", length(recording))
        facts.add("state", recording.state)
        facts.add("sealed", detail.sealedAt.map(Formats.time))
        facts.add("verified", verified(recording))
        facts.add("package", detail.directory ?? detail.package)
        if let retention = detail.retention { RetentionText.add(retention, to: &facts) }
        var lines = facts.lines
        lines += participants(detail.participants, width: width)
        lines += files(detail.files, width: width)
        if !detail.notes.isEmpty {
            lines.append("")
            for note in detail.notes {
                lines.append(DisplayWidth.harmless("\(Formats.time(note.at))  \(note.severity): \(note.text)"))
            }
        }
        return lines + StatusCommand.jobLines(detail.jobs, width: width)
    }

    private static func participants(_ participants: [RecordingDetail.Participant], width: Int?) -> [String] {
        guard !participants.isEmpty else { return [] }
        var table = TextTable([
            .init(title: "POINT"), .init(title: "NAME", givesWay: true), .init(title: "UNIT"), .init(title: "JOINED"),
            .init(title: "LEFT"), .init(title: "CAME BACK", alignment: .right),
        ])
        for participant in participants {
            table.add([
                participant.point, participant.name, participant.unit ?? "", Formats.time(participant.joinedAt),
                participant.leftAt.map(Formats.time) ?? "", String(participant.reconnects),
            ])
        }
        return [""] + table.lines(width: width)
    }

    private static func files(_ files: [RecordingDetail.File], width: Int?) -> [String] {
        guard !files.isEmpty else { return [] }
        var table = TextTable([
            .init(title: "FILE"), .init(title: "SIZE", alignment: .right), .init(title: "TYPE"),
            .init(title: "SHA-256", givesWay: true),
        ])
        for file in files {
            table.add([file.path, Formats.bytes(file.bytes), file.mime, file.sha256 ?? "not sealed yet"])
        }
        return [""] + table.lines(width: width)
    }

    private static func length(_ recording: RecordingSummary) -> String {
        recording.durationMilliseconds.map { Formats.duration(Double($0) / 1000) } ?? "-"
    }

    private static func verified(_ recording: RecordingSummary) -> String {
        switch (recording.isIntact, recording.verifiedAt) {
        case (true?, let time?): "intact " + Formats.time(time)
        case (false?, let time?): "DAMAGED " + Formats.time(time)
        default: "-"
        }
    }
}
