import Archive
import Foundation

/// An archive with sealed meetings, made before a daemon runs on it.
enum KeptMeetings {
    /// - Returns: the ids of meetings that everybody may know.
    static func make(in root: String, ordinary: Int, restricted: Int) async throws -> [String] {
        let archive = try Archive(root: root)
        var ids: [String] = []
        let start = Date(timeIntervalSince1970: 1_795_487_400)
        for index in 0..<(ordinary + restricted) {
            let isOrdinary = index < ordinary
            let opened = start + Double(index * 60)
            let meeting = try await archive.openMeeting(
                NewMeeting(
                    id: "kept-\(1000 + index)", room: "giaoban", title: isOrdinary ? "Họp số \(index)" : "Họp kín",
                    convener: "Văn phòng", confidentiality: isOrdinary ? "ordinary" : "restricted", openedAt: opened))
            try await archive.writeRoll([
                RollEntry(meeting: meeting.id, point: "soyte", at: opened, .joined(name: "Sở Y tế", unit: "Sở Y tế"))
            ])
            try archive.append(EventRecord(at: opened, name: "opened"), to: meeting)
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: archive.paths(of: meeting).master))
            _ = try await archive.closeMeeting(meeting.id, at: opened + 30, durationMilliseconds: 30_000)
            try await archive.seal(meeting.id)
            if isOrdinary { ids.append(meeting.id) }
        }
        try archive.close()
        return ids
    }
}
