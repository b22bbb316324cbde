internal import CSpanDSP

/// One G.722 stream being encoded: 16 kHz sound to 64 kbit/s (ITU-T G.722; RTP use RFC 3551 §4.5.2).
///
/// `@unchecked Sendable`: the value owns its C object alone and cannot be copied, so whoever holds it is its only user.
public struct G722Encoder: ~Copyable, @unchecked Sendable {
    private let state: OpaquePointer

    public init() throws(CodecError) {
        guard let state = g722_encode_init(nil, 64_000, 0) else {
            throw .cannotCreate(codec: "G.722", reason: "no memory")
        }
        self.state = state
    }

    deinit { g722_encode_free(state) }

    /// Encodes an even number of samples, two a byte.
    /// - Returns: bytes written.
    public mutating func encode(
        _ samples: UnsafeBufferPointer<Int16>, into bytes: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int {
        guard samples.count.isMultiple(of: 2), samples.count <= Int(Int32.max) else {
            throw .encodingFailed(codec: "G.722", reason: "\(samples.count) samples; an even number is needed")
        }
        guard bytes.count >= samples.count / 2 else {
            throw .outputTooSmall(codec: "G.722", needed: samples.count / 2)
        }
        guard let input = samples.baseAddress, let output = bytes.baseAddress, samples.count > 0 else { return 0 }
        return Int(g722_encode(state, output.assumingMemoryBound(to: UInt8.self), input, Int32(samples.count)))
    }
}

/// One G.722 stream being decoded: 64 kbit/s to 16 kHz sound.
///
/// `@unchecked Sendable`: the value owns its C object alone and cannot be copied, so whoever holds it is its only user.
public struct G722Decoder: ~Copyable, @unchecked Sendable {
    private let state: OpaquePointer

    public init() throws(CodecError) {
        guard let state = g722_decode_init(nil, 64_000, 0) else {
            throw .cannotCreate(codec: "G.722", reason: "no memory")
        }
        self.state = state
    }

    deinit { g722_decode_free(state) }

    /// Decodes bytes, two samples each; any bytes are valid G.722.
    /// - Returns: samples written.
    public mutating func decode(
        _ bytes: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int16>
    ) throws(CodecError) -> Int {
        guard bytes.count <= Int(Int32.max) / 2, samples.count >= bytes.count * 2 else {
            throw .outputTooSmall(codec: "G.722", needed: bytes.count * 2)
        }
        guard let input = bytes.baseAddress, let output = samples.baseAddress, bytes.count > 0 else { return 0 }
        return Int(g722_decode(state, output, input.assumingMemoryBound(to: UInt8.self), Int32(bytes.count)))
    }
}
