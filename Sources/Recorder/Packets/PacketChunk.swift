import RTP

/// A part of a packet file: what one cluster was made of, and what came beside it. `docs/evidence.md` has the format.
struct PacketChunk: Sendable, Hashable {
    /// Where the cluster lies in the master; nil where there is none.
    var cluster: Place?
    /// Up to which of the master's time everything was written when this was, in nanoseconds.
    var written: Int64
    /// The packets of each block of the cluster, as the blocks lie in it.
    var blocks: [[BlockPacket]] = []
    var notes: [TapNote] = []

    struct Place: Sendable, Hashable {
        var offset: UInt64
        var length: UInt64
    }

    static let magic = Array("CWPK".utf8)
    /// Octets of a chunk's head: magic, length, CRC-32.
    static let headSize = 12
    /// What is longer is no chunk.
    static let mostOctets = 64 << 20
}

/// The kinds of entries.
private enum Entry: UInt8 {
    case stream = 1
    case senderReport, end, overflow, source, packet, markedPacket, blockPacket, markedBlockPacket
}

private struct Source: Hashable {
    var stream: UInt16
    var codec: MediaCodec
    var ssrc: UInt32
}

extension PacketChunk {
    /// The chunk as it is written, without its head.
    var body: [UInt8] {
        var writer = ChunkWriter()
        writer.variable(cluster?.offset ?? 0)
        writer.variable(cluster?.length ?? 0)
        writer.variable(UInt64(max(0, written)))
        let base = notes.lazy.compactMap(\.arrival).first ?? blocks.lazy.compactMap(\.first?.head.arrival).first ?? 0
        writer.variable(base)
        writer.arrival = base
        for note in notes { writer.note(note) }
        for (index, packets) in blocks.enumerated() {
            for packet in packets { writer.packet(packet, block: index) }
        }
        return writer.bytes
    }

    /// Nil for what is no body of a chunk.
    init?(parsing body: [UInt8]) {
        var reader = ChunkReader(rest: body[...])
        guard let offset = reader.variable(), let length = reader.variable(), let written = reader.variable(),
            let base = reader.variable()
        else { return nil }
        cluster = length > 0 ? Place(offset: offset, length: length) : nil
        self.written = Int64(clamping: written)
        reader.arrival = base
        while !reader.rest.isEmpty {
            guard let octet = reader.octet(), let entry = Entry(rawValue: octet), take(entry, from: &reader) else {
                return nil
            }
        }
    }

    private mutating func take(_ entry: Entry, from reader: inout ChunkReader) -> Bool {
        switch entry {
        case .stream:
            guard let track = reader.track() else { return false }
            notes.append(.stream(track))
        case .senderReport:
            guard let stream = reader.fixed(UInt16.self), let arrival = reader.nextArrival(),
                let rtp = reader.fixed(UInt32.self), let ntp = reader.fixed(UInt64.self)
            else { return false }
            notes.append(.senderReport(stream: stream, arrival: arrival, rtp: rtp, ntp: ntp))
        case .end:
            guard let stream = reader.fixed(UInt16.self), let arrival = reader.nextArrival() else { return false }
            notes.append(.end(stream: stream, arrival: arrival))
        case .overflow:
            guard let from = reader.nextArrival(), let to = reader.nextArrival() else { return false }
            notes.append(.overflow(from: from, to: to))
        case .source:
            guard let stream = reader.fixed(UInt16.self), let octet = reader.octet(),
                let codec = MediaCodec(rawValue: octet), let ssrc = reader.fixed(UInt32.self)
            else { return false }
            reader.sources.append(Source(stream: stream, codec: codec, ssrc: ssrc))
        case .packet, .markedPacket:
            guard let head = reader.head(marker: entry == .markedPacket), let payload = reader.octets() else {
                return false
            }
            notes.append(.packet(head, payload: payload))
        case .blockPacket, .markedBlockPacket:
            guard let head = reader.head(marker: entry == .markedBlockPacket), let prefix = reader.octets(),
                let block = reader.variable(), let offset = reader.variable(), let count = reader.variable(),
                // Each block has a packet of its own at least, in their order.
                block <= UInt64(blocks.count) + 1_000, offset <= UInt64(Self.mostOctets),
                count <= UInt64(Self.mostOctets)
            else { return false }
            while blocks.count <= Int(block) { blocks.append([]) }
            blocks[Int(block)].append(BlockPacket(head: head, prefix: prefix, offset: Int(offset), count: Int(count)))
        }
        return true
    }
}

/// Puts entries one behind the other.
private struct ChunkWriter {
    var bytes: [UInt8] = []
    /// The latest written.
    var arrival: UInt64 = 0
    private var sources: [Source: UInt64] = [:]

