internal import COpus

/// Whether a packet holds sound that somebody could want to hear, told without decoding it.
public enum PacketActivity: Sendable, Equatable {
    /// The sender's own speech detector found some, or the samples show it.
    case active
    case inactive
    /// Only decoding tells.
    case unknown
}

extension OpusDecoder {
    /// Reads the voice activity flags of SILK and hybrid frames, which lie open in a frame's first bits (RFC 6716
    /// §4.2.3), the tiny packets of discontinuous transmission, and CELT's flag of digital silence (§4.3, Table 56).
    public static func activity(of packet: UnsafeRawBufferPointer) -> PacketActivity {
        guard packet.count > 2, let bytes = packet.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return .inactive
        }
        let toc = bytes[0]
        if toc & 3 == 0 {
            return activity(toc, bytes + 1, packet.count - 1)
        }
        return withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: mostFrames) { frames in
            withUnsafeTemporaryAllocation(of: Int16.self, capacity: mostFrames) { sizes in
                guard let size = sizes.baseAddress else { return .unknown }
                let count = opus_packet_parse(
                    bytes, Int32(clamping: packet.count), nil, frames.baseAddress, size, nil)
                guard count > 0 else { return .inactive }
                var all = PacketActivity.inactive
                for index in 0..<min(Int(count), mostFrames) {
                    guard let frame = frames[index] else { continue }
                    switch activity(toc, frame, Int(sizes[index])) {
                    case .active: return .active
                    case .unknown: all = .unknown
                    case .inactive: break
                    }
                }
                return all
            }
        }
    }

    /// Frames of 2.5 ms in the longest packet (RFC 6716 §3.2.5).
    private static let mostFrames = 48
    private static let firstCELTConfiguration: UInt8 = 16

    /// One frame of `count` octets.
    private static func activity(_ toc: UInt8, _ frame: UnsafePointer<UInt8>, _ count: Int) -> PacketActivity {
        // A frame of no or one octet was not transmitted, or is DTX (§3.2.1).
        guard count > 1 else { return .inactive }
        let configuration = toc >> 3
        if configuration >= firstCELTConfiguration {
            // The silence flag has a probability of 2^-15: it is set where the first 15 bits are.
            return frame[0] == 0xFF && frame[1] >= 0xFE ? .inactive : .unknown
        }
        // A flag for each 20 ms, then one that tells of redundancy; for stereo, all that again for the side channel.
        let flags: UInt8
        switch configuration {
        case 2, 6, 10: flags = 2
        case 3, 7, 11: flags = 3
        default: flags = 1
        }
        let ofMiddle = ~(0xFF >> flags) as UInt8
        let ofSide = toc & 4 != 0 ? ofMiddle >> (flags + 1) : 0
        return frame[0] & (ofMiddle | ofSide) != 0 ? .active : .inactive
    }
}

extension G711 {
    /// Whether samples are louder than -60 dBov on average.
    public func activity(of payload: UnsafeRawBufferPointer) -> PacketActivity {
        guard !payload.isEmpty else { return .inactive }
        var energy: Int64 = 0
        switch self {
        case .muLaw: for byte in payload { energy &+= Self.square(Self.muLawSample(byte)) }
        case .aLaw: for byte in payload { energy &+= Self.square(Self.aLawSample(byte)) }
        }
        // (32,768 × 10^(-60/20))²
        return energy > 1_074 * Int64(payload.count) ? .active : .inactive
    }

    private static func square(_ sample: Int16) -> Int64 { Int64(sample) * Int64(sample) }
}
