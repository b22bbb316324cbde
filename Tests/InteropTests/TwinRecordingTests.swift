import Foundation
import Glibc
import InteropSupport
import Matroska
import Testing

/// A meeting that the real daemon records on two disks.
@Suite(.serialized, .enabled(if: Tool.areInstalled("ffmpeg", "ffprobe"), "ffmpeg is missing"))
struct TwinRecordingTests {
    private static let points = (0..<2).map { RunningDaemon.Point("diem\($0)", "Điểm cầu số \($0)") }

    private static func blocks(of master: String) throws -> Int {
        let reader = try MatroskaReader(path: master)
        var count = 0
        while try reader.nextBlock() != nil { count += 1 }
        return count
    }

    /// The second disk has room for the beginning only.
    @Test(.enabled(if: getuid() == 0, "only root mounts a small disk"))
    func aSecondDiskThatIsFullCostsTheMeetingNothing() async throws {
        let disk = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        _ = try await Tool.run("mount", ["-t", "tmpfs", "-o", "size=700k", "tmpfs", disk])
        defer {
            umount2(disk, Int32(MNT_DETACH))
            rmdir(disk)
        }
        let film = try await LipSyncTests.silent()
        try await TestSite.with({
            $0.points = Self.points
            $0.secondRecordings = disk
        }) { site in
            var callers: [FilmPoint] = []
            for point in Self.points { callers.append(try FilmPoint(film, to: site.daemon, as: point)) }
            let meeting = try await site.daemon.waitForMedia(of: 2, packets: 100)
            try await eventually("the second disk to be full", within: .seconds(60)) {
                site.daemon.log.contains("one of its two recorders stopped")
            }
            #expect(try await site.daemon.meetings().first?.recording == .recording)
            let status = try await site.daemon.causeway(["status"]).output
            #expect(status.contains("một trong hai bộ ghi đã dừng, bộ kia vẫn ghi: "), "\(status)")
            #expect(status.contains("one of its two recorders stopped, the other goes on: "), "\(status)")
            let metrics = try await Tool.run(
                "curl", ["-sS", "--unix-socket", site.daemon.socketPath, "http://localhost/metrics"])
            #expect(metrics.contains("\ncauseway_recorders_stopped 1\n"), "\(metrics)")
            let before = callers.reduce(UInt64(0)) { $0 + $1.packets.withLock { $0.sound + $0.picture } }
            try await eventually("a hundred packets more") { [callers] in
                callers.reduce(UInt64(0)) { $0 + $1.packets.withLock { $0.sound + $0.picture } } > before + 100
            }
            for caller in callers { try await caller.hangUp() }
            let sent = callers.reduce(UInt64(0)) { $0 + $1.packets.withLock { $0.sound + $0.picture } }
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(site.daemon.log.contains("\(sent) packets, 0 lost on the way, 0 lost here"))
            #expect(recording.notes.contains { $0.text.contains("one of two recorders stopped: no space left") })
            #expect(recording.notes.allSatisfy { $0.text.contains("one of two recorders") }, "\(recording.notes)")
            #expect(site.daemon.log.contains("the second recording has nothing that the master has not"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk).isEmpty)
        }
    }

    /// The daemon is killed, and of its first disk the last seconds are gone, and a cluster is damaged.
    @Test func aMasterThatLostItsEndIsMadeWholeFromTheSecondBeforeItIsSealed() async throws {
        let film = try await LipSyncTests.silent()
        let second = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: second) }
        func change(_ setup: inout RunningDaemon.Setup) {
            setup.points = Self.points
            setup.secondRecordings = second
            setup.resumeWithin = 0
            // Merge and film are made there.
            setup.hasJobRunner = true
        }
        try await TestSite.with(change) { site in
            var callers: [FilmPoint] = []
            for point in Self.points { callers.append(try FilmPoint(film, to: site.daemon, as: point)) }
            let meeting = try await site.daemon.waitForMedia(of: 2, packets: 700)
            let packages = site.folder + "/archive/packages"
            let found = try #require(
                FileManager.default.enumerator(atPath: packages)?.compactMap { $0 as? String }
                    .first { $0.hasSuffix("data/master.mkv") })
            let master = packages + "/" + found
            site.daemon.process.signal(SIGKILL)
            try await eventually("the daemon to be gone") { !site.daemon.process.isRunning }
            for caller in callers { try? await caller.hangUp() }
            // What a disk may lose in a power cut, and an error in the middle.
            let clusters = try ClusterScan.clusters(of: master)
            try #require(clusters.count > 20)
            let cut = clusters[clusters.count * 2 / 3]
            truncate(master, off_t(cut.offset + cut.length / 2))
            let handle = try #require(FileHandle(forUpdatingAtPath: master))
            try handle.seek(toOffset: clusters[8].offset + clusters[8].length / 2)
            try handle.write(contentsOf: [1, 2, 3, 4, 5, 6, 7, 8])
            try handle.close()
            let twin = second + "/" + meeting.id + "/master.mkv"
            let whole = try Self.blocks(of: twin)
            let left = try Self.blocks(of: master)
            #expect(left < whole * 3 / 4)

            try await site.restart(change)
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(site.daemon.log.contains("two recordings are one master"))
            #expect(!site.daemon.log.contains("encoders and converters run beside the daemon"))
            #expect(try Self.blocks(of: master) == whole)
            #expect(!FileManager.default.fileExists(atPath: twin))
            let package = try #require(recording.directory)
            let gaps = try String(contentsOfFile: package + "/data/gaps.json", encoding: .utf8)
            #expect(gaps.contains("\"recorders\""))
            #expect(!gaps.contains("\"lost\""))
            let events = try String(contentsOfFile: package + "/data/events.jsonl", encoding: .utf8)
            #expect(events.contains("recordings-merged"))
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting.id]).status == 0)
            let played = try await Tool.run(
                "ffmpeg", ["-v", "error", "-i", package + "/data/master.mkv", "-map", "0", "-f", "null", "-"],
                standardError: true)
            #expect(played.isEmpty, "\(played)")
        }
    }

    @Test func twoMastersAreMergedByTheCommandLine() async throws {
        let film = try await LipSyncTests.silent()
        try await TestSite.with({ $0.points = Self.points }) { site in
            let caller = try FilmPoint(film, to: site.daemon, as: Self.points[0])
            let meeting = try await site.daemon.waitForMedia(of: 1, packets: 300)
            try await caller.hangUp()
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            let master = try #require(recording.directory) + "/data/master.mkv"
            let out = site.folder + "/merged.mkv"
            let said = try await site.daemon.causeway(
                ["recordings", "merge", master, master, "--out", out], isOffline: true)
            #expect(said.status == 0 && said.output.contains("0 of them alone"), "\(said.output)")
            #expect(try Self.blocks(of: out) == Self.blocks(of: master))
            let again = try await site.daemon.causeway(
                ["recordings", "merge", master, master, "--out", out], isOffline: true)
            #expect(again.status != 0)
        }
    }
}
