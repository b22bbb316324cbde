import Codecs
import Foundation
import Matroska
import MediaPlane
import RTP
import Testing

@testable import Recorder

/// What is missing is missing in the master, and what came is all there.
@Suite struct LossTests {
    /// A VP8 frame in several packets (RFC 7741 §4.2).
    private func packets(_ frame: [UInt8], picture: Int, _ stream: inout SimulatedStream, at time: Int64) -> [(
        TapEntry, [UInt8]
    )] {
        let pieces = stride(from: 0, to: frame.count, by: 1_000).map { Array(frame[$0..<min($0 + 1_000, frame.count)]) }
        return pieces.enumerated().map { index, piece in
            let head: [UInt8] = [
                index == 0 ? 0x90 : 0x80, 0x80, 0x80 | UInt8(truncatingIfNeeded: picture >> 8) & 0x7F,
                UInt8(truncatingIfNeeded: picture),
            ]
            return stream.packet(at: time, head + piece, marker: index == pieces.count - 1)
        }
    }

    @Test func aPictureWithAPartMissingIsNotWrittenAndThoseAfterItAre() throws {
        let recording = try SimulatedRecording()
        recording.add(1, leg: 1, .video)
        var stream = SimulatedStream(track: 1, codec: .vp8, ssrc: 2, delay: 5 * milli)
        var random = SystemRandomNumberGenerator()
        var frames: [[UInt8]] = []
        for index in 0..<60 {
            let tag: [UInt8] = index % 30 == 0 ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x60, 0x01, 0x20, 0x01] : [0x11, 0, 0]
            let frame =
                tag
                + (0..<Int.random(in: 2_500...8_000, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            frames.append(frame)
            var packets = packets(frame, picture: index, &stream, at: Int64(index) * 40 * milli)
            if index == 20 { packets.remove(at: 1) }
            if index == 40 { packets.removeAll() }
            if index == 50 { packets.removeLast() }
            // Those of one frame come in any order, but the first of all.
            if index > 0 { packets.shuffle(using: &random) }
            packets.forEach(recording.feed)
            try recording.drain(at: Int64(index) * 40 * milli + 10 * milli)
        }
        let result = try recording.finish()
        let kept = frames.indices.filter { ![20, 40, 50].contains($0) }
        #expect(result.blocks.map(\.data) == kept.map { frames[$0] })
        for (block, index) in zip(result.blocks, kept) {
            #expect(abs(block.timestampNanoseconds - Int64(index) * 40 * milli - 5 * milli) <= 2 * milli)
        }
        #expect(result.summary.tracks[0].framesDropped == 2)
        #expect(result.summary.tracks[0].packetsLost >= 4)
    }

    @Test func whatWaitsBehindAGapIsInTheFileThoughNothingMoreComes() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 2, delay: 0)
        for frame in 0..<50 {
            let packet = stream.packet(at: Int64(frame) * 20 * milli, opus(frame))
            if frame != 45 { recording.feed(packet) }
            try recording.drain(at: Int64(frame) * 20 * milli)
        }
        // The talker is silent from now on, and the daemon dies 0.8 s later.
        for step in 1...40 as ClosedRange<Int64> { try recording.drain(at: (980 + step * 20) * milli) }
        let copy = recording.folder.file("copy.mkv")
        try FileManager.default.copyItem(atPath: recording.path, toPath: copy)
        _ = try MatroskaRecovery.recover(path: copy)
        let reader = try MatroskaReader(path: copy)
        var numbers: [Int] = []
        while let block = try reader.nextBlock() { numbers.append(number(of: block)) }
        #expect(numbers == (0..<50).filter { $0 != 45 })
        #expect(try recording.finish().summary.tracks[0].soundLostMilliseconds == 20)
    }

    @Test(arguments: [MediaCodec.pcmu, .pcma, .g722])
    func soundKeptAsFLACDecodesToWhatWasSentAtItsTimes(codec: MediaCodec) throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: codec, ssrc: 2, delay: 0)
        var random = SystemRandomNumberGenerator()
        // Packets of 30 ms do not fit FLAC's blocks of 20.
        let octets = 240
        var expected: [Int64: [Int16]] = [:]
        var g722 = try G722Decoder()
        var run: (start: Int64, samples: [Int16])?
        for frame in 0..<100 {
            let time = Int64(frame) * 30 * milli
            let payload = (0..<octets).map { _ in UInt8.random(in: 0...255, using: &random) }
            let packet = stream.packet(at: time, payload)
            let isLost = frame == 13 || (40..<47).contains(frame)
            if isLost, let whole = run {
                expected[whole.start] = whole.samples
                run = nil
            }
            if !isLost {
                recording.feed(packet)
                var samples = [Int16](repeating: 0, count: octets * (codec == .g722 ? 2 : 1))
                payload.withUnsafeBytes { bytes in
                    samples.withUnsafeMutableBufferPointer { room in
                        switch codec {
                        case .pcmu: _ = G711.muLaw.decode(bytes, into: room)
                        case .pcma: _ = G711.aLaw.decode(bytes, into: room)
                        default: _ = try? g722.decode(bytes, into: room)
                        }
                    }
                }
                run = (run?.start ?? time, (run?.samples ?? []) + samples)
            }
            try recording.drain(at: time)
        }
        if let run { expected[run.start] = run.samples }
        let result = try recording.finish()
        let track = try #require(result.tracks.first)
        #expect(track.codec == .flac)
        let decoder = try track.codecPrivate.withUnsafeBytes { try FLACDecoder(codecPrivate: $0) }
        let rate = Int64(track.sampleRate)
        var got: [Int64: [Int16]] = [:]
        var end: Int64 = -1
        var start: Int64 = -1
        var room = [Int16](repeating: 0, count: 8_000)
        for block in result.blocks {
            let count = try room.withUnsafeMutableBufferPointer { room in
                try block.data.withUnsafeBytes { try decoder.decode($0, into: room) }
            }
            if start < 0 || block.timestampNanoseconds - end > 5 * milli { start = block.timestampNanoseconds }
            got[start, default: []] += room[..<count]
            end = block.timestampNanoseconds + Int64(count) * second / rate
        }
        #expect(got.keys.sorted() == expected.keys.sorted())
        #expect(got == expected)
        #expect(result.summary.tracks[0].soundLostMilliseconds == 8 * 30)
    }

    @Test func latePacketsOfAFormerSourceChangeNothing() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var first = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 0)
        var next = SimulatedStream(track: 0, codec: .opus, ssrc: 2, sequence: 7, firstTimestamp: 99, delay: 0)
        var late: (TapEntry, [UInt8])?
        for frame in 0..<100 {
            let time = Int64(frame) * 20 * milli
            if frame < 50 {
                let packet = first.packet(at: time, opus(frame))
                if frame == 48 { late = packet } else { recording.feed(packet) }
            } else {
                recording.feed(next.packet(at: time, opus(frame)))
            }
            if frame == 53, var late {
                late.0.arrivalNanoseconds += UInt64(100 * milli)
                recording.feed(late)
            }
            try recording.drain(at: time)
        }
        let result = try recording.finish()
        #expect(result.blocks.map(number(of:)) == (0..<100).filter { $0 != 48 })
        for block in result.blocks {
            #expect(abs(block.timestampNanoseconds - Int64(number(of: block)) * 20 * milli) <= milli)
        }
    }

    @Test func streamsThatNobodyToldOfAreCountedAndCostOthersNothing() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var known = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 0)
        var unknown = SimulatedStream(track: 9, codec: .opus, ssrc: 2, delay: 0)
        for frame in 0..<500 {
            let time = Int64(frame) * 20 * milli
            recording.feed(known.packet(at: time, opus(frame)))
            recording.feed(unknown.packet(at: time, opus(frame)))
            if frame == 400 { recording.add(9, leg: 2, .audio) }
            try recording.drain(at: time)
        }
        let result = try recording.finish()
        let summary = result.summary
        #expect(summary.tracks.map(\.packets) == [500, 100])
        #expect(summary.unclaimed == 400)
        #expect(summary.description.contains("400 of unknown streams"))
        #expect(result.blocks.count == 600)
    }

    @Test func anOverflowOfTheTapIsAGapAtItsTime() throws {
        let recording = try SimulatedRecording()
        recording.add(0, leg: 1, .audio)
        var stream = SimulatedStream(track: 0, codec: .opus, ssrc: 1, delay: 0)
        for frame in 0..<12_000 {
            let time = Int64(frame) * 5 * milli
            recording.feed(
                stream.packet(
                    at: time,
                    [0xE8, UInt8(frame >> 16), UInt8(frame >> 8 & 0xFF), UInt8(frame & 0xFF)]
                        + [UInt8](repeating: 1, count: 400)))
            // The recorder's thread hangs for fifteen seconds.
            if !(1_000..<4_000).contains(frame) { try recording.drain(at: time) }
        }
        let result = try recording.finish()
        #expect(result.summary.overflow > 500)
        #expect(result.summary.tracks[0].packets + result.summary.overflow == 12_000)
        #expect(result.summary.tracks[0].packetsLost == result.summary.overflow)
        let lost = result.summary.tracks[0].soundLostMilliseconds
        #expect(abs(lost - Int64(result.summary.overflow) * 5) <= 5)
        for block in result.blocks {
            let frame = Int64(block.data[1]) << 16 | Int64(block.data[2]) << 8 | Int64(block.data[3])
            #expect(abs(block.timestampNanoseconds - frame * 5 * milli) <= 2 * milli)
        }
    }
}
