import Evidence
import Foundation
import Matroska
import MediaPlane
import RTP
import Synchronization
import Testing

@testable import Recorder

/// Records onto a disk of a few MiB, in a mount namespace of its own, until it is full.
@Suite struct FullDiskChild {
    @Test(.enabled(if: ChildProcess.folder != nil, "runs only as the child of FullDiskTests"))
    func recordUntilTheDiskIsFull() async throws {
        let folder = try #require(ChildProcess.folder)
        let path = folder + "/master.mkv"
        let ring = TapRing()
        let failures = Mutex<[RecorderFailure]>([])
        let recorder = try MeetingRecorder(
            path: path, title: "t", meetingID: "m", dateNanoseconds: 0, ring: ring,
            onFailure: { failure in failures.withLock { $0.append(failure) } })
        recorder.addTrack(.init(index: 0, leg: 1, pointID: "p", displayName: "P", unit: nil, kind: .audio))
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 9, delay: 0)
        var fed = 0
        while failures.withLock(\.isEmpty), fed < 20_000 {
            let number = [UInt8(fed >> 16), UInt8(fed >> 8 & 0xFF), UInt8(fed & 0xFF)]
            var packet = stream.packet(
                at: Int64(fed) * 20 * milli, [0xF8] + number + [UInt8](repeating: 1, count: 20_000))
            packet.0.arrivalNanoseconds = MeetingRecorder.monotonicNanoseconds()
            fed += packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) } ? 1 : 0
            try await Task.sleep(for: .milliseconds(5))
        }
        // The meeting goes on: what comes now is taken from the tap and goes nowhere.
        for _ in 0..<400 {
            let packet = stream.packet(at: Int64(fed) * 20 * milli, [UInt8](repeating: 0xF8, count: 20_000))
            _ = packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) }
            try await Task.sleep(for: .milliseconds(1))
        }
        let summary = await recorder.finish()
        #expect(ring.droppedEntries == 0)
        #expect(failures.withLock { $0.map(\.reason) } == [.diskFull])
        #expect(summary.failure?.description == "no space left to write \(path)")
        // It is a finished file, with all that there was room for: nothing is missing in it, and no more than the last
        // moment before the failure at its end.
        #expect(try !MatroskaRecovery.recover(path: path).wasNeeded)
        let reader = try MatroskaReader(path: path)
        #expect(reader.info.durationNanoseconds != nil)
        var numbers: [Int] = []
        while let block = try reader.nextBlock() {
            numbers.append(block.data[1...3].reduce(0) { $0 << 8 | Int($1) })
        }
        #expect(numbers == Array(0..<numbers.count))
        // While the file is ended the feeding goes on for a moment, on a busy machine a longer one.
        #expect(numbers.count > fed - 150, "\(numbers.count) of \(fed)")
        #expect(fed > 50)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "master.chain", "master.mkv", "master.packets",
            ])
        // What the full disk kept from the chain is made up for before the package is sealed.
        let chain = ClusterChainFile.path(of: path)
        let record = try ClusterChainFile.complete(chain, master: path, meeting: "m")
        try expectChain(record, covers: path)
    }
}

@Suite struct FullDiskTests {
    /// A folder of its own with 10 MiB, which only the command that follows sees.
    private static func small(_ folder: String) -> [String] {
        [
            "/usr/bin/unshare", "--map-root-user", "--mount", "/bin/sh", "-c",
            "mount -t tmpfs -o size=10m none '\(folder)' && exec \"$@\"", "sh",
        ]
    }

    private static var canMount: Bool {
        guard let folder = try? ScratchFolder(), tool("unshare") != nil else { return false }
        let command = small(folder.path) + ["/bin/true"]
        return (try? run(command[0], Array(command.dropFirst())))?.status == 0
    }

    @Test(.enabled(if: canMount, "no mount namespaces here"))
    func aFullDiskEndsTheRecordingCleanlyAndIsTold() async throws {
        let folder = try ScratchFolder()
        let child = try ChildProcess("FullDiskChild", folder: folder.path, wrapper: Self.small(folder.path))
        let hasEnded = await eventually(within: .seconds(90)) { !child.process.isRunning }
        if !hasEnded { _ = child.kill() }
        #expect(hasEnded, "\(child.output)")
        #expect(child.process.terminationStatus == 0, "\(child.output)")
    }
}
