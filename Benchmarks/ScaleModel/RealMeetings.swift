import BenchMeeting
import BenchSupport
import CBench
import Foundation
import InteropSupport
import SRTP

/// Meetings held with the real daemon, for what no other benchmark measures: what recording costs, and how often the catalogue is written to.
enum RealMeetings {
    struct Recorded {
        var packets: Double
        /// CPU of the bridge a packet that was delivered, in nanoseconds, without a recording and with one.
        var unrecorded: Double
        var recorded: Double
        /// Octets on disk for each of payload.
        var octets: Double
    }

    /// One source and one viewer at `rate` packets a second, in a room that records and in one that does not.
    static func recording(rate: Double, seconds: Double, in folder: String) async throws -> Recorded {
        let points = (0..<2).map { RunningDaemon.Point("p\($0)", "Điểm cầu \($0)") }
        var setup = RunningDaemon.Setup(points: points)
        setup.rooms = [
            "{id: ghi, title: Ghi hình, linger: 2s, "
                + "recording: {order: standing, orderedBy: Chánh Văn phòng, document: 12/QĐ-VP}}",
            "{id: khong, title: Không ghi, linger: 2s}",
        ]
        setup.workers = 1
        setup.allowsClearMedia = true
        let daemon = try await RunningDaemon(setup, in: folder)
        do {
            let (plain, _) = try run(daemon, points, "khong", rate, seconds)
            let (recorded, grown) = try run(daemon, points, "ghi", rate, seconds)
            await daemon.stop()
            let payload = Double(recorded.expected * MediaShape.video.payload)
            return Recorded(
                packets: Double(recorded.expected), unrecorded: plain.nanosecondsPerPacket,
                recorded: recorded.nanosecondsPerPacket, octets: Double(grown) / payload)
        } catch {
            let said = daemon.log.suffix(1_500)
            await daemon.stop()
            throw ToolFailure("\(error)\n— the daemon said:\n\(said)")
        }
    }

    private static func run(
        _ daemon: RunningDaemon, _ points: [RunningDaemon.Point], _ room: String, _ rate: Double, _ seconds: Double
    ) throws -> (StreamLoad.Run, grown: Int) {
        let process = daemon.process.processIdentifier
        let meeting = try WatchedMeeting(
            points, in: room, of: daemon, try SRTPEngine(.automatic), cpuNanoseconds: { cb_process_cpu(process) })
        meeting.load.rests = true
        let before = octets(in: daemon.archive)
        let run = try meeting.load.run(packetsPerSecond: rate, seconds: seconds)
        // What is in the recorder's hands is on disk within a second, or when the machine comes to it.
        var grown = octets(in: daemon.archive) - before
        for _ in 0..<10 {
            Thread.sleep(forTimeInterval: 1.5)
            let now = octets(in: daemon.archive) - before
            if now == grown { break }
            grown = now
        }
        try meeting.hangUp()
        return (run, grown)
    }

    private static func octets(in folder: String) -> Int {
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return files.filter { !$0.contains(".sqlite") && !$0.contains(".db") }.reduce(0) { sum, file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + file)
            return sum
                + (attributes?[.type] as? FileAttributeType == .typeRegular ? attributes?[.size] as? Int ?? 0 : 0)
        }
    }

    /// Commits to the catalogue of a meeting of so many points, from the first call to the seal.
    static func commits(points count: Int, in folder: String) async throws -> Int {
        let points = (0..<count).map { RunningDaemon.Point("p\($0)", "Điểm cầu \($0)") }
        var setup = RunningDaemon.Setup(points: points)
        setup.allowsClearMedia = true
        setup.accessCopySize = "320x180"
        let daemon = try await RunningDaemon(setup, in: folder)
        do {
            let before = WriteAheadLog.commits(in: daemon.archive)
            var witnesses: [Witness] = []
            for (index, point) in points.enumerated() {
                witnesses.append(try Witness(point, of: daemon, speaking: 300 + 50 * Double(index)))
            }
            let meeting = try await daemon.waitForMedia(of: count, packets: 50)
            for witness in witnesses { try witness.hangUp() }
            _ = try await daemon.waitUntilSealed(meeting.id)
            let after = WriteAheadLog.commits(in: daemon.archive)
            await daemon.stop()
            return after - before
        } catch {
            let said = daemon.log.suffix(1_500)
            await daemon.stop()
            throw ToolFailure("\(error)\n— the daemon said:\n\(said)")
        }
    }
}

/// SQLite's log of what is written: a frame for each page, of which the last of a transaction says how large the database is
/// (https://www.sqlite.org/fileformat2.html#walformat).
enum WriteAheadLog {
    /// Commits that stand in the logs below a folder.
    static func commits(in folder: String) -> Int {
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix("-wal") }.reduce(0) { sum, file in
            sum + commits(of: FileManager.default.contents(atPath: folder + "/" + file).map(Array.init) ?? [])
        }
    }

    static func commits(of bytes: [UInt8]) -> Int {
        func word(_ offset: Int) -> UInt32 {
            bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard bytes.count >= 32 else { return 0 }
        let pageSize = Int(word(8))
        guard (512...65_536).contains(pageSize) else { return 0 }
        let salts = (word(16), word(20))
        var commits = 0
        var offset = 32
        while offset + 24 + pageSize <= bytes.count {
            // What another round left behind has other salts.
            guard (word(offset + 8), word(offset + 12)) == salts else { break }
            if word(offset + 4) != 0 { commits += 1 }
            offset += 24 + pageSize
        }
        return commits
    }
}