    mutating func note(_ note: TapNote) {
        switch note {
        case .stream(let track):
            entry(.stream)
            self.track(track)
        case .packet(let head, let payload):
            self.head(head, head.marker ? .markedPacket : .packet)
            octets(payload)
        case .senderReport(let stream, let arrival, let rtp, let ntp):
            entry(.senderReport)
            fixed(stream)
            next(arrival)
            fixed(rtp)
            fixed(ntp)
        case .end(let stream, let arrival):
            entry(.end)
            fixed(stream)
            next(arrival)
        case .overflow(let from, let to):
            entry(.overflow)
            next(from)
            next(to)
        }
    }

    mutating func packet(_ packet: BlockPacket, block: Int) {
        head(packet.head, packet.head.marker ? .markedBlockPacket : .blockPacket)
        octets(packet.prefix)
        variable(UInt64(block))
        variable(UInt64(packet.offset))
        variable(UInt64(packet.count))
    }

    private mutating func head(_ head: PacketHead, _ kind: Entry) {
        let source = Source(stream: head.stream, codec: head.codec, ssrc: head.ssrc)
        if sources[source] == nil {
            sources[source] = UInt64(sources.count)
            entry(.source)
            fixed(source.stream)
            bytes.append(source.codec.rawValue)
            fixed(source.ssrc)
        }
        entry(kind)
        variable(sources[source] ?? 0)
        fixed(head.sequence)
        fixed(head.timestamp)
        next(head.arrival)
    }

    private mutating func track(_ track: RecordedTrack) {
        fixed(track.index)
        fixed(track.leg)
        bytes.append(track.kind.number)
        for text in [track.pointID, track.displayName, track.unit ?? ""] { octets(Array(text.utf8)) }
        variable(UInt64(track.parameterSets.count))
        for set in track.parameterSets { octets(set) }
    }

    private mutating func entry(_ entry: Entry) { bytes.append(entry.rawValue) }

    private mutating func next(_ arrival: UInt64) {
        let step = Int64(bitPattern: arrival &- self.arrival)
        variable(UInt64(bitPattern: step &<< 1 ^ step &>> 63))
        self.arrival = arrival
    }

    private mutating func octets(_ octets: [UInt8]) {
        variable(UInt64(octets.count))
        bytes += octets
    }

    private mutating func fixed(_ value: some FixedWidthInteger & UnsignedInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func variable(_ value: UInt64) {
        var value = value
        while value > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}

/// Takes entries apart; nil everywhere where the octets end too soon.
private struct ChunkReader {
    private static let mostParameterSets: UInt64 = 64

    var rest: ArraySlice<UInt8>
    var arrival: UInt64 = 0
    var sources: [Source] = []

    mutating func octet() -> UInt8? { rest.popFirst() }

    mutating func variable() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let octet = rest.popFirst() else { return nil }
            value |= UInt64(octet & 0x7F) << shift
            if octet & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func fixed<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) -> Value? {
        let size = Value.bitWidth / 8
        guard rest.count >= size else { return nil }
        let value = rest.prefix(size).reduce(Value(0)) { $0 << 8 | Value($1) }
        rest = rest.dropFirst(size)
        return value
    }

    mutating func octets() -> [UInt8]? {
        guard let count = variable(), count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }

    mutating func nextArrival() -> UInt64? {
        guard let coded = variable() else { return nil }
        arrival = arrival &+ (coded >> 1 ^ (0 &- (coded & 1)))
        return arrival
    }

    mutating func head(marker: Bool) -> PacketHead? {
        guard let number = variable(), number < UInt64(sources.count), let sequence = fixed(UInt16.self),
            let timestamp = fixed(UInt32.self), let arrival = nextArrival()
        else { return nil }
        let source = sources[Int(number)]
        return PacketHead(
            stream: source.stream, codec: source.codec, ssrc: source.ssrc, sequence: sequence, timestamp: timestamp,
            marker: marker, arrival: arrival)
    }

    mutating func track() -> RecordedTrack? {
        guard let index = fixed(UInt16.self), let leg = fixed(UInt32.self), let octet = octet(),
            let kind = RecordedTrack.Kind(number: octet), let point = octets(), let name = octets(),
            let unit = octets(), let count = variable(), count <= Self.mostParameterSets
        else { return nil }
        var sets: [[UInt8]] = []
        for _ in 0..<count {
            guard let set = octets() else { return nil }
            sets.append(set)
        }
        return RecordedTrack(
            index: index, leg: leg, pointID: String(decoding: point, as: UTF8.self),
            displayName: String(decoding: name, as: UTF8.self),
            unit: unit.isEmpty ? nil : String(decoding: unit, as: UTF8.self), kind: kind, parameterSets: sets)
    }
}

extension RecordedTrack.Kind {
    /// As it stands in a packet file.
    fileprivate var number: UInt8 {
        switch self {
        case .audio: 0
        case .video: 1
        case .slides: 2
        }
    }

    fileprivate init?(number: UInt8) {
        switch number {
        case 0: self = .audio
        case 1: self = .video
        case 2: self = .slides
        default: return nil
        }
    }
}
