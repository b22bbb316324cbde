import Foundation
import Testing

@testable import Matroska

@Suite struct MatroskaFileTests {
    @Test func whatIsWrittenIsReadBack() throws {
        let folder = try ScratchFolder()
        let chapters = [
            MatroskaChapter(title: "00:00 Ông Nguyễn Văn Đức", startNanoseconds: 0, endNanoseconds: 1_000_000_000),
            MatroskaChapter(
                title: "00:01 Bà Trần Thị Hòa", startNanoseconds: 1_000_000_000, endNanoseconds: 3_000_000_000),
        ]
        let blocks = try writeSample(to: folder.file("a.mkv"), chapters: chapters)
        let reader = try MatroskaReader(path: folder.file("a.mkv"))
        #expect(reader.info.title == "Giao ban tháng 11")
        #expect(reader.info.dateNanoseconds == 1_700_000_000_000_000_000)
        #expect(reader.info.durationNanoseconds == 3_000_000_000)
        #expect(reader.tracks == [opusTrack, vp8Track])
        #expect(reader.chapters == chapters)
        #expect(try allBlocks(of: folder.file("a.mkv")) == blocks)
    }

    @Test func aLiveFileIsReadableBeforeItIsFinished() throws {
        let folder = try ScratchFolder()
        let blocks = try writeSample(to: folder.file("a.mkv"), finish: false)
        let reader = try MatroskaReader(path: folder.file("a.mkv"))
        #expect(reader.tracks == [opusTrack, vp8Track])
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
                "-v", "warning", "-show_entries",
                "format=duration:format_tags=title:stream=codec_name:chapter_tags=title",
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
            func overwrite(_ bytes: [UInt8], at offset: UInt64) throws(MatroskaError) {
                try file.overwrite(bytes, at: offset)
            }
            func synchronize() throws(MatroskaError) { try file.synchronize() }
        }
        let folder = try ScratchFolder()
        let path = folder.file("full.mkv")
        let writer = try MatroskaWriter(
            SmallDisk(try FileSink(creating: path), limit: 60_000), info: MatroskaInfo(title: "x"), tracks: [vp8Track],
            trackRegionSize: 4096)
        var written = 0
        #expect(throws: MatroskaError.noSpace(path: path)) {
            for frame in 0..<500 {
                try writer.write(
                    MatroskaBlock(
                        track: 300, timestampNanoseconds: Int64(frame) * 40_000_000, isKeyframe: true,
                        data: [UInt8](repeating: 7, count: 1000)))
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
            try FileSink(creating: folder.file("a.mkv")), info: MatroskaInfo(), tracks: [opusTrack],
            trackRegionSize: 1024)
        #expect(throws: MatroskaError.tooManyTracks) {
            for number in 2..<50 {
                var track = opusTrack
                track.number = UInt64(number)
                track.uid = UInt64(number)
                try writer.addTrack(track)
            }
        }
        try writer.finish()
        #expect(try MatroskaReader(path: folder.file("a.mkv")).tracks.count == writer.tracks.count)
    }
}
