import Foundation
import Testing

@testable import CipherFiles

/// A folder that goes with the test.
final class CipherShelf {
    let folder = FileManager.default.temporaryDirectory.path + "/cipher-files-\(UUID().uuidString)"
    private var count = 0

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func fresh() -> String {
        count += 1
        return folder + "/\(count)"
    }

    /// Octets that no two segments share.
    static func octets(_ count: Int) -> Data {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15 &+ UInt64(count)
        return Data(
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            })
    }

    func encrypted(_ clear: Data, _ key: ContentKey, name: String = "data/00001.sealed") throws -> String {
        let source = fresh()
        try clear.write(to: URL(fileURLWithPath: source))
        let target = fresh()
        var told = 0
        #expect(
            try CipherFileWriter.encrypt(source, to: target, key: key, name: name) { piece in
                told += piece.count
                return true
            })
        #expect(told == clear.count)
        return target
    }

    func changed(_ path: String, _ change: (inout Data) -> Void) throws -> String {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        change(&data)
        let target = fresh()
        try data.write(to: URL(fileURLWithPath: target))
        return target
    }
}

extension CipherFile {
    func range(_ offset: Int64, _ count: Int) throws -> Data {
        var data = Data(count: count)
        let filled = try data.withUnsafeMutableBytes { bytes in try self.read(into: bytes, at: offset) }
        return data.prefix(filled)
    }
}

@Suite struct CipherFileTests {
    private static let name = "data/00001.sealed"
    static let edges = [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000]

    @Test(arguments: edges)
    func whatIsEncryptedComesOutAgainAtEachEdge(count: Int) throws {
        let shelf = try CipherShelf()
        let (key, clear) = (ContentKey(), CipherShelf.octets(count))
        let path = try shelf.encrypted(clear, key)
        let file = try CipherFile(path, key: key, name: Self.name)
        #expect(file.octets == Int64(count))
        #expect(try file.range(0, count + 10) == clear)
        #expect(try file.contents(limit: count) == clear)
        if count > 0 { #expect(try file.contents(limit: count - 1) == nil) }
        #expect(try file.range(Int64(count), 10).isEmpty)
        #expect(try file.range(.max, 10).isEmpty)
        #expect(try file.range(-1, 10).isEmpty)
        let stored = try Data(contentsOf: URL(fileURLWithPath: path))
        let segments = max(1, (count + 65_535) / 65_536)
        #expect(stored.count == 40 + count + 16 * segments)
        // Of longer ones no part shows.
        if count > 64 { #expect(stored.range(of: clear.prefix(32)) == nil) }
    }

    @Test func anyRangeIsReadBySegmentsThatItTouches() throws {
        let shelf = try CipherShelf()
        let (key, clear) = (ContentKey(), CipherShelf.octets(200_000))
        let file = try CipherFile(try shelf.encrypted(clear, key), key: key, name: Self.name)
        for offset in [0, 1, 65_535, 65_536, 65_537, 131_072, 199_999, 200_000, 200_001] {
            for count in [0, 1, 2, 65_536, 65_537, 140_000] {
                let wanted = offset < clear.count ? clear[offset..<min(clear.count, offset + count)] : Data()
                #expect(try file.range(Int64(offset), count) == wanted, "\(count) octets from \(offset)")
            }
        }
        // Damage in one segment leaves the others to be read.
        let path = try shelf.changed(try shelf.encrypted(clear, key)) { $0[40 + 65_552 + 100] ^= 1 }
        let damaged = try CipherFile(path, key: key, name: Self.name)
        #expect(try damaged.range(0, 65_536) == clear.prefix(65_536))
        #expect(try damaged.range(131_072, 100_000) == clear.suffix(from: 131_072))
        #expect(throws: CipherFileError.damaged(path: path, segment: 1)) { try damaged.range(65_535, 2) }
    }

    /// Opens it and reads all of it.
    private func read(_ path: String, _ key: ContentKey, name: String = Self.name) throws -> Data {
        let file = try CipherFile(path, key: key, name: name)
        return try file.range(0, Int(file.octets))
    }

    @Test func whatWasCutIsRefusedWhereverItWasCut() throws {
        let shelf = try CipherShelf()
        let key = ContentKey()
        let path = try shelf.encrypted(CipherShelf.octets(140_000), key)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path)).count
        for left in [
            0, 7, 39, 40, 41, 55, 56, 57, 40 + 65_551, 40 + 65_552, 40 + 65_553, 40 + 2 * 65_552, whole - 1,
        ] {
            let cut = try shelf.changed(path) { $0 = $0.prefix(left) }
            #expect(throws: CipherFileError.self, "\(left) octets") { try CipherFile(cut, key: key, name: Self.name) }
        }
    }

