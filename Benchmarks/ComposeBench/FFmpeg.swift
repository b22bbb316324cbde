import Foundation

/// The same film by ffmpeg: four tiles (`xstack`), the sum of the sounds (`amix`), libvpx and libopus set as our composer sets
/// them: VP9 at constant quality 32 with a ceiling of two bits a pixel and second, deadline realtime, speed 8, no look-ahead, a
/// keyframe each five seconds; Opus at 64 kbit/s, complexity 8.
enum FFmpeg {
    static let width = 1280
    static let height = 720
    static let frameRate = 25

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static func compose(_ master: String, to output: String, _ threads: Int) throws {
        let tiles = (0..<4).map { "[0:v:\($0)]fps=\(frameRate),scale=\(width / 2):\(height / 2)[v\($0)]" }
        let sounds = (0..<4).map { "[0:a:\($0)]" }.joined()
        let filter =
            tiles.joined(separator: ";")
            + ";[v0][v1][v2][v3]xstack=inputs=4:layout=0_0|w0_0|0_h0|w0_h0[v];\(sounds)amix=inputs=4:normalize=0[a]"
        try run([
            "-i", master, "-filter_complex", filter, "-map", "[v]", "-map", "[a]", "-c:v", "libvpx-vp9", "-deadline",
            "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-crf", "32", "-b:v", "\(width * height * 2)", "-g",
            "\(5 * frameRate)", "-row-mt", threads > 1 ? "1" : "0", "-tile-columns", threads > 3 ? "2" : "1",
            "-threads", "\(threads)", "-c:a", "libopus", "-b:a", "64k", "-ac", "1", "-application", "audio",
            "-compression_level", "8", output,
        ])
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
