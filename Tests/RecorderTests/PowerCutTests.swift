import Evidence
import Foundation
import Testing

@testable import Recorder

/// Records and ends in order, under strace.
@Suite struct TracedRecorderChild {
    @Test(.enabled(if: ChildProcess.folder != nil, "runs only as the child of PowerCutTests"))
    func recordAndFinish() async throws {
        let folder = try #require(ChildProcess.folder)
        let feed = try LiveFeed(media: folder, folder: folder)
        try await feed.record(for: 5 * second, points: 4, joinEvery: 300 * milli)
    }
}

/// What a power cut leaves: strace tells what a real recording writes and what it has synced, from which the states that a disk
/// may be in after any moment are made.
@Suite(.serialized) struct PowerCutTests {
    private static let cuts = 300
    private static let files = [LiveFeed.master, LiveFeed.chain, LiveFeed.events]

    private static var canTrace: Bool {
        guard EncodedMedia.canEncode, let strace = tool("strace") else { return false }
        return (try? run(strace, ["-o", "/dev/null", "/bin/true"]))?.status == 0
    }

    @Test(.enabled(if: canTrace, "strace may not trace here, or ffmpeg is not installed"))
    func aPowerCutAtAnyMomentLosesLessThanASecond() async throws {
        // In memory, where a sync takes no time: what is tried is what is synced and when, not this machine's disk.
        let shared = "/dev/shm/causeway-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: shared) }
        try LiveFeed.prepare(in: shared)
        let paths = (Self.files + [Taken.fileName]).map { shared + "/" + $0 }
        let tracing =
            [tool("strace")!, "-f", "-y", "-xx", "-s", "10000000", "-o", shared + "/trace"]
            + paths.flatMap { ["-P", $0] } + ["-e", "trace=write,pwrite64,fdatasync,fsync,ftruncate"]
        let child = try ChildProcess("TracedRecorderChild", folder: shared, wrapper: tracing)
        let hasEnded = await eventually(within: .seconds(120)) { !child.process.isRunning }
        if !hasEnded { _ = child.kill() }
        try #require(hasEnded && child.process.terminationStatus == 0, "\(child.output)")
        let trace = try DiskTrace(path: shared + "/trace")

        // The trace is of everything: without a cut it gives the very files.
        for name in Self.files {
            let whole = try Data(contentsOf: URL(fileURLWithPath: shared + "/" + name))
            #expect(Data(trace.file(shared + "/" + name).written(before: .max)) == whole, "\(name)")
        }
        var random = SystemRandomNumberGenerator()
        var finished = 0
        for cut in 0..<Self.cuts {
            let folder = try ScratchFolder()
            // The last tenth are cuts while the file is being ended.
            let last = trace.lines
            let moment = Int.random(in: (cut < Self.cuts * 9 / 10 ? 0 : last - 30)...last, using: &random)
            let comment = "cut at line \(moment) of \(last)"
            for name in Self.files {
                let bytes = trace.file(shared + "/" + name).afterPowerCut(at: moment, using: &random)
                try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
            }
            var taken = Taken()
            taken.add(trace.file(shared + "/" + Taken.fileName).written(before: moment))
            let path = folder.file(LiveFeed.master)
            let outcome: RecoveredMaster
            do { outcome = try MeetingRecorder.recover(path: path) } catch {
                #expect((taken.newest.values.max() ?? 0) < 1_000, "\(error) \(comment)")
                continue
            }
            finished += outcome.wasNeeded ? 0 : 1
            try expectWithinASecond(path, of: taken, comment)
            try expectEvents(folder.file(LiveFeed.events), of: taken, comment)
            let text = try Data(contentsOf: URL(fileURLWithPath: folder.file(LiveFeed.chain)))
            let record = try #require(ClusterChainRecord(parsing: text), "\(comment)")
            #expect(record.end != .open && record.brokenAt == nil, "\(comment)")
            if record.chain.count > 0 { try expectChain(record, covers: path) }
            if cut.isMultiple(of: 10) { try expectPlays(path, milliseconds: outcome.durationMilliseconds, comment) }
        }
        #expect(finished > 0)
    }
}
