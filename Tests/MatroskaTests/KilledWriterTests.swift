import Foundation
import Testing

@testable import Matroska

/// A disk that keeps what was written on it, call by call.
private final class Journal: MatroskaSink {
    struct Write {
        var offset: Int
        var bytes: [UInt8]
        var isAppend: Bool
    }
    private(set) var writes: [Write] = []
    private(set) var position: UInt64 = 0

    func append(_ bytes: [UInt8]) throws(MatroskaError) {
        writes.append(Write(offset: Int(position), bytes: bytes, isAppend: true))
        position += UInt64(bytes.count)
    }
    func overwrite(_ bytes: [UInt8], at offset: UInt64) throws(MatroskaError) {
        writes.append(Write(offset: Int(offset), bytes: bytes, isAppend: false))
    }
    func synchronize() throws(MatroskaError) {}
}

extension [UInt8] {
    fileprivate mutating func apply(_ bytes: some Collection<UInt8>, at offset: Int) {
        if offset + bytes.count > count { append(contentsOf: repeatElement(0, count: offset + bytes.count - count)) }
        replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}

@Suite struct KilledWriterTests {
    private static let pageSize = 4096

    /// A writer that declares and renames tracks while it writes; what it did to the disk.
    private func journal() throws -> (Journal, blocks: [MatroskaBlock], names: [UInt64: Set<String>]) {
        let journal = Journal()
        let writer = try MatroskaWriter(
            journal, info: MatroskaInfo(title: "Giao ban tuần 47", tags: ["MEETING": "m1"]), trackRegionSize: 24 << 10,
            clusterNanoseconds: 100_000_000)
        var random = SeededGenerator(state: 3)
        var blocks: [MatroskaBlock] = []
        var names: [UInt64: Set<String>] = [:]
        for number in 1...24 as ClosedRange<UInt64> {
            var track = number.isMultiple(of: 2) ? vp8Track : opusTrack
            track.number = number
            track.uid = number
            track.name = "Ủy ban nhân dân xã số \(number)"
            try writer.addTrack(track)
            names[number] = [track.name]
            if number.isMultiple(of: 5) {
                track.name += ", đổi tên thành một tên dài hơn"
                track.tags["UNIT"] = "Sở Nội vụ"
                try writer.updateTrack(track)
                names[number]?.insert(track.name)
            }
            for step in 0..<8 as Range<Int64> {
                let size = Int.random(in: 1...900, using: &random)
                let block = MatroskaBlock(
                    track: number, timestampNanoseconds: (Int64(number) * 8 + step) * 20_000_000, isKeyframe: step == 0,
                    data: (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) })
                try writer.write(block)
                blocks.append(block)
            }
        }
        try writer.finish(chapters: [MatroskaChapter(title: "Khai mạc", startNanoseconds: 0, endNanoseconds: 1)])
        return (journal, blocks, names)
    }

    /// Lengths of a write of which the rest may never have reached the file: the kernel stops between pages, so a write
    /// within one happens or does not.
    private func cuts(of write: Journal.Write, _ random: inout SeededGenerator) -> [Int] {
        let firstPage = write.offset / Self.pageSize
        let lastPage = (write.offset + write.bytes.count - 1) / Self.pageSize
        guard write.isAppend || firstPage != lastPage || write.bytes.count > 160 else { return [0] }
        var cuts =
            [0, 1, write.bytes.count - 1] + (0..<6).map { _ in Int.random(in: 0..<write.bytes.count, using: &random) }
        if firstPage < lastPage { cuts += (firstPage + 1...lastPage).map { $0 * Self.pageSize - write.offset } }
        return cuts.filter { (0..<write.bytes.count).contains($0) }
    }

