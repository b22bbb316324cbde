import Codecs
import Foundation
import Matroska
import Recorder
import Testing

@testable import Composer

/// A folder that goes away with its owner.
final class ScratchFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func file(_ name: String) -> String { path + "/" + name }
}

func tool(_ name: String) -> String? {
    ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

func output(_ program: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool(program)!)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
}

/// A point whose picture flashes white and whose sound beeps at the same instants.
struct FlashingPoint {
    var name: String
    var color: YUVColor
    var tone: Double
    /// Instants in milliseconds; each lasts 200 ms.
    var flashes: [Int64]
    var joinsAt: Int64 = 0
    var leavesAt: Int64

    func blocks(audio: UInt64, video: UInt64) throws -> [MatroskaBlock] {
        var blocks: [MatroskaBlock] = []
        let picture = try I420Picture(width: 352, height: 288)
        let encoder = try VPXEncoder(
            .vp8, VPXEncoderConfiguration(width: 352, height: 288, rate: .bitrate(600_000), keyframeInterval: 50))
        var opus = try OpusEncoder(channels: 1, application: .audio, bitrate: 64_000)
        let isOn = { (time: Int64) in flashes.contains { (0..<200).contains(time - $0) } }
        for time in stride(from: joinsAt, to: leavesAt, by: 20) {
            let samples = (0..<960).map { index -> Int16 in
                guard isOn(time) else { return 0 }
                return Int16(9_000 * sin(2 * .pi * tone * (Double(time) * 48 + Double(index)) / 48_000))
            }
            var bytes = [UInt8](repeating: 0, count: 1_500)
            let length = try samples.withUnsafeBufferPointer { input in
                try bytes.withUnsafeMutableBytes { try opus.encode(input, into: $0) }
            }
            blocks.append(
                MatroskaBlock(
                    track: audio, timestampNanoseconds: time * 1_000_000, isKeyframe: true,
                    data: Array(bytes[..<length])))
            guard time % 40 == 0 else { continue }
            picture.fill(picture.bounds, with: isOn(time) ? YUVColor(y: 235, u: 128, v: 128) : color)
            try encoder.encode(
                picture.view, timestampMicroseconds: time * 1_000, durationMicroseconds: 40_000,
                forceKeyframe: time == joinsAt
            ) {
                blocks.append(
                    MatroskaBlock(
                        track: video, timestampNanoseconds: time * 1_000_000, isKeyframe: $0.isKeyframe,
                        data: Array($0.bytes)))
            }
        }
        return blocks
    }
}

let flashingPoints = [
    FlashingPoint(
        name: "Ủy ban nhân dân xã Phú Lộc", color: YUVColor(red: 150, green: 30, blue: 30), tone: 440,
        flashes: [1_000, 1_400, 1_800, 2_200, 2_600, 3_000, 11_000], leavesAt: 12_000),
    FlashingPoint(
        name: "Sở Tài nguyên và Môi trường", color: YUVColor(red: 30, green: 110, blue: 40), tone: 900,
        flashes: [5_000, 5_400, 5_800, 6_200, 6_600, 7_000], joinsAt: 2_000, leavesAt: 12_000),
    FlashingPoint(
        name: "Văn phòng Ủy ban nhân dân thành phố Huế", color: YUVColor(red: 40, green: 50, blue: 140), tone: 1_500,
        flashes: [8_000, 8_400, 8_800, 9_200, 9_600], leavesAt: 12_000),
]

func writeMaster(_ path: String) throws {
    var tracks: [MatroskaTrack] = []
    var blocks: [MatroskaBlock] = []
    for (index, point) in flashingPoints.enumerated() {
        let audio = UInt64(index * 2 + 1)
        let video = audio + 1
        let tags = [RecordedTrack.Tag.point: "point-\(index)", RecordedTrack.Tag.leg: "\(index)"]
        tracks.append(
            MatroskaTrack(
                number: audio, codec: .opus, name: point.name,
                codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 0),
                tags: tags))
        tracks.append(MatroskaTrack(number: video, codec: .vp8, name: point.name, width: 352, height: 288, tags: tags))
        blocks += try point.blocks(audio: audio, video: video)
    }
    let writer = try MatroskaWriter(try FileSink(creating: path), info: MatroskaInfo(title: "Giao ban"), tracks: tracks)
    for block in blocks.sorted(by: { ($0.timestampNanoseconds, $0.track) < ($1.timestampNanoseconds, $1.track) }) {
        try writer.write(block, durationNanoseconds: 20_000_000)
    }
    try writer.finish()
}

