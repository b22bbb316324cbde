import Foundation
import InteropSupport

/// Looks into the recording: whether what each point said and showed is there, by decoding it with somebody else's tools.
struct Checks {
    private(set) var failures: [String] = []

    mutating func expect(_ condition: Bool, _ text: String) {
        if condition {
            Screen.passed(text)
        } else {
            Screen.failed(text)
            failures.append(text)
        }
    }

    /// How alike the loudness of two sounds runs, at the best shift: 1 for the same speech, near 0 for another.
    static func likeness(_ recorded: Sound, _ source: Sound) -> Double {
        let short = envelope(recorded)
        let long = envelope(source)
        guard short.count > 100, long.count > short.count else { return 0 }
        // What the endpoint played began some time before what was recorded of it; the source repeats.
        return stride(from: 0, to: min(long.count - short.count, 1_500), by: 1).map { shift in
            correlation(short, Array(long[shift..<shift + short.count]))
        }.max() ?? 0
    }

    /// RMS of each 20 ms.
    private static func envelope(_ sound: Sound) -> [Double] {
        let step = Int(sound.sampleRate / 50)
        return stride(from: 0, to: sound.samples.count - step, by: step).map { start in
            sound.samples[start..<start + step].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let meanA = a.reduce(0, +) / Double(a.count)
        let meanB = b.reduce(0, +) / Double(b.count)
        var ab = 0.0
        var aa = 0.0
        var bb = 0.0
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 0
    }
}

/// Small pictures of a film, a few a second, in RGB.
struct Stills {
    static let width = 32
    static let height = 18
    let frames: [[UInt8]]

    /// `filter` may crop first.
    init(_ path: String, track: Int = 0, filter: String = "") async throws {
        let raw = FileManager.default.temporaryDirectory.appendingPathComponent("stills-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: raw) }
        try await Tool.run(
            "ffmpeg",
            [
                "-v", "error", "-y", "-i", path, "-map", "0:v:\(track)", "-vf",
                (filter.isEmpty ? "" : filter + ",") + "fps=4,scale=\(Self.width):\(Self.height)", "-pix_fmt", "rgb24",
                "-f", "rawvideo",
                raw.path,
            ])
        let size = Self.width * Self.height * 3
        let bytes = [UInt8](try Data(contentsOf: raw))
        frames = stride(from: 0, to: bytes.count - size + 1, by: size).map { Array(bytes[$0..<$0 + size]) }
    }

    /// Mean change from picture to picture, 0…255.
    var movement: Double {
        guard frames.count > 1 else { return 0 }
        let changes = zip(frames, frames.dropFirst()).map(Self.difference)
        return changes.reduce(0, +) / Double(changes.count)
    }

    /// How far the last picture is from the nearest of another film.
    func distance(to other: Stills) -> Double {
        guard let last = frames.last else { return 255 }
        return other.frames.map { Self.difference(last, $0) }.min() ?? 255
    }

    private static func difference(_ a: [UInt8], _ b: [UInt8]) -> Double {
        var sum = 0
        for (x, y) in zip(a, b) { sum += abs(Int(x) - Int(y)) }
        return Double(sum) / Double(max(a.count, 1))
    }
}
