public import Foundation
import Matroska

/// Writes files into one ZIP file as they are, without compression: films gain nothing by it. Every entry is in the form for large
/// files (APPNOTE 6.3 §4.5.3, ZIP64), so that there is one way, which each package tries.
public struct StoredZIP {
    private static let pieceSize = 128 << 10
    private static let (versionNeeded, utf8Names) = (UInt16(45), UInt16(1 << 11))

    private struct Entry {
        var name: [UInt8]
        var checksum: UInt32
        var size: UInt64
        var offset: UInt64
    }

    private let path: String
    private let descriptor: Int32
    /// MS-DOS date and time (§4.4.6): all entries have the same.
    private let (day, time): (UInt16, UInt16)
    private var entries: [Entry] = []
    private var position: UInt64 = 0

    /// Packs what lies below `directory`, each name with `prefix` before it, into a file that must not be there yet.
    ///
    /// - Parameter advance: gets the length of each piece and says whether to go on.
    public static func pack(
        _ directory: String, under prefix: String, into path: String, dated date: Date,
        advance: (Int) -> Bool = { _ in true }
    ) throws(EvidenceError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: path, errno: errno) }
        defer { close(descriptor) }
        var zip = StoredZIP(path: path, descriptor: descriptor, dated: date)
        for entry in try PackageFiles.list(directory) {
            guard entry.isRegularFile else { throw .notRegular(path: directory + "/" + entry.path) }
            try zip.add(directory + "/" + entry.path, as: prefix + "/" + entry.path, advance)
        }
        try zip.finish()
    }

    private init(path: String, descriptor: Int32, dated date: Date) {
        self.path = path
        self.descriptor = descriptor
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 7 * 3600) ?? .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        let year = UInt16(clamping: min(max((parts.year ?? 1980) - 1980, 0), 127))
        day = year << 9 | UInt16(clamping: parts.month ?? 1) << 5 | UInt16(clamping: parts.day ?? 1)
        time =
            UInt16(clamping: parts.hour ?? 0) << 11 | UInt16(clamping: parts.minute ?? 0) << 5
            | UInt16(clamping: parts.second ?? 0) / 2
    }

    private mutating func add(_ source: String, as name: String, _ advance: (Int) -> Bool) throws(EvidenceError) {
        let name = Array(name.utf8)
        guard name.count <= Int(UInt16.max) else { throw .malformed(path: source, reason: "its name is too long") }
        let input = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard input >= 0 else { throw .file(path: source, errno: errno) }
        defer { close(input) }
        // What its header says is known when it was read.
        var entry = Entry(name: name, checksum: 0, size: 0, offset: position)
        let header = local(entry)
        try write(header)
        var crc = CRC32()
        var piece = [UInt8](repeating: 0, count: Self.pieceSize)
        while true {
            let count = read(input, &piece, Self.pieceSize)
            if count < 0 {
                if errno == EINTR { continue }
                throw .file(path: source, errno: errno)
            }
            if count == 0 { break }
            piece.withUnsafeBytes { crc.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            try write(piece[..<count])
            entry.size += UInt64(count)
            guard advance(count) else { throw .stopped }
        }
        entry.checksum = crc.value
        try write(local(entry)[...], at: entry.offset)
        entries.append(entry)
    }

    private mutating func finish() throws(EvidenceError) {
        let begin = position
        for entry in entries { try write(central(entry)) }
        let (size, end, count) = (position - begin, position, UInt64(entries.count))
        var tail = Fields()
        // §4.3.14, §4.3.15, §4.3.16.
        tail.add(0x0606_4b50 as UInt32, 44 as UInt64, Self.versionNeeded, Self.versionNeeded, 0 as UInt32, 0 as UInt32)
        tail.add(count, count, size, begin)
        tail.add(0x0706_4b50 as UInt32, 0 as UInt32, end, 1 as UInt32)
        tail.add(0x0605_4b50 as UInt32, 0 as UInt16, 0 as UInt16, UInt16.max, UInt16.max, UInt32.max, UInt32.max)
        tail.add(0 as UInt16)
        try write(tail.octets)
        guard fsync(descriptor) == 0 else { throw .file(path: path, errno: errno) }
    }

    /// §4.3.7
    private func local(_ entry: Entry) -> [UInt8] {
        var header = Fields()
        header.add(0x0403_4b50 as UInt32, Self.versionNeeded, Self.utf8Names, 0 as UInt16, time, day, entry.checksum)
        header.add(UInt32.max, UInt32.max, UInt16(clamping: entry.name.count), 20 as UInt16)
        header.octets += entry.name
        header.add(1 as UInt16, 16 as UInt16, entry.size, entry.size)
        return header.octets
    }

    /// §4.3.12: a file that its owner may write and all may read.
    private func central(_ entry: Entry) -> [UInt8] {
        var header = Fields()
        header.add(0x0201_4b50 as UInt32, 3 << 8 | Self.versionNeeded, Self.versionNeeded, Self.utf8Names, 0 as UInt16)
        header.add(time, day, entry.checksum, UInt32.max, UInt32.max)
        header.add(UInt16(clamping: entry.name.count), 28 as UInt16, 0 as UInt16, 0 as UInt16, 0 as UInt16)
        header.add(UInt32(0o100644) << 16, UInt32.max)
        header.octets += entry.name
        header.add(1 as UInt16, 24 as UInt16, entry.size, entry.size, entry.offset)
        return header.octets
    }

    /// Little endian, one after the other.
    private struct Fields {
        var octets: [UInt8] = []
        mutating func add<each Field: FixedWidthInteger>(_ field: repeat each Field) {
            for value in repeat each field { withUnsafeBytes(of: value.littleEndian) { octets += $0 } }
        }
    }

    private mutating func write(_ octets: some Sequence<UInt8>) throws(EvidenceError) {
        let octets = Array(octets)
        try write(octets[...], at: position)
        position += UInt64(octets.count)
    }

    private func write(_ octets: ArraySlice<UInt8>, at offset: UInt64) throws(EvidenceError) {
        var left = octets
        var place = offset
        while !left.isEmpty {
            let written = left.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(clamping: place)) }
            if written < 0 {
                if errno == EINTR { continue }
                throw .file(path: path, errno: errno)
            }
            left = left.dropFirst(written)
            place += UInt64(written)
        }
    }
}