private struct Copy: Sendable {
    var folder: ScratchFolder
    var result: CompositionResult
}

@Suite(.serialized) struct CompositionTests {
    /// The access copy of the flashing points, made once.
    private static let copy = Result<Copy, any Error> {
        let folder = try ScratchFolder()
        try writeMaster(folder.file("master.mkv"))
        let result = try Composition.compose(
            master: folder.file("master.mkv"), output: folder.file("access.webm"),
            options: CompositionOptions(width: 960, height: 540, title: "Giao ban", companions: folder.file("film")))
        return Copy(folder: folder, result: result)
    }

    @Test func itHoldsEveryPointAndAChapterForEachTurn() throws {
        let copy = try Self.copy.get()
        let (folder, result) = (copy.folder, copy.result)
        #expect(result.decoding.refused == 0)
        #expect(Set(result.points) == Set(flashingPoints.map(\.name)))
        #expect(abs(result.durationMilliseconds - 12_000) <= 100)
        let reader = try MatroskaReader(path: folder.file("access.webm"))
        #expect(reader.info.documentType == .webm)
        #expect(reader.tracks.map(\.codec) == [.vp9, .opus])
        #expect(reader.chapters.map(\.title) == flashingPoints.map(\.name))
        for (chapter, start) in zip(reader.chapters, [1_000, 5_000, 8_000]) {
            let off = abs(Int64(chapter.startNanoseconds / 1_000_000) - Int64(start))
            #expect(off <= 300, "\(chapter.title) begins \(off) ms off")
        }
    }

    @Test(.enabled(if: tool("ffprobe") != nil, "ffmpeg is not installed"))
    func ffprobeReadsItWithoutComplaint() throws {
        let folder = try Self.copy.get().folder
        let text = String(
            decoding: try output(
                "ffprobe",
                ["-v", "warning", "-show_streams", "-show_format", "-show_chapters", folder.file("access.webm")]),
            as: UTF8.self)
        #expect(text.contains("codec_name=vp9"))
        #expect(text.contains("codec_name=opus"))
        #expect(text.contains("width=960"))
        #expect(text.contains("TAG:title=Văn phòng Ủy ban nhân dân thành phố Huế"))
    }

    @Test(.enabled(if: tool("ffmpeg") != nil, "ffmpeg is not installed"))
    func theSoundAloneIsTheFilms() throws {
        let folder = try Self.copy.get().folder
        func packets(_ name: String) throws -> [Substring] {
            let arguments = [
                "-v", "error", "-i", folder.file(name), "-map", "0:a", "-c", "copy", "-f", "framemd5", "-",
            ]
            return String(decoding: try output("ffmpeg", arguments), as: UTF8.self).split(separator: "\n")
                .filter { !$0.hasPrefix("#") }.compactMap {
                    // What follows the hash are properties that containers give a packet.
                    $0.split(separator: ",").dropFirst(5).first
                }
        }
        let alone = try packets("film/audio.opus")
        #expect(alone.count > 500)
        #expect(alone == (try packets("access.webm")))
        let title = try output(
            "ffprobe", ["-v", "error", "-show_entries", "stream_tags=title", folder.file("film/audio.opus")])
        #expect(String(decoding: title, as: UTF8.self).contains("Giao ban"))
    }