    @Test func whatWasChangedSwappedAppendedOrRepeatedIsRefused() throws {
        let shelf = try CipherShelf()
        let key = ContentKey()
        let path = try shelf.encrypted(CipherShelf.octets(3 * 65_536), key)
        let segment = 65_552
        func place(_ number: Int) -> Range<Int> { 40 + number * segment..<40 + (number + 1) * segment }
        let changes: [(String, (inout Data) -> Void)] = [
            ("magic", { $0[0] ^= 1 }), ("salt", { $0[8] ^= 1 }), ("salt's end", { $0[39] ^= 0x80 }),
            ("first octet", { $0[40] ^= 1 }), ("tag", { $0[40 + 65_536] ^= 1 }), ("end", { $0[$0.count - 1] ^= 1 }),
            (
                "two swapped",
                { data in
                    let (first, second) = (data[place(0)], data[place(1)])
                    data.replaceSubrange(place(0), with: Data(second))
                    data.replaceSubrange(place(1), with: Data(first))
                }
            ),
            ("one repeated", { data in data.replaceSubrange(place(1), with: Data(data[place(0)])) }),
            ("one left out", { data in data.removeSubrange(place(1)) }),
            ("the last moved before", { data in data.replaceSubrange(place(1), with: Data(data[place(2)])) }),
            // The last flag is in the nonce of the third: it is not the second's, and not nobody's.
            ("the last cut off", { data in data.removeSubrange(place(2)) }),
            ("the last twice", { data in data.append(Data(data[place(2)])) }),
            ("an octet appended", { $0.append(0) }), ("a segment appended", { $0.append(Data(count: segment)) }),
            ("an empty segment appended", { $0.append(Data(count: 16)) }),
        ]
        for (what, change) in changes {
            let changed = try shelf.changed(path, change)
            #expect(throws: CipherFileError.self, "\(what)") { try read(changed, key) }
        }
        #expect(try read(path, key).count == 3 * 65_536)
    }

    @Test func anotherKeyNameOrFileOpensNothing() throws {
        let shelf = try CipherShelf()
        let key = ContentKey()
        let path = try shelf.encrypted(Data("Họp kín".utf8), key)
        #expect(throws: CipherFileError.damaged(path: path, segment: 0)) { try read(path, ContentKey()) }
        for name in ["data/00002.sealed", "", "data/00001.sealed ", "DATA/00001.sealed"] {
            #expect(throws: CipherFileError.damaged(path: path, segment: 0)) { try read(path, key, name: name) }
        }
        // One of the same meeting under this one's name.
        let other = try shelf.encrypted(Data("Họp kín".utf8), key, name: "data/00002.sealed")
        #expect(throws: CipherFileError.self) { try read(other, key) }
        // The same octets are never the same twice.
        let again = try shelf.encrypted(Data("Họp kín".utf8), key)
        #expect(FileManager.default.contents(atPath: again) != FileManager.default.contents(atPath: path))
        #expect(throws: CipherFileError.self) { try CipherFile(shelf.folder, key: key, name: Self.name) }
        #expect(throws: CipherFileError.file(path: shelf.folder + "/none", errno: ENOENT)) {
            try CipherFile(shelf.folder + "/none", key: key, name: Self.name)
        }
        let link = shelf.fresh()
        symlink(path, link)
        #expect(throws: CipherFileError.notRegular(path: link)) { try CipherFile(link, key: key, name: Self.name) }
    }

    @Test func halfAFileIsNoneAndNothingIsWrittenOver() throws {
        let shelf = try CipherShelf()
        let (source, target) = (shelf.fresh(), shelf.fresh())
        try CipherShelf.octets(100_000).write(to: URL(fileURLWithPath: source))
        #expect(try !CipherFileWriter.encrypt(source, to: target, key: ContentKey(), name: "x") { _ in false })
        #expect(!FileManager.default.fileExists(atPath: target))
        #expect(throws: CipherFileError.file(path: source, errno: EEXIST)) {
            try CipherFileWriter.encrypt(source, to: source, key: ContentKey(), name: "x")
        }
        #expect(FileManager.default.contents(atPath: source) == CipherShelf.octets(100_000))
        do {
            let writer = try CipherFileWriter(creating: target, key: ContentKey(), name: "x")
            try CipherShelf.octets(70_000).withUnsafeBytes { try writer.write($0) }
        }
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func noLengthOfAFileTraps() {
        for length in (0...60).map(Int64.init) + [65_591, 65_592, 65_608, 65_609, .max, .max - 1, .min, -1] {
            guard let map = SegmentMap(fileOctets: length) else { continue }
            #expect(map.segments >= 1 && map.octets >= 0 && map.octets <= length)
            #expect(map.offset(of: map.segments - 1) + Int64(map.lastOctets) + 16 == length)
        }
        #expect(SegmentMap(fileOctets: 55) == nil)
        #expect(SegmentMap(fileOctets: 56)?.octets == 0)
        // A last segment of nothing is none.
        #expect(SegmentMap(fileOctets: 40 + 65_552 + 16) == nil)
        #expect(SegmentMap(fileOctets: .max) == nil)
    }
}
