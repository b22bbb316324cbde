import Archive
import CBench
import Foundation
import InteropSupport

/// A daemon with a meeting that records, an archive of meetings with films of real length, and a token for each archivist.
final class ArchiveSite {
    static let room = "giaoban"
    static let viewers = 20

    let daemon: RunningDaemon
    let meetings: [String]
    private let clients: Int
    /// Octets of each film.
    let filmSize: Int

    static var points: [RunningDaemon.Point] {
        (0...viewers).map { RunningDaemon.Point("p\($0)", "Điểm cầu \($0)") }
    }

    init(in folder: String, meetings count: Int, filmMinutes: Int, clients: Int) async throws {
        let film = folder + "/film.webm"
        try await Self.makeFilm(film, minutes: filmMinutes)
        filmSize = try FileManager.default.attributesOfItem(atPath: film)[.size] as? Int ?? 0
        meetings = try await Self.keep(count, film, minutes: filmMinutes, in: folder + "/archive")
        self.clients = clients
        var setup = RunningDaemon.Setup(points: Self.points)
        setup.allowsClearMedia = true
        setup.silenceLimit = "10m"
        daemon = try await RunningDaemon(setup, in: folder)
    }

    /// CPU time of the bridge so far, in nanoseconds.
    var cpuNanoseconds: UInt64 { cb_process_cpu(daemon.process.processIdentifier) }

    /// Each archivist has a token of the Office's, as systems do that an administrator made them for.
    func makeTokens() async throws -> [String] {
        var made: [String] = []
        for number in 0..<clients {
            let answer = try await daemon.causeway([
                "tokens", "add", "Lưu trữ \(number)", "--role", "archivist", "--days", "1",
            ])
            guard answer.status == 0, let token = answer.output.split(separator: "\n").last else {
                throw ToolFailure("no token: \(answer.output)")
            }
            made.append(token.trimmingCharacters(in: .whitespaces))
        }
        return made
    }

    /// A minute of moving pictures and a tone, again and again without encoding it again.
    private static func makeFilm(_ path: String, minutes: Int) async throws {
        let minute = path + ".minute.webm"
        _ = try await Tool.run(
            "ffmpeg",
            [
                "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=60", "-f", "lavfi",
                "-i", "sine=frequency=300:duration=60", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8",
                "-b:v", "1500k", "-g", "125", "-c:a", "libopus", "-b:a", "64k", minute,
            ])
        _ = try await Tool.run(
            "ffmpeg",
            [
                "-v", "error", "-y", "-stream_loop", "\(minutes - 1)", "-i", minute, "-c", "copy", "-cues_to_front",
                "1",
                path,
            ])
        try FileManager.default.removeItem(atPath: minute)
    }

    private static let subjects = [
        "y tế", "giáo dục", "đê điều", "ngân sách", "du lịch", "giao thông", "nông nghiệp", "đất đai",
    ]

    static func word(_ number: Int) -> String { subjects[number % subjects.count] }

    private static func keep(_ count: Int, _ film: String, minutes: Int, in root: String) async throws -> [String] {
        let archive = try Archive(root: root)
        var ids: [String] = []
        for index in 0..<count {
            let opened = Date(timeIntervalSince1970: 1_795_487_400 + Double(index) * 86_400)
            let meeting = try await archive.openMeeting(
                NewMeeting(
                    id: "kho-\(1000 + index)", room: room, title: "Họp về \(word(index)), lần \(index)",
                    convener: "Văn phòng", confidentiality: "ordinary", openedAt: opened))
            try await archive.writeRoll([
                RollEntry(meeting: meeting.id, point: "p0", at: opened, .joined(name: "Điểm cầu 0", unit: "Sở Y tế"))
            ])
            try archive.append(EventRecord(at: opened, name: "opened"), to: meeting)
            let paths = archive.paths(of: meeting)
            try FileManager.default.linkItem(atPath: film, toPath: paths.accessCopy)
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: paths.master))
            let length = Int64(minutes) * 60_000
            _ = try await archive.closeMeeting(
                meeting.id, at: opened + Double(minutes * 60), durationMilliseconds: length)
            try await archive.seal(meeting.id)
            ids.append(meeting.id)
        }
        try archive.close()
        return ids
    }
}
