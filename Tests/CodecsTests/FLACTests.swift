import Codecs
import Foundation
import Testing

@Suite struct FLACTests {
    private func encode(_ samples: [Int16], channels: Int = 1, blockSize: Int = 160, step: Int = 160) throws -> (
        FLACEncoder, [FLACFrame]
    ) {
        let encoder = try FLACEncoder(sampleRate: 8_000, channels: channels, blockSize: blockSize)
        var frames: [FLACFrame] = []
        for start in stride(from: 0, to: samples.count, by: step * channels) {
            frames += try samples[start..<min(samples.count, start + step * channels)].withUnsafeBufferPointer {
                try encoder.encode($0)
            }
        }
        return (encoder, try frames + encoder.finish())
    }

    private func speech(_ count: Int) -> [Int16] {
        var generator = SeededGenerator(seed: 7)
        return zip(tone(310, sampleRate: 8_000, seconds: Double(count) / 8_000, amplitude: 9_000), 0..<count).map {
            sample, _ in
            sample &+ Int16.random(in: -300...300, using: &generator)
        }
    }

    @Test(arguments: [1, 2]) func soundComesBackBitForBit(channels: Int) throws {
        let samples = speech(16_000)
        let (encoder, frames) = try encode(samples, channels: channels)
        #expect(frames.dropLast().allSatisfy { $0.sampleCount == 160 })
        #expect(frames.reduce(0) { $0 + $1.sampleCount } == samples.count / channels)
        let decoder = try encoder.codecPrivate.withUnsafeBytes { try FLACDecoder(codecPrivate: $0) }
        #expect((decoder.sampleRate, decoder.channels, decoder.maximumBlockSize) == (8_000, channels, 160))
        var heard: [Int16] = []
        for frame in frames {
            var block = [Int16](repeating: 0, count: 160 * channels)
            let count = try frame.bytes.withUnsafeBytes { bytes in
                try block.withUnsafeMutableBufferPointer { try decoder.decode(bytes, into: $0) }
            }
            heard += block[..<(count * channels)]
        }
        #expect(heard == samples)
    }

    @Test func frameComesOutWithTheFirstSampleAfterIt() throws {
        let encoder = try FLACEncoder(sampleRate: 16_000, blockSize: 320)
        let block = [Int16](repeating: 100, count: 320)
        #expect(try block.withUnsafeBufferPointer { try encoder.encode($0) }.isEmpty)
        #expect(try block.withUnsafeBufferPointer { try encoder.encode($0) }.count == 1)
        #expect(try encoder.finish().count == 1)
        #expect(try encoder.finish().isEmpty)
        #expect(throws: CodecError.self) { try block.withUnsafeBufferPointer { try encoder.encode($0) } }
    }

    @Test(.enabled(if: ExternalTool.hasFFmpeg)) func ffmpegReadsPrivateDataAndFramesAsAFile() throws {
        let samples = speech(8_000)
        let (encoder, frames) = try encode(samples, step: 77)
        let reference = try ExternalTool.ffmpeg(
            ["-f", "flac", "-i", "IN", "-f", "s16le", "OUT"],
            input: Data(encoder.codecPrivate + frames.flatMap(\.bytes)))
        #expect(reference.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) } == samples)
    }

    @Test func damagedFramesAreErrorsAndTheNextOneStillDecodes() throws {
        let samples = speech(8_000)
        let (encoder, frames) = try encode(samples)
        let decoder = try encoder.codecPrivate.withUnsafeBytes { try FLACDecoder(codecPrivate: $0) }
        var generator = SeededGenerator(seed: 3)
        var block = [Int16](repeating: 0, count: 160)
        for round in 0..<3_000 {
            let good = frames[round % frames.count].bytes
            let bad =
                round.isMultiple(of: 3)
                ? generator.bytes(Int.random(in: 0...200, using: &generator)) : generator.mutated(good)
            _ = bad.withUnsafeBytes { bytes in
                block.withUnsafeMutableBufferPointer { try? decoder.decode(bytes, into: $0) }
            }
            let count = try good.withUnsafeBytes { bytes in
                try block.withUnsafeMutableBufferPointer { try decoder.decode(bytes, into: $0) }
            }
            let start = round % frames.count * 160
            #expect(Array(block[..<count]) == Array(samples[start..<(start + count)]))
        }
    }

    @Test func hostilePrivateDataIsRefused() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let bytes = Array("fLaC".utf8) + generator.bytes(Int.random(in: 0...60, using: &generator))
            _ = bytes.withUnsafeBytes { try? FLACDecoder(codecPrivate: $0) }
        }
        #expect(throws: CodecError.self) { try [UInt8]().withUnsafeBytes { try FLACDecoder(codecPrivate: $0) } }
        #expect(throws: CodecError.self) { try FLACEncoder(sampleRate: 8_000, blockSize: 1) }
    }
}
