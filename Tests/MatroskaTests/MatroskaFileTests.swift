import Foundation
import Testing

@testable import Matroska

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

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var mixed = state
        mixed ^= mixed >> 33
        mixed = mixed &* 0xff51_afd7_ed55_8ccd
        return mixed ^ mixed >> 33
    }
}

private let opus = MatroskaTrack(
    number: 1, uid: 11, codec: .opus, name: "Ủy ban nhân dân xã Phú Lộc", language: "vi",
    codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 312), codecDelayNanoseconds: 6_500_000,
    seekPreRollNanoseconds: 80_000_000, tags: ["POINT": "phu-loc", "KIND": "audio"])
private let video = MatroskaTrack(
    number: 300, uid: 12, codec: .vp8, name: "Sở Tài nguyên và Môi trường", width: 352, height: 288,
    tags: ["POINT": "so-tnmt"])

private func writeSample(
    to path: String, seconds: Int = 3, finish: Bool = true, chapters: [MatroskaChapter] = []
) throws -> [MatroskaBlock] {
    let writer = try MatroskaWriter(
        try FileSink(creating: path), info: MatroskaInfo(title: "Giao ban tháng 11", dateNanoseconds: 1_700_000_000_000_000_000),
        tracks: [opus], trackRegionSize: 4096)
    var random = SeededGenerator(state: 5)
    var blocks: [MatroskaBlock] = []
    for frame in 0..<seconds * 50 {
        // The second track comes half a second late.
        if frame == 25 { try writer.addTrack(video) }
        // An Opus frame of silence, so that decoders are content.
        var frames = [MatroskaBlock(track: 1, timestampNanoseconds: Int64(frame) * 20_000_000, isKeyframe: true, data: [0xF8, 0xFF, 0xFE])]
        if frame >= 25, frame.isMultiple(of: 2) {
            let data = (0..<Int.random(in: 1...3000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            frames.append(
                MatroskaBlock(
                    track: 300, timestampNanoseconds: Int64(frame) * 20_000_000, isKeyframe: (frame - 26).isMultiple(of: 50),
                    data: data))
        }
        for block in frames {
            try writer.write(block, durationNanoseconds: 20_000_000)
            blocks.append(block)
        }
    }
    if finish { try writer.finish(chapters: chapters) } else { try writer.flush() }
    return blocks
}

private func allBlocks(of path: String) throws -> [MatroskaBlock] {
    let reader = try MatroskaReader(path: path)
    var blocks: [MatroskaBlock] = []
    while let block = try reader.nextBlock() { blocks.append(block) }
    return blocks
}

private func tool(_ name: String) -> String? {
    ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
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

@Suite struct MatroskaFileTests {
    @Test func whatIsWrittenIsReadBack() throws {
        let folder = try ScratchFolder()
        let chapters = [
            MatroskaChapter(title: "00:00 Ông Nguyễn Văn Đức", startNanoseconds: 0, endNanoseconds: 1_000_000_000),
            MatroskaChapter(title: "00:01 Bà Trần Thị Hòa", startNanoseconds: 1_000_000_000, endNanoseconds: 3_000_000_000),
        ]
        let blocks = try writeSample(to: folder.file("a.mkv"), chapters: chapters)
        let reader = try MatroskaReader(path: folder.file("a.mkv"))
        #expect(reader.info.title == "Giao ban tháng 11")
        #expect(reader.info.dateNanoseconds == 1_700_000_000_000_000_000)
        #expect(reader.info.durationNanoseconds == 3_000_000_000)
        #expect(reader.tracks == [opus, video])
        #expect(reader.chapters == chapters)
        #expect(try allBlocks(of: folder.file("a.mkv")) == blocks)
    }

    @Test func aLiveFileIsReadableBeforeItIsFinished() throws {
        let folder = try ScratchFolder()
        let blocks = try writeSample(to: folder.file("a.mkv"), finish: false)
        let reader = try MatroskaReader(path: folder.file("a.mkv"))
        #expect(reader.tracks == [opus, video])
        #expect(reader.info.durationNanoseconds == nil)
        #expect(try allBlocks(of: folder.file("a.mkv")) == blocks)
    }

    @Test(.enabled(if: tool("ffprobe") != nil, "ffprobe is not installed"))
    func ffprobeReadsTheFileWithoutComplaint() throws {
        let folder = try ScratchFolder()
        let blocks = try writeSample(
            to: folder.file("a.mkv"),
            chapters: [MatroskaChapter(title: "Khai mạc", startNanoseconds: 0, endNanoseconds: 3_000_000_000)])
        let result = try run(
            tool("ffprobe")!,
            [
                "-v", "warning", "-show_entries", "format=duration:format_tags=title:stream=codec_name:chapter_tags=title",
                "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "flat", folder.file("a.mkv"),
            ])
        #expect(result.output.contains("codec_name=\"opus\""))
        #expect(result.output.contains("codec_name=\"vp8\""))
        #expect(result.output.contains("format.tags.title=\"Giao ban tháng 11\""))
        #expect(result.output.contains("Khai mạc"))
        #expect(result.output.contains("duration=\"3.0"))
        #expect(result.output.contains("nb_read_packets=\"\(blocks.count { $0.track == 1 })\""))
        #expect(result.output.contains("nb_read_packets=\"\(blocks.count { $0.track == 300 })\""))
        #expect(!result.output.contains("matroska,webm @"), "\(result.output)")
    }

    @Test(.enabled(if: tool("mkvinfo") != nil, "mkvtoolnix is not installed"))
    func mkvtoolnixReadsTheFileWithoutComplaint() throws {
        let folder = try ScratchFolder()
        _ = try writeSample(to: folder.file("a.mkv"))
        let info = try run(tool("mkvinfo")!, ["-v", "-v", folder.file("a.mkv")])
        #expect(info.status == 0)
        #expect(!info.output.lowercased().contains("error"), "\(info.output)")
        #expect(!info.output.lowercased().contains("warning"), "\(info.output)")
        let copy = try run(tool("mkvmerge")!, ["-o", folder.file("b.mkv"), "--no-video", folder.file("a.mkv")])
        #expect(copy.status == 0, "\(copy.output)")
        // And what mkvmerge wrote, with its own lacing and block groups, is read here.
        let sound = try allBlocks(of: folder.file("b.mkv"))
        #expect(sound.count == 150)
        #expect(sound.allSatisfy { $0.data == [0xF8, 0xFF, 0xFE] })
    }

    @Test func aFileCutOffAnywhereRecoversToItsLastWholeCluster() throws {
        let folder = try ScratchFolder()
        let whole = folder.file("whole.mkv")
        let blocks = try writeSample(to: whole, seconds: 1, finish: false)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        let headSize = 5_000
        var lengths = Array(stride(from: headSize, through: bytes.count, by: 997))
        lengths += [bytes.count - 1, bytes.count]
        var longest = 0
        for length in lengths {
            let path = folder.file("cut.mkv")
            try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
            let outcome = try MatroskaRecovery.recover(path: path)
            #expect(outcome.wasNeeded)
            let kept = try allBlocks(of: path)
            #expect(kept == Array(blocks.prefix(kept.count)))
            #expect(kept.count >= longest, "cut at \(length)")
            longest = max(longest, kept.count)
            let reader = try MatroskaReader(path: path)
            #expect(reader.info.durationNanoseconds == kept.last?.timestampNanoseconds ?? 0)
            let again = try MatroskaRecovery.recover(path: path)
            #expect(!again.wasNeeded)
            #expect(again.durationNanoseconds == outcome.durationNanoseconds)
        }
        #expect(longest == blocks.count)
    }

    @Test func damagedBytesNeverTrap() throws {
        let folder = try ScratchFolder()
        let path = folder.file("whole.mkv")
        _ = try writeSample(to: path, seconds: 1)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(state: 99)
        for round in 0..<1_500 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                // Mostly where structure is dense: the head and the tail.
                let place = Bool.random(using: &random)
                    ? Int.random(in: 0..<1_200, using: &random) : Int.random(in: 0..<damaged.count, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
            }
            if round.isMultiple(of: 3) { damaged = Array(damaged.prefix(Int.random(in: 0...damaged.count, using: &random))) }
            let target = folder.file("damaged.mkv")
            try Data(damaged).write(to: URL(fileURLWithPath: target))
            if let reader = try? MatroskaReader(path: target) {
                var count = 0
                while count < 10_000, (try? reader.nextBlock()) ?? nil != nil { count += 1 }
            }
            _ = try? MatroskaRecovery.recover(path: target)
        }
    }

    @Test func aFullDiskLeavesAFileThatPlays() throws {
        final class SmallDisk: MatroskaSink {
            let file: FileSink
            let limit: UInt64
            init(_ file: FileSink, limit: UInt64) {
                self.file = file
                self.limit = limit
            }
            var position: UInt64 { file.position }
            func append(_ bytes: [UInt8]) throws(MatroskaError) {
                guard position + UInt64(bytes.count) <= limit else { throw .noSpace(path: file.path) }
                try file.append(bytes)
            }
            func overwrite(_ bytes: [UInt8], at offset: UInt64) throws(MatroskaError) { try file.overwrite(bytes, at: offset) }
            func synchronize() throws(MatroskaError) { try file.synchronize() }
        }
        let folder = try ScratchFolder()
        let path = folder.file("full.mkv")
        let writer = try MatroskaWriter(
            SmallDisk(try FileSink(creating: path), limit: 60_000), info: MatroskaInfo(title: "x"), tracks: [video],
            trackRegionSize: 4096)
        var written = 0
        #expect(throws: MatroskaError.noSpace(path: path)) {
            for frame in 0..<500 {
                try writer.write(
                    MatroskaBlock(track: 300, timestampNanoseconds: Int64(frame) * 40_000_000, isKeyframe: true, data: [UInt8](repeating: 7, count: 1000)))
                written += 1
            }
        }
        let kept = try allBlocks(of: path)
        #expect(kept.count > 20)
        #expect(kept.count <= written)
    }

    @Test func aTrackRegionThatIsFullIsAnErrorAndNoDamage() throws {
        let folder = try ScratchFolder()
        let writer = try MatroskaWriter(
            try FileSink(creating: folder.file("a.mkv")), info: MatroskaInfo(), tracks: [opus], trackRegionSize: 1024)
        #expect(throws: MatroskaError.tooManyTracks) {
            for number in 2..<50 {
                var track = opus
                track.number = UInt64(number)
                track.uid = UInt64(number)
                try writer.addTrack(track)
            }
        }
        try writer.finish()
        #expect(try MatroskaReader(path: folder.file("a.mkv")).tracks.count == writer.tracks.count)
    }
}
