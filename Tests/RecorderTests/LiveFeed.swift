import Foundation
import Glibc
import Matroska
import MediaPlane
import Testing

@testable import Archive
@testable import Recorder

/// What a point took in, and when of the master: the child notes it after the recorder's ring has it, by a write of its own.
struct Taken {
    static let fileName = "taken"
    /// Instead of a track's index: an event's number is its time in milliseconds.
    static let events: UInt16 = .max
    /// The first and the newest of each, in milliseconds of the master.
    var first: [UInt16: Int64] = [:]
    var newest: [UInt16: Int64] = [:]

    static func record(_ track: UInt16, _ milliseconds: Int64) -> [UInt8] {
        [UInt8(track >> 8), UInt8(track & 0xFF)]
            + (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * $0)) }
    }

    mutating func add(_ records: some Collection<UInt8>) {
        var rest = Array(records)[...]
        while rest.count >= 8 {
            let track = UInt16(rest[rest.startIndex]) << 8 | UInt16(rest[rest.startIndex + 1])
            let time = rest.dropFirst(2).prefix(6).reduce(0) { $0 << 8 | Int64($1) }
            first[track] = first[track] ?? time
            newest[track] = time
            rest = rest.dropFirst(8)
        }
    }
}

/// A meeting whose points join one after another, with sound and pictures that ffmpeg made, recorded in real time by the real
/// recorder, with its events.
struct LiveFeed {
    static let master = "master.mkv"
    static let chain = "master.chain"
    static let events = "events.jsonl"
    private static let step = 20 * milli

    let folder: String
    private let opus: [MatroskaBlock]
    private let vp8: [MatroskaBlock]

    /// Makes what the points send.
    static func prepare(in folder: String) throws {
        _ = try EncodedMedia.encode(
            ["sine=frequency=440:sample_rate=48000", "-ac", "1", "-c:a", "libopus"], to: folder + "/o.mkv", seconds: 4)
        _ = try EncodedMedia.encode(
            [
                "testsrc2=size=320x240:rate=25", "-c:v", "libvpx", "-b:v", "300k", "-deadline", "realtime",
                "-lag-in-frames", "0", "-g", "25",
            ], to: folder + "/v.mkv", seconds: 4)
    }

    /// - Parameter media: the folder that was prepared.
    init(media: String, folder: String) throws {
        self.folder = folder
        func blocks(_ path: String) throws -> [MatroskaBlock] {
            let reader = try MatroskaReader(path: path)
            var blocks: [MatroskaBlock] = []
            while let block = try reader.nextBlock() { blocks.append(block) }
            return blocks
        }
        opus = try blocks(media + "/o.mkv")
        vp8 = try blocks(media + "/v.mkv")
    }

    /// Records for so long, a point more each `joinEvery`, and ends in order.
    func record(for length: Int64, points: Int, joinEvery: Int64) async throws {
        let ring = TapRing()
        let start = MeetingRecorder.monotonicNanoseconds()
        let recorder = try MeetingRecorder(
            path: folder + "/" + Self.master, title: "Giao ban", meetingID: "m", dateNanoseconds: 0, ring: ring,
            onFailure: { _ in })
        let log = try EventLog(path: folder + "/" + Self.events)
        let note = open(folder + "/" + Taken.fileName, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        func taken(_ track: UInt16) {
            let now = Int64(MeetingRecorder.monotonicNanoseconds() - start) / milli
            let record = Taken.record(track, now)
            _ = record.withUnsafeBytes { write(note, $0.baseAddress, $0.count) }
        }
        var streams: [SimulatedStream] = []
        var joined: [Int64] = []
        var frames: [Int] = []
        var beats: Int64 = 0
        var time: Int64 = 0
        while time < length {
            if joined.count < points, time >= Int64(joined.count) * joinEvery {
                let point = joined.count
                for kind in [RecordedTrack.Kind.audio, .video] {
                    let index = UInt16(streams.count)
                    streams.append(
                        SimulatedStream(
                            track: index, codec: kind == .audio ? .opus : .vp8, ssrc: UInt32(index) + 1, delay: 0))
                    recorder.addTrack(
                        .init(
                            index: index, leg: UInt32(point), pointID: "p\(point)", displayName: "Điểm cầu \(point)",
                            unit: nil, kind: kind))
                }
                joined.append(time)
                frames += [0, 0]
            }
            for index in streams.indices {
                let frame = frames[index]
                frames[index] += 1
                guard index.isMultiple(of: 2) || frame.isMultiple(of: 2) else { continue }
                let payloads =
                    index.isMultiple(of: 2)
                    ? [opus[frame % opus.count].data] : EncodedMedia.vp8Payloads(vp8[frame / 2 % vp8.count].data)
                for (number, payload) in payloads.enumerated() {
                    var packet = streams[index].packet(at: time, payload, marker: number == payloads.count - 1)
                    packet.0.arrivalNanoseconds = MeetingRecorder.monotonicNanoseconds()
                    _ = packet.1.withUnsafeBytes { ring.write(packet.0, bytes: $0) }
                }
                taken(UInt16(index))
            }
            while beats * 100 * milli <= time {
                let event = EventRecord(
                    at: Date(), masterMilliseconds: time / milli, name: "beat", fields: ["n": "\(beats)"])
                beats += 1
                try log.append([event], durable: false)
                taken(Taken.events)
            }
            let elapsed = { Int64(MeetingRecorder.monotonicNanoseconds() - start) }
            time += Self.step
            if time > elapsed() { try await Task.sleep(for: .nanoseconds(time - elapsed())) }
            // What a busy machine held up was not sent; it does not come in a burst.
            time = max(time, elapsed() / Self.step * Self.step)
        }
        _ = await recorder.finish()
        try log.finish()
        close(note)
    }
}
