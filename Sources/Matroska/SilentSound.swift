/// Packets of silence, and how long packets are: what fills the places where a track of sound has nothing.
struct SilentSound {
    /// One packet of silence.
    static let nanoseconds: Int64 = 20_000_000

    let packet: [UInt8]
    private let codec: MatroskaCodec
    private let sampleRate: Int64

    /// Nil for a track whose silence cannot be written here.
    init?(for track: MatroskaTrack) {
        codec = track.codec
        sampleRate = Int64(min(max(1, track.sampleRate.isFinite ? track.sampleRate : 0), 384_000))
        switch track.codec {
        // A CELT frame of 20 ms that is marked silent (RFC 6716 §3.1, §4.3).
        case .opus: packet = [0xF8, 0xFF, 0xFE]
        case .flac: packet = Self.flacFrame(samples: sampleRate / 50, bits: track.bitDepth ?? 16, track.channels)
        case .vp8, .vp9, .h264: return nil
        }
        if packet.isEmpty { return nil }
    }

    /// How long a packet's sound lasts.
    func duration(of packet: [UInt8]) -> Int64 {
        guard codec == .opus else {
            return Self.flacSamples(of: packet).map { $0 * 1_000_000_000 / sampleRate } ?? Self.nanoseconds
        }
        guard let first = packet.first else { return 0 }
        let configuration = Int(first >> 3)
        let frame: Int64 =
            switch configuration {
            case 0..<12: [10_000_000, 20_000_000, 40_000_000, 60_000_000][configuration & 3]
            case 12..<16: [10_000_000, 20_000_000][configuration & 1]
            default: [2_500_000, 5_000_000, 10_000_000, 20_000_000][configuration & 3]
            }
        switch first & 3 {
        case 0: return frame
        case 1, 2: return 2 * frame
        default: return packet.count > 1 ? Int64(packet[1] & 63) * frame : 0
        }
    }

    // MARK: FLAC (RFC 9639 §9)

    /// A frame whose subframes are the constant 0; sample rate and depth are the stream's.
    private static func flacFrame(samples: Int64, bits: Int, _ channels: Int) -> [UInt8] {
        guard (1...65_536).contains(samples), (4...24).contains(bits), bits.isMultiple(of: 8),
            (1...8).contains(channels)
        else { return [] }
        let size = UInt16(samples - 1)
        var frame: [UInt8] = [0xFF, 0xF8, 0x70, UInt8(channels - 1) << 4, 0, UInt8(size >> 8), UInt8(size & 0xFF)]
        frame.append(crc8(frame))
        for _ in 0..<channels { frame += [UInt8](repeating: 0, count: 1 + bits / 8) }
        let check = crc16(frame)
        return frame + [UInt8(check >> 8), UInt8(check & 0xFF)]
    }

    /// The block size that a frame's head tells; nil where there is no such head.
    private static func flacSamples(of frame: [UInt8]) -> Int64? {
        guard frame.count > 6, frame[0] == 0xFF, frame[1] & 0xFE == 0xF8 else { return nil }
        let code = frame[2] >> 4
        let octets = max(1, (~frame[4]).leadingZeroBitCount)
        let place = 4 + octets
        switch code {
        case 1: return 192
        case 2...5: return 576 << Int64(code - 2)
        case 6: return place < frame.count ? Int64(frame[place]) + 1 : nil
        case 7: return place + 1 < frame.count ? Int64(frame[place]) << 8 + Int64(frame[place + 1]) + 1 : nil
        case 8...15: return 256 << Int64(code - 8)
        default: return nil
        }
    }

    private static func crc8(_ bytes: [UInt8]) -> UInt8 {
        bytes.reduce(UInt8(0)) { crc, byte in
            (0..<8).reduce(crc ^ byte) { value, _ in value & 0x80 != 0 ? value << 1 ^ 0x07 : value << 1 }
        }
    }

    private static func crc16(_ bytes: [UInt8]) -> UInt16 {
        bytes.reduce(UInt16(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt16(byte) << 8) { value, _ in
                value & 0x8000 != 0 ? value << 1 ^ 0x8005 : value << 1
            }
        }
    }
}
