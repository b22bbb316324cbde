import Foundation
import Testing

@testable import Matroska

/// A folder that goes away with its owner.
final class ScratchFolder {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func file(_ name: String) -> String { path + "/" + name }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var mixed = state
        mixed ^= mixed >> 33
        mixed = mixed &* 0xff51_afd7_ed55_8ccd
        return mixed ^ mixed >> 33
    }
}

let opusTrack = MatroskaTrack(
    number: 1, uid: 11, codec: .opus, name: "Ủy ban nhân dân xã Phú Lộc", language: "vi",
    codecPrivate: MatroskaTrack.opusHead(channels: 1, preSkip: 312), codecDelayNanoseconds: 6_500_000,
    seekPreRollNanoseconds: 80_000_000, tags: ["POINT": "phu-loc", "KIND": "audio"])
let vp8Track = MatroskaTrack(
    number: 300, uid: 12, codec: .vp8, name: "Sở Tài nguyên và Môi trường", width: 352, height: 288,
    tags: ["POINT": "so-tnmt"])

func writeSample(
    to path: String, seconds: Int = 3, finish: Bool = true, chapters: [MatroskaChapter] = []
) throws -> [MatroskaBlock] {
    let writer = try MatroskaWriter(
        try FileSink(creating: path),
        info: MatroskaInfo(title: "Giao ban tháng 11", dateNanoseconds: 1_700_000_000_000_000_000),
        tracks: [opusTrack], trackRegionSize: 4096)
    var random = SeededGenerator(state: 5)
    var blocks: [MatroskaBlock] = []
    for frame in 0..<seconds * 50 {
        // The second track comes half a second late.
        if frame == 25 { try writer.addTrack(vp8Track) }
        // An Opus frame of silence, so that decoders are content.
        var frames = [
            MatroskaBlock(
                track: 1, timestampNanoseconds: Int64(frame) * 20_000_000, isKeyframe: true, data: [0xF8, 0xFF, 0xFE])
        ]
        if frame >= 25, frame.isMultiple(of: 2) {
            let data = (0..<Int.random(in: 1...3000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            frames.append(
                MatroskaBlock(
                    track: 300, timestampNanoseconds: Int64(frame) * 20_000_000,
                    isKeyframe: (frame - 26).isMultiple(of: 50),
                    data: data))
        }
        for block in frames {
            try writer.write(block, durationNanoseconds: 20_000_000)
            blocks.append(block)
        }
    }
    if finish { try writer.finish(chapters: chapters) } else { try writer.flush() }
    return blocks
}

func allBlocks(of path: String) throws -> [MatroskaBlock] {
    let reader = try MatroskaReader(path: path)
    var blocks: [MatroskaBlock] = []
    while let block = try reader.nextBlock() { blocks.append(block) }
    return blocks
}

func tool(_ name: String) -> String? {
    ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}
