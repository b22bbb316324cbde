import Glibc

/// The sound of a film alone: Opus packets in an Ogg stream (RFC 3533, RFC 7845).
final class OggOpusFile {
    private static let crc: [UInt32] = (0..<256).map { index in
        var value = UInt32(index) << 24
        for _ in 0..<8 { value = value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
        return value
    }
    /// Of 255: a packet of Opus takes at most six.
    private static let mostSegments = 240
    private static let mostPackets = 50
    private static let serial: UInt32 = 1

    private let file: UnsafeMutablePointer<FILE>
    private let path: String
    private var sequence: UInt32 = 0
    private var granule: UInt64 = 0
    private var segments: [UInt8] = []
    private var body: [UInt8] = []
    private var packets = 0
    private var hasFailed = false

    /// - Parameter head: the identification header, as Matroska's codec private data has it too (RFC 7845 §5.1).
    init?(creating path: String, head: [UInt8], title: String) {
        guard let file = fopen(path, "wbe") else { return nil }
        self.file = file
        self.path = path
        page(kind: 0x02, segments: Self.lacing(head.count), body: head, granule: 0)
        let vendor = Array("Causeway".utf8)
        let comment = Array("TITLE=\(title)".utf8)
        let tags =
            Array("OpusTags".utf8) + Self.little(UInt32(vendor.count)) + vendor + Self.little(1)
            + Self.little(UInt32(comment.count)) + comment
        page(kind: 0, segments: Self.lacing(tags.count), body: tags, granule: 0)
    }

    /// Takes the next packet, of so many samples at 48 kHz.
    func add(_ packet: [UInt8], samples: Int) {
        let lacing = Self.lacing(packet.count)
        if segments.count + lacing.count > Self.mostSegments || packets >= Self.mostPackets { flush(isLast: false) }
        segments += lacing
        body += packet
        packets += 1
        granule += UInt64(samples)
    }

    /// False where it could not be written whole.
    func finish() -> Bool {
        flush(isLast: true)
        return fclose(file) == 0 && !hasFailed
    }

    private func flush(isLast: Bool) {
        page(kind: isLast ? 0x04 : 0, segments: segments, body: body, granule: granule)
        segments = []
        body = []
        packets = 0
    }

    /// The lengths of a packet's parts (RFC 3533 §5).
    private static func lacing(_ count: Int) -> [UInt8] {
        Array(repeating: 255, count: count / 255) + [UInt8(count % 255)]
    }

    private static func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private func page(kind: UInt8, segments: [UInt8], body: [UInt8], granule: UInt64) {
        var page = Array("OggS".utf8) + [0, kind]
        page += (0..<8).map { UInt8(truncatingIfNeeded: granule >> (8 * UInt64($0))) }
        page +=
            Self.little(Self.serial) + Self.little(sequence) + [0, 0, 0, 0, UInt8(truncatingIfNeeded: segments.count)]
        page += segments
        page += body
        let checksum = page.reduce(UInt32(0)) { $0 << 8 ^ Self.crc[Int(UInt8(truncatingIfNeeded: $0 >> 24) ^ $1)] }
        page.replaceSubrange(22..<26, with: Self.little(checksum))
        sequence += 1
        if fwrite(page, 1, page.count, file) != page.count { hasFailed = true }
    }
}
