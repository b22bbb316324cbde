import Foundation
import Matroska
import Testing

/// Streams that ffmpeg makes, and how they become RTP payloads.
enum EncodedMedia {
    static let canEncode: Bool = {
        guard let ffmpeg = tool("ffmpeg"), let encoders = try? run(ffmpeg, ["-v", "quiet", "-encoders"]) else {
            return false
        }
        return ["libvpx", "libx264", "libopus"].allSatisfy(encoders.output.contains)
    }()

    static func encode(_ arguments: [String], to path: String, seconds: Int = 8) throws -> (
        track: MatroskaTrack, blocks: [MatroskaBlock]
    ) {
        let made = try run(
            tool("ffmpeg")!, ["-v", "error", "-f", "lavfi", "-i"] + arguments + ["-t", String(seconds), path])
        try #require(made.status == 0, "\(made.output)")
        let reader = try MatroskaReader(path: path)
        var blocks: [MatroskaBlock] = []
        while let block = try reader.nextBlock() { blocks.append(block) }
        return (try #require(reader.tracks.first), blocks)
    }

    static func pieces(_ bytes: [UInt8], of size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    static func vp8Payloads(_ frame: [UInt8]) -> [[UInt8]] {
        pieces(frame, of: 1_100).enumerated().map { [$0 == 0 ? 0x10 : 0x00] + $1 }
    }

    /// NAL units behind their lengths in four octets.
    static func units(_ sample: [UInt8]) -> [[UInt8]] {
        var units: [[UInt8]] = []
        var rest = sample[...]
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            units.append(Array(rest.dropFirst(4).prefix(length)))
            rest = rest.dropFirst(4 + length)
        }
        return units
    }

    /// RFC 6184 §5.7.1, §5.8: small units as they are, large ones in fragments.
    static func h264Payloads(_ units: [[UInt8]]) -> [[UInt8]] {
        units.flatMap { unit -> [[UInt8]] in
            guard unit.count > 1_100 else { return [unit] }
            let parts = pieces(Array(unit.dropFirst()), of: 1_100)
            return parts.enumerated().map { index, part in
                let edge: UInt8 = index == 0 ? 0x80 : index == parts.count - 1 ? 0x40 : 0
                return [unit[0] & 0xE0 | 28, edge | unit[0] & 0x1F] + part
            }
        }
    }

    /// The parameter sets in an avcC box of one each.
    static func parameterSets(_ record: [UInt8]) -> [[UInt8]] {
        let first = Int(record[6]) << 8 | Int(record[7])
        let second = Int(record[9 + first]) << 8 | Int(record[10 + first])
        return [Array(record[8..<8 + first]), Array(record[(11 + first)..<(11 + first + second)])]
    }

    static func lengthPrefixed(_ units: [[UInt8]]) -> [UInt8] {
        units.flatMap { unit in
            (0..<4).map { UInt8(truncatingIfNeeded: unit.count >> (24 - 8 * $0)) } + unit
        }
    }
}