    @Test func aWriterKilledInAnyWriteLeavesAFileThatRecovers() throws {
        let (journal, blocks, names) = try journal()
        let folder = try ScratchFolder()
        let path = folder.file("torn.mkv")
        var random = SeededGenerator(state: 17)
        var disk = journal.writes[0].bytes
        var kept = 0
        var images = 0
        for write in journal.writes.dropFirst() {
            for cut in cuts(of: write, &random) {
                var image = disk
                image.apply(write.bytes.prefix(cut), at: write.offset)
                try Data(image).write(to: URL(fileURLWithPath: path))
                let outcome = try MatroskaRecovery.recover(path: path)
                images += 1
                let reader = try MatroskaReader(path: path)
                var count = 0
                while let block = try reader.nextBlock() {
                    guard block == blocks[count] else { break }
                    count += 1
                }
                let place = "write of \(write.bytes.count) at \(write.offset), cut at \(cut)"
                #expect(count >= kept, "\(place): of \(kept) blocks \(count) are left")
                let last = count == 0 ? 0 : Int64(blocks[count - 1].track)
                #expect(reader.tracks.count >= last, "\(place)")
                for track in reader.tracks {
                    #expect(names[track.number]?.contains(track.name) == true, "\(place): \(track.name)")
                    #expect(track.tags["POINT"] != nil, "\(place)")
                }
                #expect(reader.info.tags["MEETING"] != nil || reader.tracks.isEmpty, "\(place)")
                #expect(reader.info.durationNanoseconds == outcome.durationNanoseconds, "\(place)")
                #expect(try !MatroskaRecovery.recover(path: path).wasNeeded, "\(place)")
            }
            disk.apply(write.bytes, at: write.offset)
            try Data(disk).write(to: URL(fileURLWithPath: path))
            kept = try allBlocks(of: path).count
        }
        #expect(kept == blocks.count)
        #expect(images > 300)
    }

    @Test(.enabled(if: tool("ffprobe") != nil && tool("mkvinfo") != nil, "ffprobe or mkvinfo is not installed"))
    func whatWasTornAndRecoveredPleasesOtherPrograms() throws {
        let (journal, _, _) = try journal()
        let folder = try ScratchFolder()
        var disk: [UInt8] = []
        for (index, write) in journal.writes.enumerated() {
            if index > 10, index.isMultiple(of: 23) {
                let path = folder.file("torn-\(index).mkv")
                var image = disk
                image.apply(write.bytes.prefix(write.bytes.count / 2), at: write.offset)
                try Data(image).write(to: URL(fileURLWithPath: path))
                _ = try MatroskaRecovery.recover(path: path)
                let info = try run(tool("mkvinfo")!, ["-v", "-v", path])
                #expect(info.status == 0)
                #expect(!info.output.lowercased().contains("error"), "\(info.output)")
                let probe = try run(tool("ffprobe")!, ["-v", "warning", "-show_streams", path])
                #expect(probe.status == 0)
                #expect(!probe.output.contains("matroska,webm @"), "\(probe.output)")
            }
            disk.apply(write.bytes, at: write.offset)
        }
    }

    @Test func aFileThatAnotherProgramIsWritingIsLeftAlone() throws {
        let folder = try ScratchFolder()
        let path = folder.file("foreign.mkv")
        var file = EBMLBuilder()
        file.master(EBMLID.header) { $0.string(EBMLID.docType, "matroska") }
        file.id(EBMLID.segment)
        file.raw([0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        file.master(EBMLID.info) { $0.string(EBMLID.title, "Không phải của ta") }
        try Data(file.bytes).write(to: URL(fileURLWithPath: path))
        #expect(throws: MatroskaError.self) { try MatroskaRecovery.recover(path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(file.bytes))
    }

    @Test func aFileCutOffAnywhereRecoversToItsLastWholeCluster() throws {
        let folder = try ScratchFolder()
        let whole = folder.file("whole.mkv")
        let blocks = try writeSample(to: whole, seconds: 1, finish: false)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        let headSize = 5_000
        var lengths = Array(stride(from: headSize, through: bytes.count, by: 997))
        lengths += [bytes.count - 1, bytes.count]
        var longest = 0
        for length in lengths {
            let path = folder.file("cut.mkv")
            try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
            let outcome = try MatroskaRecovery.recover(path: path)
            #expect(outcome.wasNeeded)
            let kept = try allBlocks(of: path)
            #expect(kept == Array(blocks.prefix(kept.count)))
            #expect(kept.count >= longest, "cut at \(length)")
            longest = max(longest, kept.count)
            let reader = try MatroskaReader(path: path)
            #expect(reader.info.durationNanoseconds == kept.last?.timestampNanoseconds ?? 0)
            let again = try MatroskaRecovery.recover(path: path)
            #expect(!again.wasNeeded)
            #expect(again.durationNanoseconds == outcome.durationNanoseconds)
        }
        #expect(longest == blocks.count)
    }
}
