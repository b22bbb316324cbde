import Foundation

/// Reads the list of a ZIP file without unpacking it (APPNOTE.TXT §4.3.12, §4.3.16), so that one that unpacks to far too much is
/// never given to a converter. Who lies in the list is still bounded by the converter's memory and time.
enum ArchiveInspection {
    struct Contents: Equatable {
        var entries: Int
        var unpackedOctets: UInt64
    }

    /// Nil where it is no ZIP file that is whole.
    static func inspect(_ file: FileHandle) -> Contents? {
        guard let size = try? file.seekToEnd() else { return nil }
        let tail = min(size, 65_557)
        guard let end = read(file, at: size - tail, Int(tail)),
            let found = end.indices.reversed().first(where: { end[$0...].starts(with: [0x50, 0x4B, 5, 6]) }),
            end.count - found >= 22
        else { return nil }
        let count = number(end, found + 10, 2)
        let length = number(end, found + 12, 4)
        let start = number(end, found + 16, 4)
        // ZIP64 has all ones here; no paper needs it.
        guard start != 0xFFFF_FFFF, length < 16 << 20, start + length <= size,
            let list = read(file, at: start, Int(length))
        else { return nil }
        var contents = Contents(entries: 0, unpackedOctets: 0)
        var at = 0
        while contents.entries < Int(count), at + 46 <= list.count, number(list, at, 4) == 0x0201_4B50 {
            contents.entries += 1
            contents.unpackedOctets += number(list, at + 24, 4)
            at += 46 + Int(number(list, at + 28, 2) + number(list, at + 30, 2) + number(list, at + 32, 2))
        }
        return contents.entries == Int(count) && count > 0 ? contents : nil
    }

    private static func read(_ file: FileHandle, at offset: UInt64, _ count: Int) -> [UInt8]? {
        guard (try? file.seek(toOffset: offset)) != nil, let data = try? file.read(upToCount: count) else { return nil }
        return data.count == count ? Array(data) : nil
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        guard offset >= 0, offset + count <= bytes.count else { return 0 }
        return (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[offset + $1]) }
    }
}
