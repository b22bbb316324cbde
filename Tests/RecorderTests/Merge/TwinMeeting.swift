import Foundation
import Matroska
import MediaPlane
import RTP

@testable import Recorder

struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

/// What a meeting's points sent, which several recorders take in, each with losses of its own.
struct TwinMeeting {
    struct Happening {
        var entry: TapEntry
        var bytes: [UInt8]
        /// When it came, from the beginning.
        var time: Int64
    }
    var tracks: [(track: RecordedTrack, at: Int64)] = []
    var happenings: [Happening] = []
    var length: Int64 = 0

    mutating func add(
        _ index: UInt16, leg: UInt32, _ kind: RecordedTrack.Kind, point: String = "phu-loc", from time: Int64 = 0,
        parameterSets: [[UInt8]] = []
    ) {
        let track = RecordedTrack(
            index: index, leg: leg, pointID: point, displayName: "Điểm \(point)", unit: nil, kind: kind,
            parameterSets: parameterSets)
        tracks.append((track, time))
    }

    mutating func send(_ packet: (TapEntry, [UInt8])) { send(packet.0, packet.1) }

    mutating func send(_ entry: TapEntry, _ bytes: [UInt8] = []) {
        let time = Int64(entry.arrivalNanoseconds) - second
        happenings.append(Happening(entry: entry, bytes: bytes, time: time))
        length = max(length, time + 40 * milli)
    }

    /// Frames of a picture stream, in packets of `size` octets at most.
    mutating func sendPictures(
        _ stream: inout SimulatedStream, from start: Int64, count: Int, _ random: inout SplitMix
    ) {
        for index in 0..<count {
            let time = start + Int64(index) * 40 * milli
            let isKey = index % 12 == 0
            let tag: [UInt8] = isKey ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x60, 0x01, 0x20, 0x01] : [0x11, 0, 0]
            let frame =
                tag + (0..<Int.random(in: 300...4_500, using: &random)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let pieces = EncodedMedia.pieces(frame, of: 1_000)
            for (number, piece) in pieces.enumerated() {
                let head: [UInt8] = [
                    number == 0 ? 0x90 : 0x80, 0x80, 0x80 | UInt8(truncatingIfNeeded: index >> 8) & 0x7F,
                    UInt8(truncatingIfNeeded: index),
                ]
                send(
                    stream.packet(
                        at: time, head + piece, marker: number == pieces.count - 1,
                        jitter: Int64.random(in: 0...12, using: &random) * milli))
            }
        }
    }

    /// NAL units of pictures: alone, in fragments, and with small ones put together.
    mutating func sendUnits(
        _ stream: inout SimulatedStream, from start: Int64, count: Int, _ random: inout SplitMix
    ) {
        let sets: [[UInt8]] = [[0x67, 0x42, 0xC0, 0x0D, 0x95, 0xA0, 0x50, 0x7C, 0x40], [0x68, 0xCE, 0x3C, 0x80]]
        for index in 0..<count {
            let time = start + Int64(index) * 40 * milli
            let isKey = index % 10 == 0
            let slice =
                [isKey ? 0x65 : 0x41]
                + (0..<Int.random(in: 40...3_600, using: &random)).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ index) }
            var payloads: [[UInt8]] = []
            if isKey {
                payloads.append([0x78] + sets.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 })
            }
            payloads += EncodedMedia.h264Payloads([slice])
            for (number, payload) in payloads.enumerated() {
                send(stream.packet(at: time, payload, marker: number == payloads.count - 1))
            }
        }
    }

    mutating func sendSound(
        _ stream: inout SimulatedStream, from start: Int64, count: Int, milliseconds: Int64 = 20,
        _ random: inout SplitMix, _ payload: (Int) -> [UInt8]
    ) {
        for index in 0..<count {
            send(
                stream.packet(
                    at: start + Int64(index) * milliseconds * milli, payload(index),
                    jitter: Int64.random(in: 0...15, using: &random) * milli))
        }
    }

    /// Records what `hears` lets through.
    ///
    /// - Parameters:
    ///   - start: where the recorder's clock stands at the beginning.
    ///   - clock: what time it is on the recorder's clock, from its start, at a time of the meeting.
    func record(
        start: UInt64 = 1_000_000_000, clock: (Int64) -> Int64 = { $0 },
        sleeping: (Int64) -> Bool = { _ in false }, _ hears: (Int, Happening) -> Bool
    ) throws -> SimulatedRecording {
        let recording = try SimulatedRecording(start: start)
        let sorted = happenings.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        var rest = sorted[...]
        var tracks = tracks.sorted { $0.at < $1.at }[...]
        for now in stride(from: 0, through: length + 500 * milli, by: Int(20 * milli)) {
            let now = Int64(now)
            while let first = tracks.first, first.at <= now {
                recording.add(first.track)
                tracks = tracks.dropFirst()
            }
            while let (index, happening) = rest.first.map({ ($0.offset, $0.element) }), happening.time <= now {
                rest = rest.dropFirst()
                guard hears(index, happening) else { continue }
                var entry = happening.entry
                entry.arrivalNanoseconds = start + UInt64(clock(happening.time))
                recording.feed((entry, happening.bytes))
            }
            if !sleeping(now) { try recording.drain(at: clock(now)) }
        }
        return recording
    }
}

/// A stream's blocks, by whose it is and what it holds.
struct StreamName: Hashable, CustomStringConvertible {
    var leg: String
    var codec: String
    var description: String { "\(codec) of leg \(leg)" }
}

func blocks(of master: String) throws -> [StreamName: [MatroskaBlock]] {
    let reader = try MatroskaReader(path: master)
    let names = Dictionary(
        reader.tracks.map { track in
            (
                track.number,
                StreamName(
                    leg: track.tags[RecordedTrack.Tag.leg] ?? "",
                    codec: track.tags[RecordedTrack.Tag.source] ?? track.codec.rawValue)
            )
        }
    ) { $1 }
    var found: [StreamName: [MatroskaBlock]] = [:]
    while let block = try reader.nextBlock() {
        if let name = names[block.track] { found[name, default: []].append(block) }
    }
    return found.mapValues { $0.sorted { $0.timestampNanoseconds < $1.timestampNanoseconds } }
}
