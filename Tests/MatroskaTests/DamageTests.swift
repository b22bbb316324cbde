import Foundation
import Testing

@testable import Matroska

/// What a reader makes of bytes that nobody should have written.
@Suite struct DamageTests {
    @Test func damagedBytesNeverTrap() throws {
        let folder = try ScratchFolder()
        let path = folder.file("whole.mkv")
        _ = try writeSample(to: path, seconds: 1)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(state: 99)
        for round in 0..<1_500 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                // Mostly where structure is dense: the head and the tail.
                let place =
                    Bool.random(using: &random)
                    ? Int.random(in: 0..<1_200, using: &random) : Int.random(in: 0..<damaged.count, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
            }
            if round.isMultiple(of: 3) {
                damaged = Array(damaged.prefix(Int.random(in: 0...damaged.count, using: &random)))
            }
            let target = folder.file("damaged.mkv")
            try Data(damaged).write(to: URL(fileURLWithPath: target))
            if let reader = try? MatroskaReader(path: target) {
                var count = 0
                while count < 10_000, (try? reader.nextBlock()) ?? nil != nil { count += 1 }
            }
            _ = try? MatroskaRecovery.recover(path: target)
        }
    }

    @Test func randomBytesNeverTrap() throws {
        let folder = try ScratchFolder()
        let path = folder.file("random.mkv")
        var random = SeededGenerator(state: 7)
        // Real ids, so that some of it looks like structure.
        let ids: [UInt32] = [
            EBMLID.header, EBMLID.segment, EBMLID.cluster, EBMLID.info, EBMLID.tracks, EBMLID.trackEntry,
            EBMLID.simpleBlock,
            EBMLID.blockGroup, EBMLID.block, EBMLID.tags, EBMLID.tag, EBMLID.chapters, EBMLID.editionEntry,
            EBMLID.seekHead,
            EBMLID.seek, EBMLID.seekPosition, EBMLID.timestamp, EBMLID.timestampScale, EBMLID.duration, EBMLID.void,
        ]
        for _ in 0..<1_000 {
            var file = EBMLBuilder()
            file.master(EBMLID.header) { $0.string(EBMLID.docType, "webm") }
            file.id(EBMLID.segment)
            file.size(UInt64.random(in: 0...(1 << 55), using: &random), length: 8)
            for _ in 0..<40 {
                file.id(ids.randomElement(using: &random) ?? EBMLID.void)
                if Bool.random(using: &random) {
                    file.size(UInt64.random(in: 0...60, using: &random))
                } else {
                    file.raw((0..<8).map { _ in UInt8.random(in: 0...255, using: &random) })
                }
                file.raw(
                    (0..<Int.random(in: 0...30, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
            try Data(file.bytes).write(to: URL(fileURLWithPath: path))
            if let reader = try? MatroskaReader(path: path) {
                var count = 0
                while count < 10_000, (try? reader.nextBlock()) ?? nil != nil { count += 1 }
            }
            _ = try? MatroskaRecovery.recover(path: path)
        }
    }

    /// Of a file whose writer died, too: those behind the damage are not cut off.
    @Test func whatLiesBehindADamagedClusterIsRecovered() throws {
        let folder = try ScratchFolder()
        let path = folder.file("died.mkv")
        let blocks = try writeSample(to: path, seconds: 4, finish: false)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let places = try ClusterScan.clusters(of: path)
        try #require(places.count >= 8)
        func recovered(_ change: (inout [UInt8]) -> Void) throws -> (MatroskaRecovery.Outcome, [MatroskaBlock]) {
            var bytes = whole
            change(&bytes)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let outcome = try MatroskaRecovery.recover(path: path)
            #expect(try !MatroskaRecovery.recover(path: path).wasNeeded)
            let found = try allBlocks(of: path)
            #expect(try ClusterScan.clusters(of: path).count == outcome.clusters)
            return (outcome, found)
        }
        func left(without lost: Set<Int>) -> [MatroskaBlock] {
            blocks.filter { block in
                let index = places.lastIndex { $0.milliseconds <= block.timestampNanoseconds / 1_000_000 } ?? 0
                return !lost.contains(index)
            }
        }
        let (_, all) = try recovered { _ in }
        // One octet in the fourth; the whole body of two that follow each other gone; nothing but zeros, as a lost page is.
        let (one, first) = try recovered { $0[Int(places[3].offset) + 40] ^= 1 }
        #expect(one.damagedClusters == 1 && one.clusters == places.count - 1 && one.octetsCutOff == 0)
        #expect(first == left(without: [3]) && first.count < all.count)
        let (two, second) = try recovered { bytes in
            for place in places[3...4] {
                for index in Int(place.offset) + 12..<Int(place.offset + place.length) { bytes[index] = 0 }
            }
        }
        #expect(two.damagedClusters == 2 && second == left(without: [3, 4]))
        // The last one is torn: nothing whole is behind it, and it goes.
        let last = try #require(places.last)
        let (torn, third) = try recovered { $0[Int(last.offset) + 40] ^= 1 }
        #expect(torn.damagedClusters == 0 && torn.octetsCutOff == last.length)
        #expect(third == left(without: [places.count - 1]))
        // What a point sent may look like a cluster: behind one whose head is gone nothing is looked for.
        let (headless, fourth) = try recovered { $0[Int(places[3].offset)] = 0 }
        #expect(headless.damagedClusters == 0 && fourth == left(without: Set(3..<places.count)))
        // Stopped between the voids and the end, and done again.
        var half = whole
        half[Int(places[3].offset) + 40] ^= 1
        half.replaceSubrange(
            Int(places[3].offset)..<Int(places[3].offset) + 9,
            with: [0xEC, 0x01] + (0..<7).map { UInt8(truncatingIfNeeded: (places[3].length - 9) >> (48 - 8 * $0)) })
        try Data(half).write(to: URL(fileURLWithPath: path))
        #expect(try MatroskaRecovery.recover(path: path).clusters == places.count - 1)
        #expect(try allBlocks(of: path) == left(without: [3]))
    }

    @Test func aDamagedClusterCostsNoneOfTheOthers() throws {
        let folder = try ScratchFolder()
        let path = folder.file("a.mkv")
        let blocks = try writeSample(to: path, seconds: 4)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let starts = bytes.indices.dropLast(3).filter { bytes[$0..<$0 + 4].elementsEqual([0x1F, 0x43, 0xB6, 0x75]) }
        #expect(starts.count >= 8)
        // A block's head, in the fifth; the cluster's own head, in the sixth.
        for place in [starts[4] + 40, starts[5]] {
            var damaged = bytes
            for index in place..<place + 12 { damaged[index] = 0 }
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            let left = try allBlocks(of: path)
            #expect(left.count > blocks.count * 3 / 4)
            #expect(left.last == blocks.last)
        }
    }

    @Test func checksumsAreThoseOfISO3309() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([]) == 0)
        var random = SeededGenerator(state: 1)
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let bitwise = bytes.reduce(UInt32.max) { crc, byte in
                (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
            }
            #expect(CRC32.of(bytes) == ~bitwise)
            #expect(CRC32.of(([0] + bytes).dropFirst()) == ~bitwise)
        }
    }

    @Test func lacingIsUndoneInAllItsForms() {
        let frames: [[UInt8]] = [Array(repeating: 1, count: 300), [2, 2], Array(repeating: 3, count: 255), [4]]
        let all = frames.flatMap { $0 }
        let xiph: [UInt8] = [3, 255, 45, 2, 255, 0]
        // 300 in two octets, then the differences -298 and +253 with a bias of 8191.
        let ebml: [UInt8] = [3, 0x41, 0x2C, 0x5E, 0xD5, 0x60, 0xFC]
        #expect(Lacing.frames(in: (xiph + all)[...], flags: 0x02) == frames)
        #expect(Lacing.frames(in: (ebml + all)[...], flags: 0x06) == frames)
        #expect(Lacing.frames(in: ([1, 7, 7, 8, 8] as [UInt8])[...], flags: 0x04) == [[7, 7], [8, 8]])
        #expect(Lacing.frames(in: ([9, 9] as [UInt8])[...], flags: 0) == [[9, 9]])
        #expect(Lacing.frames(in: ([3, 255] as [UInt8])[...], flags: 0x02) == nil)
        #expect(Lacing.frames(in: ([1, 1, 2, 3] as [UInt8])[...], flags: 0x04) == nil)
    }

    @Test(.enabled(if: tool("ffmpeg") != nil, "ffmpeg is not installed"))
    func clustersOfUnknownSizeAsFfmpegStreamsThemAreRead() throws {
        let folder = try ScratchFolder()
        let made = try run(
            tool("ffmpeg")!,
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=3", "-f", "lavfi", "-i",
                "sine=duration=3:sample_rate=48000", "-c:v", "libvpx", "-c:a", "flac", "-f", "matroska", "-live", "1",
                folder.file("live.mkv"),
            ])
        try #require(made.status == 0, "\(made.output)")
        let reader = try MatroskaReader(path: folder.file("live.mkv"))
        #expect(reader.tracks.map(\.codec) == [.vp8, .flac])
        let blocks = try allBlocks(of: folder.file("live.mkv"))
        let video = blocks.filter { $0.track == reader.tracks[0].number }
        #expect(video.map { $0.timestampNanoseconds / 1_000_000 } == (0..<30).map { $0 * 100 })
        #expect(video.first?.isKeyframe == true)
        #expect(blocks.count { $0.track == reader.tracks[1].number } > 25)
    }
}
