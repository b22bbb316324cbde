import Codecs
import Foundation
import Matroska
import Testing

@testable import Composer

@Suite struct VoiceTests {
    private func tone(_ count: Int, sampleRate: Int) -> [Int16] {
        (0..<count).map { Int16(8_000 * sin(2 * .pi * 500 * Double($0) / Double(sampleRate))) }
    }

    private func mixed(_ voice: Voice, milliseconds: Int) -> [Int32] {
        var all: [Int32] = []
        for start in stride(from: 0, to: milliseconds * 48, by: 1_920) {
            var sum = [Int32](repeating: 0, count: 1_920)
            _ = voice.mix(start..<start + 1_920, into: &sum)
            all += sum
        }
        return all
    }

    private func level(_ samples: ArraySlice<Int32>) -> Double {
        (samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)).squareRoot()
    }

    private func opusPackets(_ count: Int) throws -> [[UInt8]] {
        var encoder = try OpusEncoder(bitrate: 48_000)
        let samples = tone(count * 960, sampleRate: 48_000)
        return try (0..<count).map { index in
            var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
            let length = try samples[(index * 960)..<((index + 1) * 960)].withUnsafeBufferPointer { input in
                try bytes.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
            return Array(bytes[..<length])
        }
    }

    private func opusVoice() throws -> Voice {
        try #require(
            Voice(
                MatroskaTrack(number: 1, codec: .opus, codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 0)),
                Self.log))
    }

    private static let log = TrackDecoding(track: 1, point: "a", name: "A", kind: "audio", codec: "A_OPUS")

    private func block(_ data: [UInt8], at milliseconds: Int) -> MatroskaBlock {
        MatroskaBlock(track: 1, timestampNanoseconds: Int64(milliseconds) * 1_000_000, isKeyframe: true, data: data)
    }

    @Test func aLostPacketIsConcealedAndWhatFollowsStaysInPlace() throws {
        let voice = try opusVoice()
        for (index, packet) in try opusPackets(50).enumerated() where index != 20 {
            voice.take(block(packet, at: index * 20))
        }
        let sound = mixed(voice, milliseconds: 1_000)
        #expect(level(sound[(20 * 960)..<(21 * 960)]) > 3_000)
        #expect(level(sound[(40 * 960)..<(50 * 960)]) > 5_000)
        #expect(!voice.isSounding)
        #expect(voice.log.blocks == 49 && voice.log.refused == 0 && voice.log.concealed == 1)
        #expect(voice.log.stretches == [.init(kind: .concealed, from: 420, to: 420, blocks: 1)])
    }

    @Test func aPauseIsSilenceOfItsLength() throws {
        let voice = try opusVoice()
        for (index, packet) in try opusPackets(50).enumerated() {
            voice.take(block(packet, at: index * 20 + (index < 25 ? 0 : 400)))
        }
        let sound = mixed(voice, milliseconds: 1_400)
        #expect(level(sound[(300 * 48)..<(490 * 48)]) > 5_000)
        #expect(level(sound[(520 * 48)..<(890 * 48)]) < 10)
        #expect(level(sound[(910 * 48)..<(1_390 * 48)]) > 5_000)
    }

    @Test func blocksRoundedToMillisecondsMakeNoSeams() throws {
        let voice = try opusVoice()
        for (index, packet) in try opusPackets(50).enumerated() {
            voice.take(block(packet, at: index * 20 + index % 3))
        }
        let sound = mixed(voice, milliseconds: 1_000)
        // A seam would show as a jump far above the tone's own slope.
        let steps = zip(sound[4_800..<43_200], sound[4_801..<43_201]).map { abs($0 - $1) }
        #expect((steps.max() ?? 0) < 2_000)
    }

    @Test(arguments: [8_000, 16_000]) func flacOfATelephoneIsHeardAtItsPitchAndTime(sampleRate: Int) throws {
        let encoder = try FLACEncoder(sampleRate: sampleRate, blockSize: sampleRate / 50)
        let samples = tone(sampleRate, sampleRate: sampleRate)
        let frames = try samples.withUnsafeBufferPointer { try encoder.encode($0) } + encoder.finish()
        let voice = try #require(
            Voice(
                MatroskaTrack(
                    number: 1, codec: .flac, codecPrivate: encoder.codecPrivate, sampleRate: Double(sampleRate),
                    bitDepth: 16), Self.log))
        for (index, frame) in frames.enumerated() { voice.take(block(frame.bytes, at: 200 + index * 20)) }
        let sound = mixed(voice, milliseconds: 1_200)
        #expect(level(sound[0..<(195 * 48)]) < 10)
        let wanted = tone(48_000, sampleRate: 48_000).map(Int32.init)
        let heard = Array(sound[(200 * 48)..<(1_150 * 48)])
        let noise = level(zip(wanted, heard).map { $0 - $1 }[...])
        #expect(noise < 400)
    }
}
