import Foundation

/// Sounds and films that endpoints play, made once on this machine and kept in the build folder.
public enum TestMedia {
    /// A sine of 0.25 of full scale (-12 dBFS), mono, 48 kHz, ten minutes.
    public static func tone(_ frequency: Int, in folder: String) async throws -> String {
        let path = "\(folder)/tone-\(frequency).wav"
        try await make(path) { target in
            try await Tool.run(
                "sox",
                [
                    "-n", "-r", "48000", "-c", "1", "-b", "16", target, "synth", "600", "sine", "\(frequency)", "vol",
                    "0.25",
                ])
        }
        return path
    }

    /// Vietnamese speech: `text` read again and again for two minutes, at a pitch (0…99) of its own.
    public static func speech(_ name: String, _ text: String, pitch: Int, in folder: String) async throws -> String {
        let path = "\(folder)/speech-\(name).wav"
        try await make(path) { target in
            let once = target + ".once.wav"
            defer { try? FileManager.default.removeItem(atPath: once) }
            try await Tool.run("espeak-ng", ["-v", "vi", "-p", "\(pitch)", "-s", "150", "-w", once, text])
            try await Tool.run(
                "sox",
                [
                    once, "-r", "48000", "-c", "1", "-b", "16", target, "norm", "-6", "pad", "0", "0.4", "repeat", "40",
                    "trim",
                    "0", "120",
                ])
        }
        return path
    }

    /// A moving picture, CIF at 25 a second, 60 s; `source` is an ffmpeg lavfi source such as `testsrc` or `mandelbrot`.
    public static func film(_ name: String, source: String, in folder: String) async throws -> String {
        let path = "\(folder)/film-\(name).mp4"
        try await make(path) { target in
            try await Tool.run(
                "ffmpeg",
                [
                    "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, "-t", "60", "-r", "25", "-c:v", "libx264",
                    "-preset",
                    "veryfast", "-pix_fmt", "yuv420p", "-f", "mp4", target,
                ])
        }
        return path
    }

    private static func make(_ path: String, _ body: (String) async throws -> Void) async throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        // Made under another name of the same kind, so that a run that was cut off leaves no half file.
        let part = (path as NSString).deletingPathExtension + "-part." + (path as NSString).pathExtension
        try await body(part)
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: part, toPath: path)
    }
}
