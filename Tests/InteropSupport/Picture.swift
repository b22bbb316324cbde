import Foundation

/// A picture made so small that what remains is which film it is from.
public struct Picture: Sendable {
    private static let width = 32
    private static let height = 24
    /// Lightness with mean 0 and length 1, so that a decoder's idea of black and white changes nothing.
    private let samples: [Float]

    private init(lightness: ArraySlice<UInt8>) {
        let mean = Float(lightness.reduce(0) { $0 + Int($1) }) / Float(max(1, lightness.count))
        let centred = lightness.map { Float($0) - mean }
        let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
        samples = centred.map { $0 / max(length, 1) }
    }

    /// Pictures of whatever ffmpeg reads, so many a second; a still in PNG gives one. `crop` is ffmpeg's.
    public static func all(
        in path: String, track: Int = 0, perSecond: Int = 8, crop: String = "iw:ih:0:0"
    ) async throws -> [Picture] {
        let raw = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString).gray")
        defer { try? FileManager.default.removeItem(at: raw) }
        let rate = path.hasSuffix(".png") ? "" : "fps=\(perSecond),"
        try await Tool.run(
            "ffmpeg",
            [
                "-loglevel", "error", "-y", "-i", path, "-map", "0:v:\(track)", "-vf",
                "\(rate)crop=\(crop),scale=\(width):\(height):flags=area,format=gray", "-f", "rawvideo", raw.path,
            ])
        let bytes = [UInt8](try Data(contentsOf: raw))
        let size = width * height
        return stride(from: 0, through: bytes.count - size, by: size).map { Picture(lightness: bytes[$0..<$0 + size]) }
    }

    /// 1 for the same picture, near 0 for one that has nothing to do with it.
    public func likeness(to other: Picture) -> Double {
        var sum: Float = 0
        for index in 0..<min(samples.count, other.samples.count) { sum += samples[index] * other.samples[index] }
        return Double(sum)
    }

    /// How like it is to the picture of a film that it is most like.
    public func likeness(to film: [Picture]) -> Double { film.map { likeness(to: $0) }.max() ?? 0 }
}
