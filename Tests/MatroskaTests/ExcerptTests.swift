import Foundation
import Testing

@testable import Matroska

@Suite struct ExcerptTests {
    /// A master: sound and a keyframe each second, of a point that left after 4 s and came back at 8 s, and of another.
    private func master(_ path: String, seconds: Int = 12) throws {
        func picture(_ number: UInt64, _ point: String, _ codec: MatroskaCodec = .vp8) -> MatroskaTrack {
            MatroskaTrack(number: number, codec: codec, width: 320, height: 180, tags: ["POINT": point])
        }
        func sound(_ number: UInt64, _ point: String) -> MatroskaTrack {
            MatroskaTrack(
                number: number, codec: .opus, codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 312),
                tags: ["POINT": point])
        }
        let writer = try MatroskaWriter(
            try FileSink(creating: path), info: MatroskaInfo(),
            tracks: [
                picture(1, "a"), sound(2, "a"), picture(3, "b"), sound(4, "b"), picture(5, "a"), sound(6, "a"),
                picture(7, "a", .vp9),
            ], trackRegionSize: 8192)
        for frame in 0..<seconds * 50 {
            let time = Int64(frame) * 20_000_000
            let (own, isThere) = frame < 200 ? (UInt64(0), true) : (4, frame >= 400)
            for point: UInt64 in [0, 2] where point == 2 || isThere {
                let base = point == 2 ? 3 : 1 + own
                if frame.isMultiple(of: 2) {
                    let number = base == 5 && frame >= 500 ? 7 : base
                    try writer.write(
                        MatroskaBlock(
                            track: number, timestampNanoseconds: time, isKeyframe: frame.isMultiple(of: 50),
                            data: [UInt8(number), UInt8(frame / 50)] + Array(repeating: 1, count: 300)))
                }
                try writer.write(
                    MatroskaBlock(
                        track: base + 1, timestampNanoseconds: time, isKeyframe: true, data: [0xF8, UInt8(base)]),
                    durationNanoseconds: 20_000_000)
            }
        }
        try writer.finish()
    }

    private func excerpt(
        _ folder: ScratchFolder, from: Double, to: Double? = nil, of point: String = "a"
    ) throws -> (file: MatroskaReader, blocks: [MatroskaBlock], largest: Int) {
        let made = try MatroskaExcerpt(
            path: folder.file("m.mkv"), from: Int64(from * 1e9), to: to.map { Int64($0 * 1e9) } ?? .max
        ) { $0.tags["POINT"] == point }
        var bytes: [UInt8] = []
        var largest = 0
        while let piece = try made.next() {
            bytes += piece
            largest = max(largest, piece.count)
        }
        let path = folder.file(UUID().uuidString)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return (try MatroskaReader(path: path), try allBlocks(of: path), largest)
    }

    @Test func onlyOnePointsStreamsAreInItAndTheyBeginAtZero() throws {
        let folder = try ScratchFolder()
        try master(folder.file("m.mkv"))
        let (file, blocks, largest) = try excerpt(folder, from: 2.5, to: 3.5)
        #expect(file.info.documentType == .webm && file.tracks.map(\.codec) == [.vp8, .opus])
        #expect(blocks.allSatisfy { $0.track == 1 ? $0.data[0] == 1 : $0.data == [0xF8, 1] })
        let pictures = blocks.filter { $0.track == 1 }
        // From the keyframe at 2 s on, those before 2.5 s at once.
        #expect(pictures.first?.isKeyframe == true && pictures.first?.data[1] == 2)
        #expect(pictures.filter { $0.timestampNanoseconds == 0 }.count == 13)
        #expect(pictures.last?.timestampNanoseconds == 980_000_000)
        #expect(blocks.filter { $0.track == 2 }.count == 50)
        #expect(largest < 64 << 10)
    }

    @Test func soundIsWithoutHolesWhereThePointWasAway() throws {
        let folder = try ScratchFolder()
        try master(folder.file("m.mkv"))
        let (_, blocks, _) = try excerpt(folder, from: 3, to: 9)
        let sound = blocks.filter { $0.track == 2 }
        #expect(sound.count == 300)
        for (number, block) in sound.enumerated() {
            #expect(block.timestampNanoseconds == Int64(number) * 20_000_000)
            #expect(block.data == (number < 50 ? [0xF8, 1] : number < 250 ? [0xF8, 0xFF, 0xFE] : [0xF8, 5]))
        }
        // The picture comes back with a keyframe of the second sitting.
        let back = blocks.first { $0.track == 1 && $0.timestampNanoseconds > 1_000_000_000 }
        #expect(back?.timestampNanoseconds == 5_000_000_000 && back?.isKeyframe == true && back?.data[0] == 5)
    }

    @Test func itEndsWhereAnotherFormatTakesOverAndTheNextBeginsThere() throws {
        let folder = try ScratchFolder()
        try master(folder.file("m.mkv"))
        let (_, blocks, _) = try excerpt(folder, from: 9)
        #expect(blocks.last.map { $0.timestampNanoseconds < 1_000_000_000 } == true)
        let (next, rest, _) = try excerpt(folder, from: 10)
        #expect(next.tracks.first?.codec == .vp9)
        #expect(rest.contains { $0.track == 1 && $0.data[0] == 7 })
    }

    @Test func aFileWithoutIndexGivesTheSame() throws {
        let folder = try ScratchFolder()
        _ = try writeSample(to: folder.file("m.mkv"), seconds: 4, finish: false)
        let made = try MatroskaExcerpt(path: folder.file("m.mkv"), from: 2_000_000_000)
        var bytes: [UInt8] = []
        while let piece = try made.next() { bytes += piece }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("e.webm")))
        let blocks = try allBlocks(of: folder.file("e.webm"))
        #expect(blocks.filter { $0.track == 2 }.count == 100)
        #expect(blocks.first { $0.track == 1 }?.isKeyframe == true)
    }

    @Test func whatIsNotThereIsAnError() throws {
        let folder = try ScratchFolder()
        try master(folder.file("m.mkv"))
        #expect(throws: MatroskaError.unknownTrack(0)) { try excerpt(folder, from: 0, of: "nobody") }
        let (_, blocks, _) = try excerpt(folder, from: 5_000)
        #expect(blocks.isEmpty)
    }

    @Test(.enabled(if: tool("ffmpeg") != nil)) func silenceInFLACIsDecoded() throws {
        let folder = try ScratchFolder()
        let silence = try #require(
            SilentSound(for: MatroskaTrack(number: 1, codec: .flac, sampleRate: 16_000, bitDepth: 16)))
        #expect(silence.duration(of: silence.packet) == SilentSound.nanoseconds)
        // A stream of its own: marker, STREAMINFO (RFC 9639 §8.2), frames.
        var info: [UInt8] = [0x01, 0x40, 0x01, 0x40, 0, 0, 0, 0, 0, 0]
        info += [0x03, 0xE8, 0x00, 0xF0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        let stream =
            Array("fLaC".utf8) + [0x80, 0, 0, 34] + info + Array(repeatElement(silence.packet, count: 5)).joined()
        try Data(stream).write(to: URL(fileURLWithPath: folder.file("s.flac")))
        let out = try run(
            tool("ffmpeg")!, ["-v", "error", "-i", folder.file("s.flac"), "-f", "s16le", "-y", folder.file("s.raw")])
        #expect(out.status == 0 && out.output.isEmpty, "\(out.output)")
        let samples = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.raw")))
        #expect(samples.count == 5 * 320 * 2 && samples.allSatisfy { $0 == 0 })
    }
}
