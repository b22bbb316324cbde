import Glibc
import Matroska

/// Writes beside a master which packets it is made of, and what else its recorder had (`docs/evidence.md`, *Two recorders*).
/// What cannot be written is missing here, and costs the recording nothing.
final class PacketFile {
    static let format = "causeway-packets/1"

    /// `data/master.mkv` has its packets in `data/master.packets`.
    static func path(of master: String) -> String {
        (master.hasSuffix(".mkv") ? String(master.dropLast(4)) : master) + ".packets"
    }

    private let sink: FileSink

    /// Makes the file, in place of one that is there.
    init(creating path: String, meeting: String, startNanoseconds: UInt64) throws(MatroskaError) {
        unlink(path)
        sink = try FileSink(creating: path)
        try sink.append(Array("\(Self.format) \(meeting) \(startNanoseconds)\n".utf8))
    }

    /// Appends a chunk, whole or not at all.
    func append(_ chunk: PacketChunk) {
        let body = chunk.body
        guard body.count <= PacketChunk.mostOctets else { return }
        let length = UInt32(truncatingIfNeeded: body.count)
        var octets = PacketChunk.magic
        for value in [length, CRC32.of(body)] {
            for shift in [24, 16, 8, 0] as [UInt32] { octets.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        try? sink.append(octets + body)
    }

    func finish() { try? sink.synchronize() }
}

/// Reads a packet file chunk by chunk, to its end or to where it is torn.
final class PacketFileReader {
    /// No clock stands later than this: more than a century.
    static let latest: UInt64 = 1 << 62

    let meeting: String
    let startNanoseconds: UInt64
    private let cursor: FileCursor

    init(path: String) throws(MatroskaError) {
        cursor = try FileCursor(path: path)
        var line: [UInt8] = []
        while line.count < 300, let octet = try cursor.bytes(1)?.first, octet != UInt8(ascii: "\n") {
            line.append(octet)
        }
        let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard fields.count == 3, fields[0] == PacketFile.format, let start = UInt64(fields[2]),
            start <= Self.latest
        else {
            throw .malformed(path: path, reason: "it is no file of packets")
        }
        meeting = String(fields[1])
        startNanoseconds = start
    }

    /// The next chunk; nil at the end. One whose checksum is wrong is passed over.
    func next() throws(MatroskaError) -> PacketChunk? {
        while let head = try cursor.bytes(PacketChunk.headSize), head.starts(with: PacketChunk.magic) {
            let length = head[4..<8].reduce(0) { $0 << 8 | Int($1) }
            let checksum = head[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard length <= PacketChunk.mostOctets, let body = try cursor.bytes(length) else { return nil }
            if CRC32.of(body) == checksum, let chunk = PacketChunk(parsing: body) { return chunk }
        }
        return nil
    }
}
