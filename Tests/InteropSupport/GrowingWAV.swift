import Foundation

extension Sound {
    /// What a WAV (16 bits) holds so far that another program is still writing: its header need not say how long it is.
    /// - Parameter last: seconds at its end, where that is enough.
    public init(growing path: String, last: Double? = nil) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func number(_ offset: Int, _ count: Int) -> Int {
            guard offset + count <= bytes.count else { return 0 }
            return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        var offset = 12
        var channels = 1
        var rate = 8_000
        while offset + 8 <= bytes.count {
            let name = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
            if name == "fmt " {
                channels = max(1, number(offset + 10, 2))
                rate = number(offset + 12, 4)
                guard number(offset + 22, 2) == 16 else { throw ToolFailure("\(path) has no samples of 16 bits") }
            }
            offset += 8
            if name == "data" { break }
            offset += number(offset - 4, 4)
        }
        guard offset < bytes.count else { throw ToolFailure("\(path) holds no sound yet") }
        let frames = (bytes.count - offset) / (2 * channels)
        let first = last.map { max(0, frames - Int($0 * Double(rate))) } ?? 0
        let samples = (first..<frames).map { frame -> Float in
            let sum = (0..<channels).reduce(0) {
                $0 + Int(Int16(truncatingIfNeeded: number(offset + 2 * (frame * channels + $1), 2)))
            }
            return Float(sum) / Float(channels * 32_768)
        }
        self.init(sampleRate: Double(rate), samples: samples)
    }
}
