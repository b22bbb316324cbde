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

    /// The two tones of a key (ITU-T Q.23) for a fifth of a second between silence, -12 dBFS, mono, 48 kHz.
    public static func keyTone(_ key: Character, in folder: String) async throws -> String {
        let path = "\(folder)/key-\(key == "*" ? "star" : key == "#" ? "hash" : String(key)).wav"
        guard let (low, high) = keyFrequencies(key) else { throw ToolFailure("no such key: \(key)") }
        try await make(path) { target in
            try await Tool.run(
                "sox",
                [
                    "-n", "-r", "48000", "-c", "1", "-b", "16", target, "synth", "0.2", "sine", "\(low)", "sine",
                    "\(high)", "remix", "1v0.125,2v0.125", "pad", "0.3", "2",
                ])
        }
        return path
    }

    /// Hz of both tones of a key.
    public static func keyFrequencies(_ key: Character) -> (low: Double, high: Double)? {
        let rows = ["123A", "456B", "789C", "*0#D"]
        guard let row = rows.firstIndex(where: { $0.contains(key) }), let column = Array(rows[row]).firstIndex(of: key)
        else { return nil }
        return ([697, 770, 852, 941][row], [1_209, 1_336, 1_477, 1_633][column])
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

    /// A moving picture, CIF at 25 a second, 60 s where nothing else is said; `source` is an ffmpeg lavfi source such as `testsrc` or `mandelbrot`.
    public static func film(
        _ name: String, source: String, seconds: Int = 60, in folder: String
    ) async throws -> String {
        let path = "\(folder)/film-\(name).mp4"
        try await make(path) { target in
            try await Tool.run(
                "ffmpeg",
                [
                    "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, "-t", "\(seconds)", "-r", "25", "-c:v",
                    "libx264",
                    "-preset",
                    "veryfast", "-pix_fmt", "yuv420p", "-f", "mp4", target,
                ])
        }
        return path
    }

    /// Twenty seconds of VP8 and Opus, as a point sends them, with a keyframe each second; both sources are ffmpeg's.
    public static func clip(_ name: String, picture: String, sound: String, in folder: String) async throws -> String {
        let path = "\(folder)/\(name).webm"
        try await make(path) { target in
            try await Tool.run(
                "ffmpeg",
                [
                    "-loglevel", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", "20",
                    "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "300k", "-g", "25", "-c:a", "libopus", "-b:a",
                    "32k", "-f", "webm", target,
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
