import Codecs
import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// A stream that changes what it is in the middle is in the master as it was sent, and ffmpeg decodes it as it decodes what
/// was sent.
@Suite(.enabled(if: EncodedMedia.canEncode, "ffmpeg with libvpx, libx264 and libopus is not installed"))
struct ChangingStreamsTests {
    /// Sums of all pictures of a file's first picture track, each in its own size.
    private static func pictures(_ path: String, _ map: String = "0:v:0") throws -> [String] {
        let told = try run(
            tool("ffmpeg")!,
            [
                "-v", "error", "-i", path, "-map", map, "-autoscale", "0", "-fps_mode", "passthrough", "-pix_fmt",
                "yuv420p", "-f", "framemd5", "-",
            ])
        try #require(told.status == 0, "\(told.output)")
        return told.output.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: ",").last?.trimmingCharacters(in: .whitespaces)
        }
    }

    private static func play(
        _ recording: SimulatedRecording, _ stream: inout SimulatedStream, _ frames: [(time: Int64, payloads: [[UInt8]])]
    ) throws {
        for (time, payloads) in frames {
            for (index, payload) in payloads.enumerated() {
                recording.feed(stream.packet(at: time, payload, marker: index == payloads.count - 1))
            }
            try recording.drain(at: time)
        }
    }

    @Test func aVP8StreamThatChangesItsSize() throws {
        let recording = try SimulatedRecording()
        recording.add(1, leg: 1, .video)
        var stream = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 0)
        var sent: [MatroskaBlock] = []
        var expected: [String] = []
        var start: Int64 = 0
        for size in ["320x240", "640x360", "160x120"] {
            let path = recording.folder.file("v\(size).mkv")
            let made = try EncodedMedia.encode(
                [
                    "testsrc2=size=\(size):rate=25", "-c:v", "libvpx", "-b:v", "500k", "-deadline", "realtime",
                    "-lag-in-frames", "0", "-g", "50", "-auto-alt-ref", "0",
                ], to: path, seconds: 2)
            try Self.play(
                recording, &stream,
                made.blocks.map { (start + $0.timestampNanoseconds, EncodedMedia.vp8Payloads($0.data)) })
            start += 2 * second
            sent += made.blocks
            expected += try Self.pictures(path)
        }
        let result = try recording.finish()
        #expect(result.blocks.map(\.data) == sent.map(\.data))
        #expect(try Self.pictures(recording.path) == expected)
        #expect(expected.count == 150 && Set(expected).count > 140)
    }

    @Test func anH264StreamThatChangesItsProfile() throws {
        let recording = try SimulatedRecording()
        recording.add(1, leg: 1, .video)
        var stream = SimulatedStream(track: 1, codec: .h264, ssrc: 2, delay: 0)
        var expected: [String] = []
        var start: Int64 = 0
        for (profile, size) in [("baseline", "320x240"), ("high", "640x360"), ("main", "320x240")] {
            let path = recording.folder.file("\(profile).mkv")
            let made = try EncodedMedia.encode(
                [
                    "testsrc2=size=\(size):rate=25", "-c:v", "libx264", "-profile:v", profile, "-bf", "0", "-g", "25",
                    "-b:v", "600k", "-pix_fmt", "yuv420p",
                ], to: path, seconds: 2)
            let sets = EncodedMedia.parameterSets(made.track.codecPrivate)
            try Self.play(
                recording, &stream,
                made.blocks.map { block in
                    let units =
                        (block.isKeyframe ? sets : []) + EncodedMedia.units(block.data).filter { $0[0] & 0x1F != 6 }
                    return (start + block.timestampNanoseconds, EncodedMedia.h264Payloads(units))
                })
            start += 2 * second
            expected += try Self.pictures(path)
        }
        _ = try recording.finish()
        #expect(try Self.pictures(recording.path) == expected)
        #expect(expected.count == 150)
    }

    /// Packets of 60 ms, of which silence is not sent.
    @Test func opusInLongPacketsThatSuppressesSilence() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 0)
        let made = try EncodedMedia.encode(
            [
                "sine=frequency=440:sample_rate=48000", "-af", "volume=0:enable='between(t,2,5)'", "-c:a", "libopus",
                "-application", "voip", "-frame_duration", "60", "-b:a", "24k",
            ], to: recording.folder.file("o.mkv"), seconds: 8)
        // What the encoder would not send: packets of silence between every seventh.
        let spoken = made.blocks.enumerated().filter { index, block in
            let isSilent = (2 * second + 200 * milli..<5 * second).contains(block.timestampNanoseconds)
            return !isSilent || index % 7 == 0
        }.map(\.element)
        try #require(spoken.count < made.blocks.count - 30)
        try Self.play(recording, &stream, spoken.map { ($0.timestampNanoseconds, [$0.data]) })
        let result = try recording.finish()
        #expect(result.blocks.map(\.data) == spoken.map(\.data))
        for (kept, sent) in zip(result.blocks, spoken) {
            #expect(abs(kept.timestampNanoseconds - sent.timestampNanoseconds) <= 2 * milli)
        }
        #expect(result.summary.tracks[0].soundLostMilliseconds == 0)
    }

    @Test(arguments: [MediaCodec.pcmu, .pcma])
    func telephoneSoundInPacketsOfTenToSixtyMilliseconds(codec: MediaCodec) throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: codec, ssrc: 2, delay: 0)
        var random = SystemRandomNumberGenerator()
        var expected: [Int16] = []
        var time: Int64 = 0
        for index in 0..<300 {
            let milliseconds = [10, 20, 30, 40, 60][index / 60]
            let payload = (0..<milliseconds * 8).map { _ in UInt8.random(in: 0...255, using: &random) }
            recording.feed(stream.packet(at: time, payload))
            var samples = [Int16](repeating: 0, count: payload.count)
            payload.withUnsafeBytes { bytes in
                samples.withUnsafeMutableBufferPointer { room in
                    _ = codec == .pcmu ? G711.muLaw.decode(bytes, into: room) : G711.aLaw.decode(bytes, into: room)
                }
            }
            expected += samples
            try recording.drain(at: time)
            time += Int64(milliseconds) * milli
        }
        let result = try recording.finish()
        #expect(result.summary.tracks[0].soundLostMilliseconds == 0)
        // By somebody else's decoder, sample by sample.
        let wave = recording.folder.file("w.raw")
        let told = try run(
            tool("ffmpeg")!,
            ["-v", "error", "-i", recording.path, "-map", "0:a:0", "-af", "anull", "-f", "s16le", wave])
        try #require(told.status == 0, "\(told.output)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: wave)))
        let decoded = stride(from: 0, to: bytes.count - 1, by: 2).map {
            Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)
        }
        #expect(decoded == expected)
    }
}
