import Foundation
import Matroska
import Recorder

/// A master of four points, as the recorder writes them: VP8 of 640 × 360 at 25 pictures a second, Opus of 20 ms; each speaks for
/// ten seconds and then the next does.
struct SampleMaster {
    static let names = ["Xã Phú Lộc", "Sở Nội vụ", "Văn phòng UBND thành phố Huế", "Phường Thuận Hóa"]
    /// Faces are not at hand: patterns that move all the time, of unlike kinds.
    private static let pictures = [
        "testsrc2=size=640x360:rate=25", "mandelbrot=size=640x360:rate=25", "cellauto=size=640x360:rate=25:rule=110",
        "life=size=640x360:rate=25:mold=10:ratio=0.1",
    ]

    let seconds: Int

    /// When a point speaks, as an expression of ffmpeg's.
    static func speaks(_ point: Int) -> String { "between(mod(t,40),\(point * 10),\(point * 10 + 10))" }

    func write(to path: String) throws {
        var tracks: [MatroskaTrack] = []
        var blocks: [MatroskaBlock] = []
        for point in 0..<4 {
            let video = path + ".v\(point).mkv"
            let audio = path + ".a\(point).mkv"
            defer {
                unlink(video)
                unlink(audio)
            }
            try FFmpeg.run([
                "-f", "lavfi", "-i", Self.pictures[point], "-t", "\(seconds)", "-pix_fmt", "yuv420p", "-c:v", "libvpx",
                "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-b:v", "700k", "-g", "3000", video,
            ])
            let speaks = Self.speaks(point)
            try FFmpeg.run([
                "-f", "lavfi", "-i",
                "sine=frequency=\(220 * (point + 1)):sample_rate=48000,volume='if(\(speaks),0.8,0.001)':eval=frame",
                "-t",
                "\(seconds)", "-c:a", "libopus", "-b:a", "48k", "-ac", "1", audio,
            ])
            for (index, file) in [audio, video].enumerated() {
                let reader = try MatroskaReader(path: file)
                guard var track = reader.tracks.first else { throw FFmpeg.Failure(description: "\(file) is empty") }
                track.number = UInt64(point * 2 + index + 1)
                track.uid = track.number
                track.name = Self.names[point]
                track.tags = [RecordedTrack.Tag.point: "p\(point)", RecordedTrack.Tag.leg: "\(point)"]
                tracks.append(track)
                while var block = try reader.nextBlock() {
                    block.track = track.number
                    blocks.append(block)
                }
            }
        }
        let writer = try MatroskaWriter(
            try FileSink(creating: path), info: MatroskaInfo(title: "Giao ban"), tracks: tracks)
        for block in blocks.sorted(by: { ($0.timestampNanoseconds, $0.track) < ($1.timestampNanoseconds, $1.track) }) {
            try writer.write(block, durationNanoseconds: 20_000_000)
        }
        try writer.finish()
    }
}
