import Evidence
import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// The recorder as it runs: its own thread, real time, a real file.
@Suite(.serialized) struct MeetingRecorderTests {
    private func entry(_ frame: Int, _ stream: inout SimulatedStream) -> (TapEntry, [UInt8]) {
        var packet = stream.packet(
            at: Int64(frame) * 20_000_000,
            [0xF8, UInt8(truncatingIfNeeded: frame >> 8), UInt8(truncatingIfNeeded: frame)])
        packet.0.arrivalNanoseconds = MeetingRecorder.monotonicNanoseconds()
        return packet
    }

    /// Feeds Opus frames at their pace.
    private func feed(_ frames: Int, into ring: TapRing) async throws {
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 9, delay: 0)
        let start = ContinuousClock.now
        for frame in 0..<frames {
            let packet = entry(frame, &stream)
            _ = packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) }
            try await Task.sleep(until: start + .milliseconds(20 * (frame + 1)), clock: .continuous)
        }
    }

    @Test func everythingInTheTapIsInTheFileWhenItIsFinished() async throws {
        let folder = try ScratchFolder()
        let ring = TapRing()
        let recorder = try MeetingRecorder(
            path: folder.file("master.mkv"), title: "t", meetingID: "m", dateNanoseconds: 0, ring: ring,
            onFailure: { _ in })
        recorder.addTrack(.init(index: 0, leg: 1, pointID: "p", displayName: "P", unit: nil, kind: .audio))
        let start = ContinuousClock.now
        recorder.markSpotlight(of: nil)
        recorder.markSpotlight(of: "P")
        recorder.markSpotlight(of: "P")
        try await feed(60, into: ring)
        recorder.markSpotlight(of: nil)
        recorder.markSpotlight(of: "Q")
        let summary = await recorder.finish()
        // At a pace that a busy machine may have held up.
        let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
        #expect(summary.failure == nil)
        #expect(summary.tracks.map(\.packets) == [60])
        #expect(summary.durationMilliseconds >= 1_100, "\(summary)")
        #expect(Double(summary.durationMilliseconds) <= elapsed + 200, "\(summary)")
        let reader = try MatroskaReader(path: folder.file("master.mkv"))
        var count = 0
        while try reader.nextBlock() != nil { count += 1 }
        #expect(count == 60)
        // Whoever was in the spotlight is a chapter, once for each time.
        #expect(reader.chapters.map(\.title) == ["P", "Q"])
        #expect(reader.chapters.first.map { $0.endNanoseconds - $0.startNanoseconds >= 1_100_000_000 } == true)
        #expect(reader.chapters.first?.endNanoseconds ?? 0 <= reader.chapters.last?.startNanoseconds ?? 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "master.chain", "master.mkv", "master.packets",
            ])
        let chain = try Data(contentsOf: URL(fileURLWithPath: folder.file("master.chain")))
        let record = try #require(ClusterChainRecord(parsing: chain))
        #expect(record.end == .finished && record.brokenAt == nil && record.meeting == "m")
        try expectChain(record, covers: folder.file("master.mkv"))
        #expect(await recorder.finish() == summary)
    }

    /// What the record of a meeting says of a moment (`elapsedMilliseconds`) is where it is in the master.
    @Test func itsTimeIsTheMasters() async throws {
        let folder = try ScratchFolder()
        let ring = TapRing()
        let recorder = try MeetingRecorder(
            path: folder.file("master.mkv"), title: "t", meetingID: "m", dateNanoseconds: 0, ring: ring,
            onFailure: { _ in })
        #expect(recorder.elapsedMilliseconds < 5_000)
        var moments: [ClosedRange<Int64>] = []
        for index in 0..<4 {
            // The first packet of a stream stands where it came.
            recorder.addTrack(
                .init(index: UInt16(index), leg: 1, pointID: "p\(index)", displayName: "P", unit: nil, kind: .audio))
            var stream = SimulatedStream(track: UInt16(index), codec: .opus, ssrc: UInt32(9 + index), delay: 0)
            let before = recorder.elapsedMilliseconds
            let packet = entry(0, &stream)
            let after = recorder.elapsedMilliseconds
            moments.append(before...after)
            _ = packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) }
            try await Task.sleep(for: .milliseconds(130))
        }
        _ = await recorder.finish()
        let reader = try MatroskaReader(path: folder.file("master.mkv"))
        let points = Dictionary(uniqueKeysWithValues: reader.tracks.map { ($0.number, $0.tags["POINT"]) })
        var found = 0
        while let block = try reader.nextBlock() {
            let index = try #require(points[block.track].flatMap { $0 }.flatMap { Int($0.dropFirst()) })
            let time = block.timestampNanoseconds / 1_000_000
            let moment = moments[index]
            #expect(time >= moment.lowerBound - 1 && time <= moment.upperBound + 1, "\(time) ms, came at \(moment)")
            found += 1
        }
        #expect(found == 4 && moments.last?.lowerBound ?? 0 >= 390)
    }

    @Test func aFileThatCannotBeMadeIsAnErrorThatNamesIt() throws {
        let folder = try ScratchFolder()
        let path = folder.file("missing/master.mkv")
        let failure = #expect(throws: RecorderFailure.self) {
            _ = try MeetingRecorder(
                path: path, title: "t", meetingID: "m", dateNanoseconds: 0, ring: TapRing(), onFailure: { _ in })
        }
        #expect(failure?.description == "cannot open \(path): No such file or directory")
    }

    @Test func anOverflowOfTheTapIsCounted() async throws {
        let folder = try ScratchFolder()
        let ring = TapRing(capacity: 64 << 10)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 9, delay: 0)
        for frame in 0..<3_000 {
            let packet = entry(frame, &stream)
            _ = packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) }
        }
        let recorder = try MeetingRecorder(
            path: folder.file("master.mkv"), title: "t", meetingID: "m", dateNanoseconds: 0, ring: ring,
            onFailure: { _ in })
        recorder.addTrack(.init(index: 0, leg: 1, pointID: "p", displayName: "P", unit: nil, kind: .audio))
        let summary = await recorder.finish()
        #expect(summary.overflow > 1_000)
        #expect(summary.tracks[0].packets + summary.overflow == 3_000)
    }
}
