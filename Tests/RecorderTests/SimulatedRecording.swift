import Evidence
import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// A folder that goes away with its owner.
final class ScratchFolder {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func file(_ name: String) -> String { path + "/" + name }
}

/// A point's stream, simulated: its own clock, its own way through the network, sender reports every five seconds.
struct SimulatedStream {
    var track: UInt16
    var codec: MediaCodec
    var ssrc: UInt32
    var sequence: UInt16 = 65_000
    /// Timestamp at the sender's time 0.
    var firstTimestamp: UInt32 = .max - 100_000
    /// Nanoseconds on the way.
    var delay: Int64
    /// Parts in a million by which the sender's clock is fast.
    var drift: Double = 0
    /// The sender's wall clock at 0, in nanoseconds since 1900.
    var wall: Int64 = 3_900_000_000_000_000_000

    private func timestamp(_ sender: Int64) -> UInt32 {
        let rate = Int64(codec.rtpClockRate)
        let ticks = sender / 1_000_000_000 * rate + sender % 1_000_000_000 * rate / 1_000_000_000
        return firstTimestamp &+ UInt32(truncatingIfNeeded: ticks)
    }

    /// The sender's clock at true time `time`.
    private func senderTime(_ time: Int64) -> Int64 { time + Int64(Double(time) * drift / 1_000_000) }

    mutating func packet(at time: Int64, _ payload: [UInt8], marker: Bool = false, jitter: Int64 = 0) -> (
        TapEntry, [UInt8]
    ) {
        var bytes = [UInt8](repeating: 0, count: 12) + payload
        let stamp = timestamp(senderTime(time))
        bytes.withUnsafeMutableBytes {
            RTPHeaderWriter.write(
                $0.baseAddress!, payloadType: 96, marker: marker, sequenceNumber: sequence, timestamp: stamp, ssrc: ssrc
            )
        }
        sequence &+= 1
        return (
            TapEntry(
                kind: .packet, track: track, arrivalNanoseconds: UInt64(1_000_000_000 + time + delay + jitter),
                codec: codec.rawValue, rtpTimestamp: stamp), bytes
        )
    }

    func report(at time: Int64, lateBy late: Int64 = 0) -> TapEntry {
        let sender = senderTime(time)
        let ntp = wall + sender
        let seconds = UInt64(ntp / 1_000_000_000)
        let fraction = UInt64(ntp % 1_000_000_000) << 32 / 1_000_000_000
        return TapEntry(
            kind: .senderReport, track: track, arrivalNanoseconds: UInt64(1_000_000_000 + time + delay + late),
            rtpTimestamp: timestamp(sender), ntpTimestamp: seconds << 32 | fraction)
    }
}

/// A recording in virtual time: the monotonic clock stands at one second when it begins, or at `start`.
final class SimulatedRecording {
    let folder: ScratchFolder
    let path: String
    let ring = TapRing(capacity: 1 << 20)
    private let master: MasterFile
    private var session: RecordingSession
    private let start: UInt64

    init(start: UInt64 = 1_000_000_000) throws {
        self.start = start
        folder = try ScratchFolder()
        path = folder.file("master.mkv")
        master = try MasterFile(
            path: path, title: "Thử nghiệm", meetingID: "m1", dateNanoseconds: 0, startNanoseconds: start)
        session = RecordingSession(master: master, startNanoseconds: start)
    }

    func add(_ index: UInt16, leg: UInt32, _ kind: RecordedTrack.Kind, parameterSets: [[UInt8]] = []) {
        session.add(
            RecordedTrack(
                index: index, leg: leg, pointID: "phu-loc", displayName: "Xã Phú Lộc", unit: "UBND huyện", kind: kind,
                parameterSets: parameterSets))
    }

    func add(_ track: RecordedTrack) { session.add(track) }

    func feed(_ packet: (TapEntry, [UInt8])) { _ = packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) } }
    func feed(_ entry: TapEntry) { ring.write(entry, bytes: UnsafeRawBufferPointer(start: nil, count: 0)) }
    func drain(at time: Int64) throws { try session.drain(ring, at: start + UInt64(time)) }

    func finish() throws -> (blocks: [MatroskaBlock], tracks: [MatroskaTrack], summary: RecordingSummary) {
        try session.finish()
        let summary = session.summary(overflow: ring.droppedEntries, failure: nil)
        let reader = try MatroskaReader(path: path)
        var blocks: [MatroskaBlock] = []
        while let block = try reader.nextBlock() { blocks.append(block) }
        return (blocks, reader.tracks, summary)
    }
}

let milli: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

/// An Opus packet of 20 ms (RFC 6716 §3.1: config 31, one frame) that says its number.
func opus(_ number: Int) -> [UInt8] {
    [
        0xF8, UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8),
        UInt8(truncatingIfNeeded: number),
    ]
}

/// A VP8 frame in one packet that says its number: descriptor, frame tag, and for keyframes the start code and size.
func vp8(_ number: Int, keyframe: Bool) -> [UInt8] {
    let head: [UInt8] = keyframe ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x60, 0x01, 0x20, 0x01] : [0x11, 0, 0]
    return [0x90, 0x80, 0x80 | UInt8(truncatingIfNeeded: number >> 8) & 0x7F, UInt8(truncatingIfNeeded: number)] + head
        + [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
}

func number(of block: MatroskaBlock) -> Int { block.data.suffix(2).reduce(0) { $0 << 8 | Int($1) } }

extension SimulatedRecording {
    /// Runs what happens at its times, draining the tap every 20 ms of virtual time.
    func play(_ happenings: [(time: Int64, happen: () -> Void)], until end: Int64) throws {
        var rest = happenings.sorted { $0.time < $1.time }[...]
        for now in stride(from: 0, through: end, by: Int(20 * milli)) {
            while let first = rest.first, first.time <= Int64(now) {
                first.happen()
                rest = rest.dropFirst()
            }
            try drain(at: Int64(now))
        }
    }
}

func tool(_ name: String) -> String? {
    ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

/// Expects that the chain has each cluster of the master, as it lies there.
func expectChain(_ record: ClusterChainRecord, covers master: String) throws {
    let places = try ClusterScan.clusters(of: master)
    #expect(record.clusters.map(\.place) == places && !places.isEmpty)
    for cluster in record.clusters {
        let hash = try FileDigest.sha256(of: master, offset: cluster.place.offset, length: cluster.place.length)
        #expect(hash == cluster.hash, "at \(cluster.place.milliseconds) ms")
    }
}
