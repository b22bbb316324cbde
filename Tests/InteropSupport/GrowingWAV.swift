import Foundation

extension Sound {
    /// What a WAV (16 bits) holds so far that another program is still writing: its header need not say how long it is.
    /// - Parameter last: seconds at its end, where that is enough; no more than that is read.
    public init(growing path: String, last: Double? = nil) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw ToolFailure("\(path) cannot be read") }
        defer { try? file.close() }
        let head = [UInt8](try file.read(upToCount: 4_096) ?? Data())
        func number(_ offset: Int, _ count: Int) -> Int {
            guard offset + count <= head.count else { return 0 }
            return (0..<count).reduce(0) { $0 | Int(head[offset + $1]) << (8 * $1) }
        }
        var offset = 12
        var channels = 1
        var rate = 8_000
        while offset + 8 <= head.count {
            let name = String(decoding: head[offset..<offset + 4], as: UTF8.self)
            if name == "fmt " {
                channels = max(1, number(offset + 10, 2))
                rate = number(offset + 12, 4)
                guard number(offset + 22, 2) == 16 else { throw ToolFailure("\(path) has no samples of 16 bits") }
            }
            offset += 8
            if name == "data" { break }
            offset += number(offset - 4, 4)
        }
        let end = Int(try file.seekToEnd())
        guard offset < end else { throw ToolFailure("\(path) holds no sound yet") }
        let frames = (end - offset) / (2 * channels)
        let first = last.map { max(0, frames - Int($0 * Double(rate))) } ?? 0
        try file.seek(toOffset: UInt64(offset + 2 * channels * first))
        let bytes = [UInt8](try file.read(upToCount: (frames - first) * 2 * channels) ?? Data())
        let samples = (0..<bytes.count / (2 * channels)).map { frame -> Float in
            let sum = (0..<channels).reduce(0) {
                let at = 2 * (frame * channels + $1)
                return $0 + Int(Int16(truncatingIfNeeded: Int(bytes[at]) | Int(bytes[at + 1]) << 8))
            }
            return Float(sum) / Float(channels * 32_768)
        }
        self.init(sampleRate: Double(rate), samples: samples)
    }
}
