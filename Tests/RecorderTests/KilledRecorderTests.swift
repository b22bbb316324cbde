import Evidence
import Foundation
import Glibc
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// Records sound that tells when it was made, in real time, until it is killed.
@Suite struct KilledRecorderChild {
    @Test(.enabled(if: ChildProcess.folder != nil, "runs only as the child of KilledRecorderTests"))
    func recordUntilKilled() async throws {
        let folder = try #require(ChildProcess.folder)
        let ring = TapRing()
        let recorder = try MeetingRecorder(
            path: folder + "/master.mkv", title: "t", meetingID: "m", dateNanoseconds: 0, ring: ring,
            onFailure: { _ in })
        var streams: [SimulatedStream] = []
        for step in 0..<3_000 {
            // A point more every 100 ms, up to twenty.
            if step.isMultiple(of: 5), streams.count < 20 {
                let index = UInt16(streams.count)
                streams.append(SimulatedStream(track: index, codec: .opus, ssrc: UInt32(index) + 1, delay: 0))
                recorder.addTrack(
                    .init(
                        index: index, leg: UInt32(index), pointID: "p\(index)", displayName: "Điểm cầu \(index)",
                        unit: nil,
                        kind: .audio))
            }
            for index in streams.indices {
                let now = MeetingRecorder.monotonicNanoseconds()
                let stamp = (0..<8).map { UInt8(truncatingIfNeeded: now >> UInt64(56 - 8 * $0)) }
                var packet = streams[index].packet(at: Int64(step) * 20 * milli, [0xF8] + stamp)
                packet.0.arrivalNanoseconds = now
                _ = packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

@Suite(.serialized) struct KilledRecorderTests {
    @Test(arguments: [900, 1_370, 2_050, 2_777])
    func aKilledProcessLosesLessThanASecond(afterMilliseconds: Int) async throws {
        let folder = try ScratchFolder()
        let path = folder.file("master.mkv")
        let child = try ChildProcess("KilledRecorderChild", folder: folder.path)
        // The head of the file is 256 KiB and some; what is more are clusters.
        let hasBegun = await eventually(within: .seconds(60)) {
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 > 257 << 10
        }
        try #require(hasBegun, "the child did not begin")
        try await Task.sleep(for: .milliseconds(afterMilliseconds))
        let before = MeetingRecorder.monotonicNanoseconds()
        #expect(child.kill() == SIGKILL)

        let outcome = try MeetingRecorder.recover(path: path)
        #expect(outcome.wasNeeded)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "master.chain", "master.mkv", "master.packets",
            ])
        let chain = try Data(contentsOf: URL(fileURLWithPath: folder.file("master.chain")))
        let record = try #require(ClusterChainRecord(parsing: chain))
        guard case .recovered(let recovered) = record.end else {
            Issue.record("the chain's end is \(record.end)")
            return
        }
        // The recorder chained each cluster as it wrote it: at most the one of its last moment has no line of its own.
        #expect(recovered >= record.chain.count - 1, "chained to \(recovered) of \(record.chain.count)")
        try expectChain(record, covers: path)
        let reader = try MatroskaReader(path: path)
        var first: UInt64?
        var newest: [UInt64: UInt64] = [:]
        while let block = try reader.nextBlock() {
            let stamp = block.data.dropFirst().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            first = first ?? stamp
            newest[block.track] = max(newest[block.track] ?? 0, stamp)
        }
        #expect(reader.tracks.allSatisfy { $0.tags["POINT"] != nil })
        #expect(newest.count >= max(1, afterMilliseconds / 200))
        for (track, stamp) in newest {
            let lost = before > stamp ? (before - stamp) / UInt64(milli) : 0
            #expect(lost < 1_000, "of track \(track) the last \(lost) ms are lost")
        }
        if let tool = tool("ffprobe") {
            let probe = try run(tool, ["-v", "warning", "-show_entries", "format=duration", "-of", "csv=p=0", path])
            let seconds = try #require(
                Double(probe.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(probe.output)")
            #expect(abs(seconds - Double(outcome.durationMilliseconds) / 1000) < 0.05)
        }
        #expect(try !MeetingRecorder.recover(path: path).wasNeeded)
    }
}
