extension VP8FrameHeader {
    /// Pixels of the keyframe that an RTP payload begins (RFC 7741 §4.3); nil if it begins none.
    public static func size(ofKeyframe payload: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        guard let descriptor = VP8PayloadDescriptor(parsing: payload), descriptor.startsFrame,
            descriptor.length <= payload.count,
            let header = VP8FrameHeader(parsing: UnsafeRawBufferPointer(rebasing: payload[descriptor.length...])),
            let width = header.width, let height = header.height, width > 0, height > 0
        else { return nil }
        return (width, height)
    }
}

extension H264SequenceParameters {
    /// Pixels by the sequence parameter set in an RTP payload (RFC 6184 §5.6, §5.7); nil where there is none. Allocates; a
    /// stream has few of them.
    public static func size(inKeyframe payload: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        var size: (width: Int, height: Int)?
        func look(_ unit: UnsafeRawBufferPointer) {
            guard size == nil, let first = unit.first, first & 0x1f == H264UnitType.sequenceParameters,
                let parameters = H264SequenceParameters(parsing: Array(unit.prefix(4096)))
            else { return }
            size = (parameters.width, parameters.height)
        }
        switch H264Payload(parsing: payload) {
        case .unit: look(payload)
        case .aggregate: _ = H264Payload.forEachAggregated(payload) { look($0) }
        case .fragment, nil: break
        }
        return size
    }
}