    @Test(.enabled(if: tool("ffmpeg") != nil, "ffmpeg is not installed"))
    func smallPicturesStandWhereTheTrackSays() throws {
        let folder = try Self.copy.get().folder
        let track = try String(contentsOfFile: folder.file("film/thumbnails.vtt"), encoding: .utf8)
        let cues = track.components(separatedBy: "\n\n").dropFirst()
        #expect(track.hasPrefix("WEBVTT\n") && cues.count == 6, "\(track)")
        for (index, cue) in cues.enumerated() {
            #expect(cue.hasPrefix("00:00:\(index < 5 ? "0" : "")\(index * 2).000 --> "), "\(cue)")
            #expect(cue.contains("thumbnails/sheet-0001.webp#xywh=\(index * 160),0,160,90"))
            // As the film has it at that time, as far as two codecs agree.
            func picture(_ name: String, _ arguments: [String], _ filter: String) throws -> [UInt8] {
                [UInt8](
                    try output(
                        "ffmpeg",
                        arguments + [
                            "-v", "error", "-i", folder.file(name), "-frames:v", "1", "-vf", filter, "-pix_fmt", "gray",
                            "-f", "rawvideo", "-",
                        ]))
            }
            let small = try picture("film/thumbnails/sheet-0001.webp", [], "crop=160:90:\(index * 160):0,scale=32:18")
            let film = try picture("access.webm", ["-ss", "\(index * 2)"], "scale=32:18")
            try #require(small.count == 576 && film.count == 576)
            let difference = zip(small, film).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) } / 576
            #expect(difference < 12, "of \(index): \(difference)")
        }
        let poster = try output(
            "ffprobe", ["-v", "error", "-show_entries", "stream=width,height", folder.file("film/poster.webp")])
        #expect(String(decoding: poster, as: UTF8.self).contains("width=960\nheight=540"))
    }

    @Test func theWaveFormIsLoudWhereSomebodySpeaks() throws {
        struct Form: Decodable {
            var version: Int
            var sample_rate: Int
            var samples_per_pixel: Int
            var length: Int
            var data: [Int]
        }
        let folder = try Self.copy.get().folder
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("film/waveform.json")))
        let form = try JSONDecoder().decode(Form.self, from: data)
        #expect(form.version == 2 && form.sample_rate == 48_000 && form.samples_per_pixel == 4_800)
        #expect((119...122).contains(form.length) && form.data.count == 2 * form.length)
        // The first point begins to speak after a second.
        #expect(form.data[..<16].allSatisfy { abs($0) <= 4 })
        #expect(form.data[24...].contains { $0 > 20 } && form.data[24...].contains { $0 < -20 })
    }

    @Test(.enabled(if: tool("ffmpeg") != nil, "ffmpeg is not installed"))
    func soundAndPictureAreTogetherAtStartAndEnd() throws {
        let folder = try Self.copy.get().folder
        // The first point's tile: brightness at every picture, from which its first and its last flash show.
        let width = 96
        let height = 54
        let pictures = [UInt8](
            try output(
                "ffmpeg",
                [
                    "-v", "error", "-i", folder.file("access.webm"), "-vf", "fps=100,scale=\(width):\(height)",
                    "-pix_fmt", "gray",
                    "-f", "rawvideo", "-",
                ]))
        let sound = try output(
            "ffmpeg", ["-v", "error", "-i", folder.file("access.webm"), "-ac", "1", "-ar", "48000", "-f", "s16le", "-"])
        let samples = sound.withUnsafeBytes { raw in
            (0..<raw.count / 2).map { abs(Int32(raw.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self))) }
        }
        let frames = pictures.count / (width * height)
        let bright = (0..<frames).map { frame in
            pictures[(frame * width * height)..<((frame + 1) * width * height)].reduce(0) { $0 + Int($1) }
                / (width * height)
        }
        for flash in [1_000, 5_000, 11_000] {
            let window = (flash / 10 - 30)..<min(frames - 1, flash / 10 + 30)
            let rises = window.map { bright[$0 + 1] - bright[$0] }
            let steepest = rises.indices.max { rises[$0] < rises[$1] } ?? 0
            let pictureTime = (window.lowerBound + steepest + 1) * 10
            let first = (flash - 300) * 48
            let last = min(samples.count, (flash + 300) * 48)
            let onset = try #require(samples[first..<last].firstIndex { $0 > 1_500 })
            let soundTime = onset / 48
            #expect(
                abs(pictureTime - soundTime) <= 40, "flash at \(flash) is seen at \(pictureTime), heard at \(soundTime)"
            )
            #expect(abs(soundTime - flash) <= 40)
        }
    }

    @Test func whatNoDecoderReadsIsCountedAndTheRestComposed() throws {
        let folder = try ScratchFolder()
        let path = folder.file("master.mkv")
        let writer = try MatroskaWriter(
            try FileSink(creating: path), info: MatroskaInfo(),
            tracks: [
                MatroskaTrack(
                    number: 1, codec: .opus, name: "A", codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 0)),
                MatroskaTrack(number: 2, codec: .vp8, name: "A", width: 64, height: 64),
                MatroskaTrack(number: 3, codec: .flac, name: "B", codecPrivate: [1, 2, 3]),
                MatroskaTrack(number: 4, codec: .h264, name: "C", codecPrivate: [9]),
            ])
        var random = SystemRandomNumberGenerator()
        for frame in 0..<200 {
            let junk = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            try writer.write(
                MatroskaBlock(
                    track: UInt64(frame % 4 + 1), timestampNanoseconds: Int64(frame) * 10_000_000, isKeyframe: true,
                    data: junk))
        }
        try writer.finish()
        let result = try Composition.compose(
            master: path, output: folder.file("access.webm"), options: CompositionOptions(width: 320, height: 180))
        #expect(result.decoding.refused > 20)
        let tracks = result.decoding.tracks
        #expect(tracks.map(\.track) == [1, 2, 3, 4] && tracks.map(\.blocks) == [50, 50, 50, 50])
        // A track without a decoder is refused whole, which is one stretch.
        #expect(tracks[2].refused == 50 && tracks[2].kind == "audio" && tracks[2].name == "B")
        #expect(tracks[2].stretches == [.init(kind: .refused, from: 20, to: 1_980, blocks: 50)])
        // What the decoder of the sound makes up depends on what of it still waits to be heard, and so not all is equal.
        let alone = try MasterCheck.run(master: path).tracks
        #expect(alone.map(\.refused) == tracks.map(\.refused) && alone.map(\.blocks) == tracks.map(\.blocks))
        #expect(abs(result.durationMilliseconds - 2_000) <= 100)
    }

    @Test func decodingAloneFindsWhatComposingDoes() throws {
        let copy = try Self.copy.get()
        var steps: [Double] = []
        let found = try MasterCheck.run(master: copy.folder.file("master.mkv")) { steps.append($0.fraction) }
        #expect(found == copy.result.decoding)
        #expect(found.refused == 0 && found.tracks.count == flashingPoints.count * 2)
        #expect(found.tracks[0].blocks == 600 && found.tracks[1].blocks == 300 && found.tracks[1].kind == "video")
        #expect(steps.last == 1 && zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(throws: CompositionError.self) { try MasterCheck.run(master: "/nowhere/x.mkv") }
    }

    @Test func stretchesAreBoundedAndCloseOnesAreOne() {
        var track = TrackDecoding(track: 1, point: "a", name: "A", kind: "video", codec: "V_VP8")
        for second in 0..<300 {
            for part in 0..<3 { track.note(.refused, at: Int64(second) * 10_000_000_000 + Int64(part) * 900_000_000) }
        }
        #expect(track.refused == 900 && track.stretches.count == TrackDecoding.mostStretches)
        #expect(track.stretches[1] == .init(kind: .refused, from: 10_000, to: 11_800, blocks: 3))
        // A block of each stretch that was not begun.
        #expect(track.stretches.reduce(0) { $0 + $1.blocks } + track.stretchesNotListed == 900)
    }

    @Test func aFileThatIsNoMasterIsAClearError() throws {
        let folder = try ScratchFolder()
        try Data("no film".utf8).write(to: URL(fileURLWithPath: folder.file("x.mkv")))
        #expect(throws: CompositionError.self) {
            try Composition.compose(
                master: folder.file("x.mkv"), output: folder.file("y.webm"), options: CompositionOptions())
        }
    }
}
