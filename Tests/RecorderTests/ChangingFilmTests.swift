import Composer
import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// Streams that change what they are, recorded, composed, and the film decoded by ffmpeg: every scene stands in it when it was sent, the
/// first after each change too, and the sound is what was said.
@Suite(.enabled(if: EncodedMedia.canEncode, "ffmpeg with libvpx, libx264 and libopus is not installed"))
struct ChangingFilmTests {
    private static let seconds = 3
    private static let frameRate = 25
    /// Pictures of one scene.
    private static let scene = 5
    /// Differences of luma and chroma that coding twice may make.
    private static let tolerance = 14

    // MARK: What is sent

    /// A second of pictures, each scene of other colours, left and right.
    private static func scenes(_ size: String, from base: Int) -> String {
        let number = "floor((N+\(base))/\(scene))"
        let lum = "48+20*mod(\(number)*3+5*gt(X,W/2),9)"
        let cb = "128+44*(mod(\(number),3)-1)"
        let cr = "128+44*(mod(\(number)+gt(X,W/2),3)-1)"
        return "color=black:size=\(size):rate=\(frameRate),format=yuv420p,geq=lum='\(lum)':cb='\(cb)':cr='\(cr)'"
    }

    /// A rising tone; silent from the first to the second second where it is to pause.
    private static func tone(_ rate: Int, pausing: Bool) -> String {
        let pause = pausing ? ",volume=0:enable='between(t,1,2)'" : ""
        return "aevalsrc='0.4*sin(2*PI*(300*t+200*t*t))':sample_rate=\(rate):duration=\(seconds)\(pause)"
    }

    private struct Packet {
        var time: Int64
        var payloads: [[UInt8]]
        var isSound: Bool
    }

    /// What a file's pictures show: luma and chroma in the middle of either half.
    private static func colours(_ path: String, _ rate: String) throws -> [[Int]] {
        let raw = path + ".yuv"
        let told = try run(
            tool("ffmpeg")!,
            [
                "-v", "error", "-i", path, "-map", "0:v:0", "-vf", "\(rate)scale=64:36:flags=area,format=yuv444p",
                "-fps_mode", "passthrough", "-f", "rawvideo", "-y", raw,
            ])
        try #require(told.status == 0, "\(told.output)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)))
        let plane = 64 * 36
        return (0..<bytes.count / (3 * plane)).map { picture in
            [16, 48].flatMap { x in (0..<3).map { Int(bytes[(picture * 3 + $0) * plane + 18 * 64 + x]) } }
        }
    }

