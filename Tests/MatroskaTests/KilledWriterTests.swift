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
    /// How many writes had been made at each sync.
    private(set) var syncs: [Int] = []
    private(set) var position: UInt64 = 0

    func append(_ bytes: [UInt8]) throws(MatroskaError) {
        writes.append(Write(offset: Int(position), bytes: bytes, isAppend: true))
        position += UInt64(bytes.count)
    }
    func overwrite(_ bytes: [UInt8], at offset: UInt64) throws(MatroskaError) {
        writes.append(Write(offset: Int(offset), bytes: bytes, isAppend: false))
    }
    func synchronize() throws(MatroskaError) { syncs.append(writes.count) }
}

extension [UInt8] {
    fileprivate mutating func apply(_ bytes: some Collection<UInt8>, at offset: Int) {
        if offset + bytes.count > count { append(contentsOf: repeatElement(0, count: offset + bytes.count - count)) }
        replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}

@Suite struct KilledWriterTests {
    private static let pageSize = 4096

    /// A writer that declares tracks while it writes; what it did to the disk.
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
            // One that no page of the file's head holds.
            if number == 13 { track.codecPrivate += [UInt8](repeating: 7, count: 5_000) }
            track.number = number
            track.uid = number
            track.name = "Ủy ban nhân dân xã số \(number)"
            try writer.addTrack(track)
            names[number] = [track.name]
            for step in 0..<8 as Range<Int64> {
                let size = Int.random(in: 1...900, using: &random)
                let block = MatroskaBlock(
                    track: number, timestampNanoseconds: (Int64(number) * 8 + step) * 20_000_000, isKeyframe: step == 0,
                    data: (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) })
                try writer.write(block)
                blocks.append(block)
            }
            if number.isMultiple(of: 3) { try writer.synchronize() }
        }
        try writer.finish(chapters: [MatroskaChapter(title: "Khai mạc", startNanoseconds: 0, endNanoseconds: 1)])
        return (journal, blocks, names)
    }

    /// Lengths of a write of which the rest may never have reached the file: the kernel stops between pages, so a write
    /// within one happens or does not.
    private func cuts(of write: Journal.Write, _ random: inout SeededGenerator) -> [Int] {
        let firstPage = write.offset / Self.pageSize
        let lastPage = (write.offset + write.bytes.count - 1) / Self.pageSize
        var cuts = [0]
        if write.isAppend {
            cuts += [1, write.bytes.count - 1]
            cuts += (0..<6).map { _ in Int.random(in: 0..<write.bytes.count, using: &random) }
        }
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

    /// What a disk may hold after a power cut: all that was written before the last sync; of each page that was written since, any
    /// state that it has had; and the length as it was after any of the writes. Pages that it never got are zeros.
    private func image(
        synced: [UInt8], _ since: ArraySlice<Journal.Write>, _ random: inout SeededGenerator
    ) -> [UInt8] {
        var states: [Int: [[UInt8]]] = [:]
        var memory = synced
        var lengths = [synced.count]
        for write in since {
            memory.apply(write.bytes, at: write.offset)
            lengths.append(memory.count)
            guard !write.bytes.isEmpty else { continue }
            for page in write.offset / Self.pageSize...(write.offset + write.bytes.count - 1) / Self.pageSize {
                states[page, default: []].append(
                    Array(memory[page * Self.pageSize..<min(memory.count, (page + 1) * Self.pageSize)]))
            }
        }
        var image = synced
        for page in states.keys.sorted() {
            let seen = states[page] ?? []
            let choice = Int.random(in: -1..<seen.count, using: &random)
            if choice >= 0 { image.apply(seen[choice], at: page * Self.pageSize) }
        }
        let length = lengths.randomElement(using: &random) ?? synced.count
        if image.count > length { image.removeLast(image.count - length) }
        if image.count < length { image += [UInt8](repeating: 0, count: length - image.count) }
        return image
    }

    @Test func aPowerCutAtAnyWriteLosesNothingThatWasSynced() throws {
        let (journal, blocks, names) = try journal()
        let folder = try ScratchFolder()
        let path = folder.file("cut.mkv")
        var random = SeededGenerator(state: 29)
        var disk: [UInt8] = []
        var applied = 0
        var kept = 0
        var tracksKept = 0
        var finished = 0
        var cuts = 0
        for (synced, next) in zip([0] + journal.syncs, journal.syncs + [journal.writes.count]) {
            // Before the first sync there is no file yet.
            guard synced > 0 else { continue }
            for write in journal.writes[applied..<synced] { disk.apply(write.bytes, at: write.offset) }
            applied = synced
            try Data(disk).write(to: URL(fileURLWithPath: path))
            kept = try allBlocks(of: path).count
            tracksKept = try MatroskaReader(path: path).tracks.count
            for end in synced...next {
                for _ in 0..<6 {
                    let image = image(synced: disk, journal.writes[synced..<end], &random)
                    try Data(image).write(to: URL(fileURLWithPath: path))
                    let place = "\(end) writes, \(synced) of them synced"
                    if try !MatroskaRecovery.recover(path: path).wasNeeded { finished += 1 }
                    cuts += 1
                    let reader = try MatroskaReader(path: path)
                    #expect(reader.info.durationNanoseconds != nil, "\(place)")
                    #expect(
                        reader.tracks.count >= tracksKept, "\(place): \(reader.tracks.count) of \(tracksKept) tracks")
                    for track in reader.tracks {
                        #expect(names[track.number]?.contains(track.name) == true, "\(place)")
                    }
                    for track in reader.tracks.prefix(tracksKept) { #expect(track.tags["POINT"] != nil, "\(place)") }
                    let left = try allBlocks(of: path)
                    #expect(left.starts(with: blocks.prefix(kept)), "\(place)")
                    // Of what was not synced a cluster may be there and the one before it not.
                    var rest = blocks[...]
                    for block in left {
                        rest = rest.drop { $0 != block }
                        try #require(!rest.isEmpty, "\(place): a block that nobody wrote, or not there")
                        rest = rest.dropFirst()
                    }
                    #expect(try !MatroskaRecovery.recover(path: path).wasNeeded, "\(place)")
                }
            }
        }
        #expect(kept == blocks.count && finished > 0 && cuts > 400)
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
        let headSize = 13_000
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
