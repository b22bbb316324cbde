import Archive
import Composer
import Foundation

/// What decoding a master showed, as the package, the record and the meeting's notes have it.
struct DecodingRecord {
    private static let mostNamed = 10

    let decoding: MasterDecoding

    /// Enters it for a package that is not sealed yet.
    func enter(_ archive: Archive, _ meeting: MeetingRecord, at now: Date) async throws(ArchiveError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(decoding) else { return }
        try archive.add(data, as: MasterDecoding.fileName, to: meeting)
        try archive.append(events(at: now), to: meeting)
        guard decoding.refused > 0 else { return }
        try await archive.addNote(meeting.id, .warning, complaint)
    }

    /// One a kind of a point's streams.
    private func events(at now: Date) -> [EventRecord] {
        var order: [[String]] = []
        var sums: [[String]: Sum] = [:]
        for track in decoding.tracks {
            let key = [track.point, track.kind]
            if sums[key] == nil { order.append(key) }
            sums[key, default: Sum()].add(track)
        }
        return order.map { key in
            let sum = sums[key] ?? Sum()
            var fields = [
                "point": key[0], "kind": key[1], "blocks": "\(sum.blocks)", "refused": "\(sum.refused)",
                "concealed": "\(sum.concealed)",
            ]
            fields["firstRefusedMilliseconds"] = sum.firstRefused.map { "\($0)" }
            return EventRecord(at: now, name: "master-decoded", fields: fields)
        }
    }

    /// Of a kind of a point's streams.
    private struct Sum {
        var blocks = 0
        var refused = 0
        var concealed = 0
        /// Milliseconds of the master.
        var firstRefused: Int64?

        mutating func add(_ track: TrackDecoding) {
            blocks += track.blocks
            refused += track.refused
            concealed += track.concealed
            let first = track.stretches.lazy.filter { $0.kind == .refused }.map(\.from)
            firstRefused = ([firstRefused].compactMap { $0 } + first).min()
        }
    }

    private var complaint: String {
        let damaged = decoding.tracks.filter { $0.refused > 0 }
        var parts = damaged.prefix(Self.mostNamed).map { track in
            let first = track.stretches.first { $0.kind == .refused }
            let when = first.map { String(format: ", first at %.1f s", Double($0.from) / 1000) } ?? ""
            return "\(track.name) (\(track.kind)): \(track.refused) of \(track.blocks) blocks\(when)"
        }
        if damaged.count > Self.mostNamed { parts.append("\(damaged.count - Self.mostNamed) more streams") }
        if decoding.misplaced > 0 { parts.append("\(decoding.misplaced) blocks with times that cannot be") }
        return "parts of the master cannot be decoded: " + parts.joined(separator: "; ")
    }
}
