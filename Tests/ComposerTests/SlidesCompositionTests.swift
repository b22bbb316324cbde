import Codecs
import Foundation
import Matroska
import Recorder
import Testing

@testable import Composer

/// A master in which the first of two points presents from the fourth to the eighth second.
@Suite struct SlidesCompositionTests {
    private static let slideColor = YUVColor(y: 200, u: 90, v: 150)

    /// Plain slides, one each half second, as content that stands still comes.
    private func slides(track: UInt64) throws -> [MatroskaBlock] {
        var blocks: [MatroskaBlock] = []
        let picture = try I420Picture(width: 640, height: 360)
        picture.fill(picture.bounds, with: Self.slideColor)
        let encoder = try VPXEncoder(
            .vp8, VPXEncoderConfiguration(width: 640, height: 360, rate: .bitrate(600_000), keyframeInterval: 50))
        for time in stride(from: Int64(4_000), to: 8_000, by: 500) {
            try encoder.encode(
                picture.view, timestampMicroseconds: time * 1_000, durationMicroseconds: 500_000,
                forceKeyframe: time == 4_000
            ) {
                blocks.append(
                    MatroskaBlock(
                        track: track, timestampNanoseconds: time * 1_000_000, isKeyframe: $0.isKeyframe,
                        data: Array($0.bytes)))
            }
        }
        return blocks
    }

    private func writeMaster(_ path: String) throws {
        let points = [
            FlashingPoint(
                name: "Xã Phú Lộc", color: YUVColor(red: 150, green: 30, blue: 30), tone: 440, flashes: [],
                leavesAt: 14_000),
            FlashingPoint(
                name: "Sở Y tế", color: YUVColor(red: 30, green: 110, blue: 40), tone: 900, flashes: [],
                leavesAt: 14_000),
        ]
        var tracks: [MatroskaTrack] = []
        var blocks = try slides(track: 9)
        for (index, point) in points.enumerated() {
            let audio = UInt64(index * 2 + 1)
            let tags = [RecordedTrack.Tag.point: "point-\(index)", RecordedTrack.Tag.leg: "\(index)"]
            tracks.append(
                MatroskaTrack(
                    number: audio, codec: .opus, name: point.name,
                    codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 0), tags: tags))
            tracks.append(
                MatroskaTrack(number: audio + 1, codec: .vp8, name: point.name, width: 352, height: 288, tags: tags))
            blocks += try point.blocks(audio: audio, video: audio + 1)
        }
        tracks.append(
            MatroskaTrack(
                number: 9, codec: .vp8, name: "Xã Phú Lộc – trình chiếu", width: 640, height: 360,
                tags: [
                    RecordedTrack.Tag.point: "point-0", RecordedTrack.Tag.leg: "0", RecordedTrack.Tag.content: "slides",
                ]))
        let writer = try MatroskaWriter(
            try FileSink(creating: path), info: MatroskaInfo(title: "Trình chiếu"), tracks: tracks)
        for block in blocks.sorted(by: { ($0.timestampNanoseconds, $0.track) < ($1.timestampNanoseconds, $1.track) }) {
            try writer.write(block, durationNanoseconds: 20_000_000)
        }
        try writer.finish()
    }

    @Test(.enabled(if: tool("ffmpeg") != nil, "ffmpeg is not installed"))
    func whileSlidesComeTheyAreLargeAndTheGalleryIsBesideThem() throws {
        let folder = try ScratchFolder()
        try writeMaster(folder.file("master.mkv"))
        let result = try Composition.compose(
            master: folder.file("master.mkv"), output: folder.file("access.webm"),
            options: CompositionOptions(width: 640, height: 360, title: "Trình chiếu"))
        #expect(result.decoding.refused == 0)
        // What is presented is no point.
        #expect(result.points == ["Xã Phú Lộc", "Sở Y tế"])
        let width = 160
        let height = 90
        let pictures = [UInt8](
            try output(
                "ffmpeg",
                [
                    "-v", "error", "-i", folder.file("access.webm"), "-vf", "fps=10,scale=\(width):\(height)",
                    "-pix_fmt",
                    "gray", "-f", "rawvideo", "-",
                ]))
        let isLarge = (0..<pictures.count / (width * height)).map { frame in
            let picture = pictures[frame * width * height..<(frame + 1) * width * height]
            // Gray of full range, made of the slides' luma 200.
            return picture.count { $0 > 190 } > width * height * 45 / 100
        }
        #expect(isLarge.count >= 138)
        let first = try #require(isLarge.firstIndex(of: true))
        let last = try #require(isLarge.lastIndex(of: true))
        #expect((38...42).contains(first), "large from \(first) tenths of a second on")
        // The last slide is shown as long as it was there, and no longer.
        #expect((74...82).contains(last), "large until \(last) tenths of a second")
        #expect(isLarge[first...last].allSatisfy { $0 })
    }
}
