import Foundation
import Matroska
import RTP
import Testing

@testable import Recorder

/// The file of packets beside a master.
@Suite struct PacketChunkTests {
    private static func head(_ random: inout SplitMix) -> PacketHead {
        PacketHead(
            stream: .random(in: 0...3, using: &random),
            codec: MediaCodec.allCases.randomElement(using: &random) ?? .opus,
            ssrc: .random(in: 0...2, using: &random), sequence: .random(in: 0...UInt16.max, using: &random),
            timestamp: .random(in: 0...UInt32.max, using: &random), marker: .random(using: &random),
            arrival: .random(in: 0...UInt64(Int64.max), using: &random))
    }

    private static func octets(_ most: Int, _ random: inout SplitMix) -> [UInt8] {
        (0..<Int.random(in: 0...most, using: &random)).map { _ in .random(in: 0...255, using: &random) }
    }

    private static func chunk(_ random: inout SplitMix) -> PacketChunk {
        var chunk = PacketChunk(cluster: nil, written: .random(in: 0...Int64.max, using: &random))
        if Bool.random(using: &random) {
            chunk.cluster = .init(offset: .random(in: 0...UInt64.max, using: &random), length: 1 << 33)
        }
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            chunk.blocks.append(
                (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    BlockPacket(
                        head: head(&random), prefix: octets(8, &random),
                        offset: .random(in: 0...100_000, using: &random),
                        count: .random(in: 0...1_500, using: &random))
                })
        }
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            let stream = UInt16.random(in: 0...UInt16.max, using: &random)
            let arrival = UInt64.random(in: 0...UInt64.max, using: &random)
            switch Int.random(in: 0...4, using: &random) {
            case 0:
                chunk.notes.append(
                    .stream(
                        RecordedTrack(
                            index: stream, leg: 7, pointID: "xã-phú-lộc", displayName: "Xã Phú Lộc",
                            unit: Bool.random(using: &random) ? "UBND huyện" : nil, kind: .slides,
                            parameterSets: [octets(20, &random), octets(9, &random)])))
            case 1: chunk.notes.append(.packet(head(&random), payload: octets(1_500, &random)))
            case 2:
                chunk.notes.append(
                    .senderReport(
                        stream: stream, arrival: arrival, rtp: .random(in: 0...UInt32.max, using: &random),
                        ntp: .random(in: 0...UInt64.max, using: &random)))
            case 3: chunk.notes.append(.end(stream: stream, arrival: arrival))
            default: chunk.notes.append(.overflow(from: arrival, to: arrival &+ 9))
            }
        }
        return chunk
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var random = SplitMix(1)
        for _ in 0..<300 {
            let chunk = Self.chunk(&random)
            #expect(PacketChunk(parsing: chunk.body) == chunk)
        }
    }

    @Test func noOctetsTrap() throws {
        var random = SplitMix(2)
        for _ in 0..<2_000 {
            var body = Self.chunk(&random).body
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                body[Int.random(in: 0..<body.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = PacketChunk(parsing: Array(body.prefix(Int.random(in: 0...body.count, using: &random))))
        }
    }

    @Test func aTornOrDamagedFileIsReadAsFarAsItHolds() throws {
        var random = SplitMix(3)
        let folder = try ScratchFolder()
        let path = folder.file("master.packets")
        let chunks = (0..<20).map { _ in Self.chunk(&random) }
        do {
            let file = try PacketFile(creating: path, meeting: "m1", startNanoseconds: 5)
            chunks.forEach(file.append)
        }
        func read() throws -> [PacketChunk] {
            let reader = try PacketFileReader(path: path)
            #expect(reader.meeting == "m1" && reader.startNanoseconds == 5)
            var found: [PacketChunk] = []
            while let chunk = try reader.next() { found.append(chunk) }
            return found
        }
        #expect(try read() == chunks)
        var whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let last = try #require(chunks.last).body.count
        try whole.prefix(whole.count - last / 2 - 1).write(to: URL(fileURLWithPath: path))
        #expect(try read() == Array(chunks.dropLast()))
        // A changed octet costs its chunk.
        whole[whole.count - last - 20] ^= 0x10
        try whole.write(to: URL(fileURLWithPath: path))
        #expect(try read() == Array(chunks.dropLast(2)) + chunks.suffix(1))
        try Data("causeway-packets/1 m1\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: MatroskaError.self) { try PacketFileReader(path: path) }
    }
}
