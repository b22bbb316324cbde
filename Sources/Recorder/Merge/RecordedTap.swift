import Matroska
import RTP

/// A recording read again as what came by its tap: the packets that its master and its packet file together hold.
final class RecordedTap {
    let meeting: String
    /// When the master's time begins, on the recorder's clock.
    let startNanoseconds: UInt64
    let info: MatroskaInfo
    let chapters: [MatroskaChapter]
    private let packets: PacketFileReader
    /// Nil where only the packets' heads are wanted.
    private let clusters: ClusterReader?

    /// What one chunk has: in no order; and what is still to come came no earlier than `watermark`.
    struct Part {
        var notes: [TapNote]
        var watermark: UInt64
    }

    /// The recording whose master is at `path`. With `headsOnly`, payloads are left empty and the master is not read.
    init(master path: String, headsOnly: Bool) throws(MatroskaError) {
        packets = try PacketFileReader(path: PacketFile.path(of: path))
        let reader = try MatroskaReader(path: path)
        info = reader.info
        chapters = reader.chapters
        meeting = packets.meeting
        startNanoseconds = packets.startNanoseconds
        clusters = headsOnly ? nil : try ClusterReader(path: path)
    }

    /// Packets of a block of which nobody knows the octets any more, for the cluster was damaged, are not there.
    func next() throws(MatroskaError) -> Part? {
        guard let chunk = try packets.next() else { return nil }
        var notes = chunk.notes
        let written = min(UInt64(max(0, chunk.written)), PacketFileReader.latest)
        if let clusters {
            if let place = chunk.cluster, !chunk.blocks.isEmpty,
                let blocks = try clusters.blocks(at: place.offset, length: place.length),
                // Blocks of FLAC at its end have no packets.
                blocks.count >= chunk.blocks.count
            {
                for (block, packets) in zip(blocks, chunk.blocks) {
                    for packet in packets {
                        guard let payload = packet.payload(in: block) else { continue }
                        notes.append(.packet(packet.head, payload: payload))
                    }
                }
            }
        } else {
            for packets in chunk.blocks { notes += packets.map { .packet($0.head, payload: []) } }
        }
        notes.removeAll { ($0.arrival ?? 0) > PacketFileReader.latest }
        return Part(notes: notes, watermark: startNanoseconds &+ written)
    }
}

/// What makes a packet one and the same, whoever recorded it. Two with the same are never seconds apart.
struct PacketKey: Hashable {
    var ssrc: UInt32
    var sequence: UInt16
    var timestamp: UInt32

    init(_ head: PacketHead) {
        ssrc = head.ssrc
        sequence = head.sequence
        timestamp = head.timestamp
    }
}
