/// Why bytes are not an RTP packet (RFC 3550 §5.1).
public enum RTPMalformed: Error, Sendable, Equatable {
    case shorterThanHeader
    case notVersion2
    case contributorsPastEnd
    case extensionPastEnd
    case paddingPastEnd
}

/// The header of an RTP packet taken apart once, with every offset checked: plain values for flat loops
/// (RFC 3550 §5.1).
public struct RTPPacketInfo: Sendable, Equatable {
    public static let fixedHeaderSize = 12

    public var ssrc: UInt32
    public var timestamp: UInt32
    public var sequenceNumber: UInt16
    public var payloadType: UInt8
    public var marker: Bool
    /// CSRC identifiers, from octet 12 on, four octets each; 0...15.
    public var contributorCount: UInt8
    /// Octets of padding after the payload, the count octet with them; 0 if none.
    public var paddingLength: UInt8
    /// "Defined by profile" of the header extension; 0 if there is none.
    public var extensionProfile: UInt16
    /// Octets before the extension's data, and the data's length; both 0 if there is none.
    public var extensionOffset: UInt32
    public var extensionLength: UInt32
    /// Octets before the payload.
    public var payloadOffset: UInt32
    /// Octets of payload, without padding.
    public var payloadLength: UInt32

    public var payloadRange: Range<Int> { Int(payloadOffset)..<Int(payloadOffset) + Int(payloadLength) }

    /// Takes a whole packet apart. For a packet that is still encrypted, pass `readsPadding: false`: its padding
    /// count is ciphertext (RFC 3711 §3.1), and `payloadLength` then runs to the end.
    @inlinable
    public init(parsing packet: UnsafeRawBufferPointer, readsPadding: Bool = true) throws(RTPMalformed) {
        let count = packet.count
        guard let base = packet.baseAddress, count >= Self.fixedHeaderSize else { throw .shorterThanHeader }
        let first = base.byte(0)
        guard first >> 6 == 2 else { throw .notVersion2 }
        let second = base.byte(1)
        marker = second & 0x80 != 0
        payloadType = second & 0x7f
        sequenceNumber = base.big16(2)
        timestamp = base.big32(4)
        ssrc = base.big32(8)
        contributorCount = first & 0x0f
        var offset = Self.fixedHeaderSize + Int(contributorCount) * 4
        guard offset <= count else { throw .contributorsPastEnd }
        extensionProfile = 0
        extensionOffset = 0
        extensionLength = 0
        if first & 0x10 != 0 {
            guard offset + 4 <= count else { throw .extensionPastEnd }
            let length = Int(base.big16(offset + 2)) * 4
            guard offset + 4 + length <= count else { throw .extensionPastEnd }
            extensionProfile = base.big16(offset)
            extensionOffset = UInt32(truncatingIfNeeded: offset + 4)
            extensionLength = UInt32(truncatingIfNeeded: length)
            offset += 4 + length
        }
        paddingLength = 0
        if readsPadding, first & 0x20 != 0 {
            guard offset < count else { throw .paddingPastEnd }
            paddingLength = base.byte(count - 1)
            guard paddingLength > 0, offset + Int(paddingLength) <= count else { throw .paddingPastEnd }
        }
        payloadOffset = UInt32(truncatingIfNeeded: offset)
        payloadLength = UInt32(truncatingIfNeeded: count - offset - Int(paddingLength))
    }

    /// The payload inside the packet this was parsed from.
    @inlinable
    public func payload(of packet: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: packet[payloadRange])
    }

    /// The data of header extension `id` (1...14 in the one-byte form, 1...255 in the two-byte form; RFC 8285 §4).
    public func headerExtension(_ id: UInt8, of packet: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard extensionLength > 0, let base = packet.baseAddress else { return nil }
        let start = Int(extensionOffset)
        let end = start + Int(extensionLength)
        guard end <= packet.count,
            let range = HeaderExtensionElements.find(
                id, profile: extensionProfile, start: start, end: end, byte: { base.byte($0) })
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: packet[range])
    }
}
