import Codecs
import Foundation
import Layout

/// The same film by ffmpeg: the sum of the sounds (`amix`), libvpx and libopus set as our composer sets them: VP9 at constant quality
/// 32 with a ceiling of two bits a pixel and second, deadline realtime, speed 8, no look-ahead, a keyframe each five seconds; Opus at
/// 64 kbit/s, complexity 8.
enum FFmpeg {
    static let width = 1280
    static let height = 720
    static let frameRate = 25

    /// How its pictures are laid out.
    enum Look: String, CaseIterable {
        /// As ours: tiles of the same size at the same places, names on a band, a border around who speaks.
        case same
        /// Tiles without a margin, which takes no scaling, and nothing drawn on them: less than is asked for.
        case bare
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static func compose(_ master: String, to output: String, _ threads: Int, _ look: Look) throws {
        let sounds = (0..<4).map { "[0:a:\($0)]" }.joined()
        let filter = pictures(look) + ";\(sounds)amix=inputs=4:normalize=0[a]"
        try run([
            "-filter_threads", "\(threads)", "-filter_complex_threads", "\(threads)", "-threads", "\(threads)", "-i",
            master, "-filter_complex", filter, "-map", "[v]", "-map", "[a]", "-c:v", "libvpx-vp9", "-deadline",
            "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-crf", "32", "-b:v", "\(width * height * 2)", "-g",
            "\(5 * frameRate)", "-row-mt", threads > 1 ? "1" : "0", "-tile-columns",
            threads > 3 ? "2" : threads > 1 ? "1" : "0",
            "-threads", "\(threads)", "-c:a", "libopus", "-b:a", "64k", "-ac", "1", "-application", "audio",
            "-compression_level", "8", output,
        ])
    }

    private static func pictures(_ look: Look) -> String {
        let stack = "[v0][v1][v2][v3]xstack=inputs=4"
        switch look {
        case .bare:
            return (0..<4).map { "[0:v:\($0)]fps=\(frameRate),scale=\(width / 2):\(height / 2)[v\($0)];" }.joined()
                + "\(stack):layout=0_0|w0_0|0_h0|w0_h0[v]"
        case .same:
            let canvas = PictureRectangle(x: 0, y: 0, width: width, height: height)
            let places = TileArrangement.grid.places(of: 4, hasContent: false, on: canvas).tiles
            let tiles = zip(places, SampleMaster.names).enumerated().map { index, tile in
                let (place, name) = tile
                let picture = PictureRectangle(x: 0, y: 0, width: place.width, height: place.height)
                    .fitting(width: 640, height: 360)
                let speaks = SampleMaster.speaks(index)
                return "[0:v:\(index)]fps=\(frameRate),scale=\(picture.width):\(picture.height):flags=bilinear,"
                    + "pad=\(place.width):\(place.height):\(picture.x):\(picture.y):color=0x2c3442,"
                    + "drawtext=text='\(name)':font='Noto Sans':fontsize=\(place.height / 14):fontcolor=white:"
                    + "box=1:boxcolor=black@0.65:boxborderw=6:x=14:y=h-th-14,"
                    + "drawbox=thickness=6:color=0xffc400:enable='\(speaks)'[v\(index)];"
            }
            let layout = places.map { "\($0.x)_\($0.y)" }.joined(separator: "|")
            return tiles.joined()
                + "\(stack):layout=\(layout):fill=0x12161e,pad=\(width):\(height):0:0:color=0x12161e[v]"
        }
    }

    static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "ffmpeg ended with \(process.terminationStatus)")
        }
    }
}
