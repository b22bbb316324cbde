import Archive
import Conference
import Foundation
import Glibc
import LogSubjects
import Signalling

/// A meeting as a daemon keeps it for the next one.
struct KeptMeeting: Codable, Sendable, Hashable {
    var memory: MeetingMemory
    /// How its points are reached that registered nowhere.
    var callers: [RegisteredContact]
}

/// Writes what of open meetings outlives the daemon: a file each in `running/` beside the catalogue, replaced as it changes, and
/// touched while the daemon lives, so that the next one knows until when that was.
actor MeetingKeeper {
    /// How often files are touched.
    static let pulse = Duration.seconds(1)
    /// A meeting of a thousand points with all their comings and goings.
    private static let mostOctets = 64 << 20

    private let folder: String
    private let logger: SubjectLogger
    /// Says of which meetings this bridge may say anything.
    private let fence: MeetingFence
    private var kept: [String: KeptMeeting] = [:]
    private var writers: [String: KeptMeetingWriter] = [:]
    private var hasFailed = false

    init(archive directory: String, fence: MeetingFence = MeetingFence(nil), logger: SubjectLogger) {
        self.fence = fence
        folder = directory + "/running"
        self.logger = logger
    }

    /// What a former daemon kept of a meeting, and until when it lived; nil where there is nothing that can be read.
    nonisolated func load(_ meeting: String) -> (KeptMeeting, until: Date)? {
        var status = stat()
        guard stat(path(meeting), &status) == 0, Int(status.st_size) <= Self.mostOctets,
            let data = FileManager.default.contents(atPath: path(meeting)),
            let kept = try? JSONDecoder().decode(KeptMeeting.self, from: data), kept.memory.id.rawValue == meeting
        else { return nil }
        let until = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        return (kept, Date(timeIntervalSince1970: until))
    }

    /// Keeps these meetings, and no others.
    func keep(_ meetings: [KeptMeeting]) {
        let wanted = Dictionary(meetings.map { ($0.memory.id.rawValue, $0) }) { $1 }
        for id in kept.keys where wanted[id] == nil && fence.holds(id) { unlink(path(id)) }
        kept = kept.filter { wanted[$0.key] != nil }
        writers = writers.filter { wanted[$0.key] != nil }
        for (id, meeting) in wanted where kept[id] != meeting && fence.holds(id) {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
                try writers[id, default: KeptMeetingWriter()].octets(of: meeting).write(
                    to: URL(fileURLWithPath: path(id)), options: .atomic)
                chmod(path(id), 0o640)
                kept[id] = meeting
                hasFailed = false
            } catch {
                if !hasFailed { logger.error("meeting \(meeting: id) could not go on after a restart: \(error)") }
                hasFailed = true
            }
        }
    }

    /// Removes what is kept of meetings that do not go on.
    nonisolated func forget(allBut meetings: Set<String>) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            if !name.hasSuffix(".json") || !meetings.contains(String(name.dropLast(5))) { unlink(folder + "/" + name) }
        }
    }

    /// Says that the daemon lives.
    func touch() {
        for id in kept.keys where fence.holds(id) { utimensat(AT_FDCWD, path(id), nil, 0) }
    }

    private nonisolated func path(_ meeting: String) -> String { folder + "/" + meeting + ".json" }
}