    private static func sound(_ path: String, _ input: [String] = []) throws -> [Double] {
        let raw = path + ".pcm"
        let told = try run(
            tool("ffmpeg")!,
            ["-v", "error"] + input + [
                "-i", path, "-map", "0:a:0", "-ac", "1", "-ar", "8000", "-f", "s16le", "-y", raw,
            ])
        try #require(told.status == 0, "\(told.output)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)))
        return stride(from: 0, to: bytes.count - 1, by: 2).map {
            Double(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8))
        }
    }

    /// Records a point's pictures and sound, and composes the film.
    private static func film(
        _ folder: ScratchFolder, _ recording: SimulatedRecording, _ video: MediaCodec, _ audio: MediaCodec,
        _ packets: [Packet]
    ) throws -> (path: String, result: CompositionResult) {
        recording.add(0, leg: 1, .audio)
        recording.add(1, leg: 1, .video)
        var sound = SimulatedStream(track: 0, codec: audio, ssrc: 1, delay: 0)
        var pictures = SimulatedStream(track: 1, codec: video, ssrc: 2, delay: 0)
        for packet in packets.sorted(by: { ($0.time, $0.isSound ? 0 : 1) < ($1.time, $1.isSound ? 0 : 1) }) {
            for (index, payload) in packet.payloads.enumerated() {
                recording.feed(
                    packet.isSound
                        ? sound.packet(at: packet.time, payload)
                        : pictures.packet(at: packet.time, payload, marker: index == packet.payloads.count - 1))
            }
            try recording.drain(at: packet.time)
        }
        _ = try recording.finish()
        let path = folder.file("access.webm")
        let result = try Composition.compose(
            master: recording.path, output: path, options: CompositionOptions(width: 320, height: 180, title: "Đổi"))
        #expect(result.decoding.refused == 0, "\(result.decoding)")
        return (path, result)
    }

    // MARK: What came of it

    /// - Parameter sent: the colours of each picture, one each fortieth of a second from 0 on.
    private static func expectScenes(_ film: String, _ sent: [[Int]]) throws {
        let shown = try colours(film, "fps=\(frameRate),")
        #expect(sent.count == seconds * frameRate && shown.count >= sent.count - 1)
        func differs(_ picture: [Int], _ other: [Int]) -> Bool {
            zip(picture, other).contains { abs($0 - $1) > tolerance }
        }
        // No two scenes that follow each other can be taken for one another.
        for first in stride(from: 0, to: sent.count - scene, by: scene) {
            try #require(differs(sent[first], sent[first + scene]))
        }
        for index in 0..<min(shown.count, sent.count) {
            let place = index % scene
            // At a scene's edges the film may be a picture late or early, and no more.
            let near = (place == 2 || place == 3) ? [index] : [index - 2, index, index + 1]
            let fits = near.contains { sent.indices.contains($0) && !differs(shown[index], sent[$0]) }
            #expect(fits, "picture \(index): \(shown[index]), sent \(sent[index])")
        }
    }

    /// The greatest normalized correlation of a stretch of the film with what was said, over 40 ms either way.
    private static func correlation(_ heard: [Double], _ said: [Double], from: Double, to: Double) -> Double {
        let range = Int(from * 8000)..<Int(to * 8000)
        guard range.upperBound <= said.count else { return 0 }
        let wanted = said[range]
        let energy = wanted.reduce(0) { $0 + $1 * $1 }
        var best = 0.0
        for lag in -320...320 {
            let moved = range.lowerBound + lag..<range.upperBound + lag
            guard moved.lowerBound >= 0, moved.upperBound <= heard.count else { continue }
            var product = 0.0
            var own = 0.0
            for (a, b) in zip(wanted, heard[moved]) {
                product += a * b
                own += b * b
            }
            if own > 0 { best = max(best, product / (energy * own).squareRoot()) }
        }
        return best
    }

    private static func loudness(_ heard: [Double], from: Double, to: Double) -> Double {
        let part = heard[Int(from * 8000)..<min(heard.count, Int(to * 8000))]
        return (part.reduce(0) { $0 + $1 * $1 } / Double(max(1, part.count))).squareRoot()
    }

    // MARK: The streams

    @Test func aVP8StreamThatChangesItsSizeAndOpusInLongPacketsWithSilenceLeftOut() throws {
        let recording = try SimulatedRecording()
        let folder = recording.folder
        var packets: [Packet] = []
        var sent: [[Int]] = []
        for (index, size) in ["320x240", "640x360", "160x120"].enumerated() {
            let path = folder.file("v\(size).mkv")
            let made = try EncodedMedia.encode(
                [
                    Self.scenes(size, from: index * Self.frameRate), "-c:v", "libvpx", "-b:v", "800k", "-deadline",
                    "realtime", "-lag-in-frames", "0", "-g", "50", "-auto-alt-ref", "0",
                ], to: path, seconds: 1)
            packets += made.blocks.map {
                Packet(
                    time: Int64(index) * second + $0.timestampNanoseconds,
                    payloads: EncodedMedia.vp8Payloads($0.data), isSound: false)
            }
            sent += try Self.colours(path, "")
        }
        let spoken = folder.file("said.mkv")
        let made = try EncodedMedia.encode(
            [
                Self.tone(48_000, pausing: true), "-c:a", "libopus", "-application", "voip", "-frame_duration", "60",
                "-b:a", "32k",
            ], to: spoken, seconds: Self.seconds)
        // An encoder with DTX sends one packet of silence in seven at most.
        let kept = made.blocks.enumerated().filter { index, block in
            let isSilent = (second + 200 * milli..<2 * second - 60 * milli).contains(block.timestampNanoseconds)
            return !isSilent || index % 7 == 0
        }
        try #require(kept.count < made.blocks.count - 8)
        packets += kept.map { Packet(time: $1.timestampNanoseconds, payloads: [$1.data], isSound: true) }
        let film = try Self.film(folder, recording, .vp8, .opus, packets)
        #expect(abs(film.result.durationMilliseconds - 3_000) <= 120)
        try Self.expectScenes(film.path, sent)
        let (heard, said) = (try Self.sound(film.path), try Self.sound(spoken))
        for from in [0.2, 0.5, 2.2, 2.5] {
            let likeness = Self.correlation(heard, said, from: from, to: from + 0.3)
            #expect(likeness > 0.9, "at \(from) s: \(likeness)")
        }
        let loud = Self.loudness(heard, from: 0.2, to: 0.9)
        #expect(loud > 300 && Self.loudness(heard, from: 1.3, to: 1.9) < loud / 30)
    }

    @Test(arguments: [MediaCodec.pcmu, .pcma])
    func anH264StreamThatChangesItsProfileAndTelephoneSoundInPacketsOfTenToSixtyMilliseconds(
        codec: MediaCodec
    ) throws {
        let recording = try SimulatedRecording()
        let folder = recording.folder
        var packets: [Packet] = []
        var sent: [[Int]] = []
        for (index, (profile, size)) in [("baseline", "320x240"), ("high", "640x360"), ("main", "320x240")].enumerated()
        {
            let path = folder.file("\(profile).mkv")
            let made = try EncodedMedia.encode(
                [
                    Self.scenes(size, from: index * Self.frameRate), "-c:v", "libx264", "-profile:v", profile, "-bf",
                    "0", "-g", "25", "-b:v", "800k", "-pix_fmt", "yuv420p",
                ], to: path, seconds: 1)
            let sets = EncodedMedia.parameterSets(made.track.codecPrivate)
            packets += made.blocks.map { block in
                let units = (block.isKeyframe ? sets : []) + EncodedMedia.units(block.data).filter { $0[0] & 0x1F != 6 }
                return Packet(
                    time: Int64(index) * second + block.timestampNanoseconds,
                    payloads: EncodedMedia.h264Payloads(units), isSound: false)
            }
            sent += try Self.colours(path, "")
        }
        let format = codec == .pcmu ? "mulaw" : "alaw"
        let spoken = folder.file("said.\(format)")
        let told = try run(
            tool("ffmpeg")!,
            [
                "-v", "error", "-f", "lavfi", "-i", Self.tone(8_000, pausing: false), "-c:a", "pcm_\(format)", "-f",
                format, spoken,
            ])
        try #require(told.status == 0, "\(told.output)")
        let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: spoken)))
        var place = 0
        while place < octets.count {
            // 0.6 s of each size.
            let milliseconds = [10, 20, 30, 40, 60][min(4, place / 4_800)]
            packets.append(
                Packet(
                    time: Int64(place) * 125_000,
                    payloads: [Array(octets[place..<min(octets.count, place + 8 * milliseconds)])], isSound: true))
            place += 8 * milliseconds
        }
        let film = try Self.film(folder, recording, .h264, codec, packets)
        try Self.expectScenes(film.path, sent)
        let heard = try Self.sound(film.path)
        let said = try Self.sound(spoken, ["-f", format, "-ar", "8000", "-ac", "1"])
        for tenth in stride(from: 1, through: 25, by: 3) {
            let from = Double(tenth) / 10
            let likeness = Self.correlation(heard, said, from: from, to: from + 0.3)
            #expect(likeness > 0.9, "at \(from) s: \(likeness)")
        }
    }
}
