/// NAL unit types that the bridge tells apart (ITU-T H.264 table 7-1, RFC 6184 §5.2).
public enum H264UnitType {
    public static let slice: UInt8 = 1
    public static let instantaneousRefresh: UInt8 = 5
    public static let sequenceParameters: UInt8 = 7
    public static let pictureParameters: UInt8 = 8
    public static let accessUnitDelimiter: UInt8 = 9
    public static let aggregation: UInt8 = 24
    public static let fragment: UInt8 = 28
}

/// The shape of one H.264 RTP payload, in packetization modes 0 and 1 (RFC 6184 §5.6, §5.7.1, §5.8).
public enum H264Payload: Sendable, Equatable {
    case unit(type: UInt8)
    /// STAP-A; each NAL unit behind a 16-bit size from octet 1 on.
    case aggregate
    /// FU-A; `header` is the NAL unit header to put before the fragments, whose data begins at octet 2.
    case fragment(header: UInt8, isFirst: Bool, isLast: Bool)

    /// nil for an empty, truncated or forbidden payload and for the interleaved mode, which is never negotiated.
    public init?(parsing payload: UnsafeRawBufferPointer) {
        guard let base = payload.baseAddress, payload.count >= 1 else { return nil }
        let head = base.byte(0)
        guard head & 0x80 == 0 else { return nil }
        switch head & 0x1f {
        case 1...23:
            self = .unit(type: head & 0x1f)
        case H264UnitType.aggregation:
            guard payload.count >= 4 else { return nil }
            self = .aggregate
        case H264UnitType.fragment:
            guard payload.count >= 3 else { return nil }
            let fragment = base.byte(1)
            let isFirst = fragment & 0x80 != 0
            let isLast = fragment & 0x40 != 0
            guard !(isFirst && isLast), (1...23).contains(fragment & 0x1f) else { return nil }
            self = .fragment(header: head & 0xe0 | fragment & 0x1f, isFirst: isFirst, isLast: isLast)
        default:
            return nil
        }
    }

    /// Whether a payload is an aggregate or a fragment, which a receiver in the single NAL unit mode does not know.
    public static func needsNonInterleavedMode(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard let head = payload.first else { return false }
        return head & 0x1f == H264UnitType.aggregation || head & 0x1f == H264UnitType.fragment
    }

    /// Calls `body` with each NAL unit of a STAP-A; false when a size runs past the end.
    static func forEachAggregated(
        _ payload: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        guard let base = payload.baseAddress else { return false }
        var offset = 1
        while offset < payload.count {
            guard offset + 2 <= payload.count else { return false }
            let size = Int(base.big16(offset))
            offset += 2
            guard size > 0, offset + size <= payload.count else { return false }
            body(UnsafeRawBufferPointer(rebasing: payload[offset..<offset + size]))
            offset += size
        }
        return true
    }

    /// Whether an RTP payload begins a picture from which decoding can start: an SPS or the start of an IDR slice.
    public static func beginsKeyframe(_ payload: UnsafeRawBufferPointer) -> Bool {
        let isEntry = { (type: UInt8) in
            type == H264UnitType.sequenceParameters || type == H264UnitType.instantaneousRefresh
        }
        switch H264Payload(parsing: payload) {
        case .unit(let type): return isEntry(type)
        case .fragment(let header, let isFirst, _): return isFirst && isEntry(header & 0x1f)
        case .aggregate:
            var found = false
            let whole = forEachAggregated(payload) { unit in
                if isEntry(unit[0] & 0x1f) { found = true }
            }
            return whole && found
        case nil: return false
        }
    }
}
