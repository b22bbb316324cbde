import Foundation

/// A colour that films of tests have, as it is told apart after somebody's encoder.
public enum Colour: String, Sendable, CaseIterable {
    case red, green, blue, yellow, magenta
    /// Black, grey or white.
    case none

    public init(red: Double, green: Double, blue: Double) {
        let (least, most) = (min(red, green, blue), max(red, green, blue))
        guard most - least > 45 else {
            self = .none
            return
        }
        let middle = (least + most) / 2
        switch (red > middle, green > middle, blue > middle) {
        case (true, false, false): self = .red
        case (false, true, false): self = .green
        case (false, false, true): self = .blue
        case (true, true, false): self = .yellow
        case (true, false, true): self = .magenta
        default: self = .none
        }
    }
}

/// A picture made so small that what remains is where it has which colour.
public struct ColourMap: Sendable, CustomStringConvertible {
    public static let width = 96
    public static let height = 54
    /// Row by row, of each pixel red, green and blue.
    private let samples: [UInt8]

    public init(_ samples: [UInt8]) throws {
        guard samples.count == 3 * Self.width * Self.height else {
            throw ToolFailure("no picture: \(samples.count) octets")
        }
        self.samples = samples
    }

    /// Of a file that ffmpeg reads.
    public init(of path: String) async throws {
        let raw = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString).rgb")
        defer { try? FileManager.default.removeItem(at: raw) }
        try await Tool.run(
            "ffmpeg",
            [
                "-loglevel", "error", "-y", "-i", path, "-frames:v", "1", "-vf",
                "scale=\(Self.width):\(Self.height):flags=area,format=rgb24", "-f", "rawvideo", raw.path,
            ])
        try self.init([UInt8](try Data(contentsOf: raw)))
    }

    private func colour(_ column: Int, _ row: Int) -> Colour {
        let at = 3 * (row * Self.width + column)
        return Colour(red: Double(samples[at]), green: Double(samples[at + 1]), blue: Double(samples[at + 2]))
    }

    /// The colour that most of a part of it has; places and sizes are parts of the whole, 0…1.
    public func colour(aroundX x: Double, y: Double, width: Double, height: Double) -> Colour {
        let counts = counts(aroundX: x, y: y, width: width, height: height)
        return counts.max { $0.value < $1.value }?.key ?? .none
    }

    /// The colour that most of it has.
    public var main: Colour { colour(aroundX: 0.5, y: 0.5, width: 1, height: 1) }

    /// How much of a part of it is unlike its middle, 0…1: something is written there, be it on a band that is translucent.
    public func shareUnlikeMiddle(aroundX x: Double, y: Double, width: Double, height: Double) -> Double {
        func pixel(_ column: Int, _ row: Int) -> ArraySlice<UInt8> {
            samples[(3 * (row * Self.width + column))...].prefix(3)
        }
        let middle = pixel(Self.width / 2, Self.height / 2)
        var (unlike, all) = (0, 0)
        for row in Self.range(y, height, Self.height) {
            for column in Self.range(x, width, Self.width) {
                all += 1
                if zip(pixel(column, row), middle).contains(where: { abs(Int($0) - Int($1)) > 40 }) { unlike += 1 }
            }
        }
        return Double(unlike) / Double(max(1, all))
    }

    private static func range(_ middle: Double, _ size: Double, _ count: Int) -> Range<Int> {
        let first = min(max(0, Int((middle - size / 2) * Double(count))), count)
        return first..<min(max(first, Int((middle + size / 2) * Double(count))), count)
    }

    private func counts(aroundX x: Double, y: Double, width: Double, height: Double) -> [Colour: Int] {
        var counts: [Colour: Int] = [:]
        for row in Self.range(y, height, Self.height) {
            for column in Self.range(x, width, Self.width) { counts[colour(column, row), default: 0] += 1 }
        }
        return counts
    }

    /// A letter for each part of it, row by row.
    public var description: String {
        (0..<9).map { row in
            (0..<16).map { column in
                let found = colour(
                    aroundX: (Double(column) + 0.5) / 16, y: (Double(row) + 0.5) / 9, width: 1 / 16, height: 1 / 9)
                return found == .none ? "·" : String(found.rawValue.prefix(1))
            }.joined()
        }.joined(separator: "|")
    }

    /// The colours of a gallery's tiles, row by row: a grid of so many columns whose last row, where it is not full, stands in
    /// the middle.
    public func tiles(_ count: Int, columns: Int) -> [Colour] {
        let rows = (count + columns - 1) / columns
        return (0..<count).map { index in
            let (row, column) = (index / columns, index % columns)
            let inRow = row == rows - 1 ? count - row * columns : columns
            let size = 1 / Double(columns)
            let left = (1 - Double(inRow) * size) / 2
            return colour(
                aroundX: left + (Double(column) + 0.5) * size, y: (Double(row) + 0.5) / Double(rows), width: size * 0.4,
                height: 0.4 / Double(rows))
        }
    }
}
