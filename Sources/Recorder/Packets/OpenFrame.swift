/// The packets of pictures that are being put together, so that it is known of which packets a block was made, and what is
/// left of frames that came to nothing.
struct OpenFrame {
    private struct Packet {
        var head: PacketHead
        var payload: [UInt8]
    }
    /// Beyond this nothing is waited for any more: no frame is larger.
    private static let mostOctets = 8 << 20
    /// Longer descriptors and headers than these are of no format that is recorded.
    private static let longestPrefix = 8
    /// What a block may have before a packet's octets that the packet has not: nothing; the length of a NAL unit; that length
    /// and the unit's header, which a fragment has in parts (RFC 6184 §5.8).
    private static let additions = [0, 4, 5]

    private var packets: [Packet] = []
    private var octets = 0

    mutating func append(_ head: PacketHead, _ payload: UnsafeRawBufferPointer) {
        packets.append(Packet(head: head, payload: Array(payload)))
        octets += payload.count
    }

    /// The packets of the frame of `timestamp`, of which `block` was made. Those that cannot be found in it stay.
    mutating func claim(_ timestamp: UInt32, in block: [UInt8]) -> [BlockPacket] {
        var found: [BlockPacket] = []
        var cursor = 0
        packets.removeAll { packet in
            guard packet.head.timestamp == timestamp,
                let (prefix, offset) = Self.place(of: packet.payload, in: block, from: cursor)
            else { return false }
            let count = packet.payload.count - prefix
            found.append(
                BlockPacket(
                    head: packet.head, prefix: Array(packet.payload[..<prefix]), offset: offset, count: count))
            cursor = offset + count
            octets -= packet.payload.count
            return true
        }
        return found
    }

    /// How many octets of a payload the block does not have, and where in the block the others are.
    private static func place(of payload: [UInt8], in block: [UInt8], from cursor: Int) -> (prefix: Int, offset: Int)? {
        for prefix in 0...min(longestPrefix, payload.count) {
            for addition in additions {
                let offset = cursor + addition
                let count = payload.count - prefix
                guard count > 0, offset + count <= block.count else { continue }
                if payload[prefix...].elementsEqual(block[offset..<offset + count]) { return (prefix, offset) }
            }
        }
        return nil
    }

    /// What no frame will be made of any more: packets of other frames than that of `timestamp`, which is still coming.
    mutating func release(keeping timestamp: UInt32?) -> [TapNote] {
        guard !packets.isEmpty else { return [] }
        var released: [TapNote] = []
        let isTooLarge = octets > Self.mostOctets
        packets.removeAll { packet in
            guard packet.head.timestamp != timestamp || isTooLarge else { return false }
            released.append(.packet(packet.head, payload: packet.payload))
            octets -= packet.payload.count
            return true
        }
        return released
    }
}
