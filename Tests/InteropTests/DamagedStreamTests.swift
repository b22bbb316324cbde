import Foundation
import InteropSupport
import Matroska
import Testing

/// A point whose encoder is broken for a second: its packets are good RTP and authenticate, and what is in them no decoder takes.
@Suite(.serialized, .enabled(if: Tool.areInstalled("ffmpeg"), "ffmpeg is missing"))
struct DamagedStreamTests {
    private static let damaged: Range<Int64> = 2_000_000_000..<3_000_000_000
    private static let packetsOfSevenSeconds = 350

    /// A clip of which pictures between keyframes say in the second second that their first partition is longer than they are
    /// (RFC 6386 §9.1).
    private static func film(in folder: String) async throws -> (path: String, damagedPictures: Int) {
        let clip = try await TestMedia.clip(
            "sound-film", picture: "testsrc2=size=320x180:rate=25", sound: "sine=frequency=500:sample_rate=48000",
            in: folder)
        let reader = try MatroskaReader(path: clip)
        let path = folder + "/damaged.webm"
        var info = MatroskaInfo(documentType: .webm)
        info.durationNanoseconds = reader.info.durationNanoseconds
        let writer = try MatroskaWriter(try FileSink(creating: path), info: info, tracks: reader.tracks)
        let pictures = Set(reader.tracks.filter(\.codec.isVideo).map(\.number))
        var count = 0
        while var block = try reader.nextBlock() {
            if pictures.contains(block.track), !block.isKeyframe, damaged.contains(block.timestampNanoseconds),
                block.data.count > 3
            {
                block.data[1] = 0xFF
                block.data[2] = 0xFF
                count += 1
            }
            try writer.write(block, durationNanoseconds: 20_000_000)
        }
        try writer.finish()
        return (path, count)
    }

    private struct Decoding: Decodable {
        struct Stretch: Decodable {
            var kind: String
            var from: Int64
            var to: Int64
            var blocks: Int
        }
        struct Track: Decodable {
            var point: String
            var kind: String
            var blocks: Int
            var refused: Int
            var stretches: [Stretch]
        }
        var tracks: [Track]
    }

    private struct Report: Decodable {
        struct Refusals: Decodable {
            var refused: Int
            var firstRefusedMilliseconds: Int64?
        }
        struct Stream: Decodable {
            var kind: String
            var decoding: Refusals?
        }
        struct Point: Decodable {
            var point: String
            var streams: [Stream]
        }
        var recorded: [Point]
    }

    @Test func whatNoDecoderTakesIsFoundBeforeTheSealAndTheReportSaysWhereItIs() async throws {
        let points = [RunningDaemon.Point("hong", "Điểm cầu hỏng"), RunningDaemon.Point("lanh", "Điểm cầu lành")]
        try await TestSite.with({ $0.points = points }) { site in
            let (film, damagedPictures) = try await Self.film(in: site.folder)
            try #require(damagedPictures > 10)
            let broken = try FilmPoint(film, to: site.daemon, as: points[0])
            _ = try await site.daemon.waitForMedia(of: 1, packets: 10)
            let sound = try FilmPoint(
                site.folder + "/sound-film.webm", to: site.daemon, as: points[1])
            let meeting = try await site.daemon.waitForMedia(of: 2, packets: 10)
            try await eventually("the damage to be over", within: .seconds(60)) {
                broken.packets.withLock { $0.sound } > Self.packetsOfSevenSeconds
            }
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)
            withExtendedLifetime(sound) {}
            let package = try #require(try await site.daemon.waitUntilSealed(meeting.id).directory)

            // Where it is in the master, found without a decoder.
            let reader = try MatroskaReader(path: package + "/data/master.mkv")
            let pictures = Set(reader.tracks.filter(\.codec.isVideo).map(\.number))
            var times: [Int64] = []
            while let block = try reader.nextBlock() {
                if pictures.contains(block.track), block.data.count > 3, block.data[1] == 0xFF, block.data[2] == 0xFF {
                    times.append(block.timestampNanoseconds / 1_000_000)
                }
            }
            let first = try #require(times.min())
            #expect(times.count == damagedPictures)

            let data = try #require(FileManager.default.contents(atPath: package + "/data/reports/decoding.json"))
            let decoding = try JSONDecoder().decode(Decoding.self, from: data)
            let track = try #require(decoding.tracks.first { $0.point == "hong" && $0.kind == "video" })
            #expect(track.refused == damagedPictures && track.blocks > 100)
            let stretch = try #require(track.stretches.first { $0.kind == "refused" })
            #expect(stretch.from == first && stretch.to == times.max() && stretch.blocks == damagedPictures)
            #expect(decoding.tracks.filter { $0.point != "hong" || $0.kind != "video" }.allSatisfy { $0.refused == 0 })

            let reported = try JSONDecoder().decode(
                Report.self,
                from: try #require(FileManager.default.contents(atPath: package + "/data/reports/report.json")))
            let stream = try #require(
                reported.recorded.first { $0.point == "hong" }?.streams.first { $0.kind == "video" })
            #expect(stream.decoding?.refused == damagedPictures)
            #expect(stream.decoding?.firstRefusedMilliseconds == first)
            let notes = try await site.daemon.causeway(["recordings", "show", meeting.id]).output
            #expect(notes.contains("parts of the master cannot be decoded: Điểm cầu hỏng (video)"), "\(notes)")
            // It is evidence all the same, and there is a film of it.
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting.id]).status == 0)
            #expect(FileManager.default.fileExists(atPath: package + "/data/access.webm"))
        }
    }
}
