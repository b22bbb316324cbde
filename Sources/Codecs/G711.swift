/// G.711: 8 kHz speech, one byte a sample (ITU-T G.711; RTP use RFC 3551 §4.5.14). There is no state.
public enum G711: Sendable {
    case muLaw
    case aLaw

    /// The byte that stands for silence.
    public var silence: UInt8 { self == .muLaw ? 0xFF : 0xD5 }

    /// Encodes as many samples as both buffers hold.
    /// - Returns: bytes written, one a sample.
    @discardableResult
    public func encode(_ samples: UnsafeBufferPointer<Int16>, into bytes: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(samples.count, bytes.count)
        switch self {
        case .muLaw: for index in 0..<count { bytes[index] = Self.muLawByte(samples[index]) }
        case .aLaw: for index in 0..<count { bytes[index] = Self.aLawByte(samples[index]) }
        }
        return count
    }

    /// Decodes as many bytes as both buffers hold.
    /// - Returns: samples written, one a byte.
    @discardableResult
    public func decode(_ bytes: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int16>) -> Int {
        let count = min(samples.count, bytes.count)
        switch self {
        case .muLaw: for index in 0..<count { samples[index] = Self.muLawSample(bytes[index]) }
        case .aLaw: for index in 0..<count { samples[index] = Self.aLawSample(bytes[index]) }
        }
        return count
    }

    /// µ-law: sign, 3 bits of segment, 4 bits of step, all inverted; the magnitude is biased by 33 in 14-bit units.
    static func muLawByte(_ sample: Int16) -> UInt8 {
        let bias: Int32 = 132
        let magnitude = min(abs(Int32(sample)), 32_635) + bias
        let segment = Int32(24 - magnitude.leadingZeroBitCount)
        let step = (magnitude >> (segment + 3)) & 0x0F
        let sign: Int32 = sample < 0 ? 0x80 : 0
        return ~UInt8(truncatingIfNeeded: sign | segment << 4 | step)
    }

    static func muLawSample(_ byte: UInt8) -> Int16 {
        let bits = Int32(~byte)
        let magnitude = (((bits & 0x0F) << 3) + 132) << ((bits >> 4) & 7) - 132
        return Int16(truncatingIfNeeded: bits & 0x80 != 0 ? -magnitude : magnitude)
    }

    /// A-law: sign, 3 bits of segment, 4 bits of step, every second bit inverted.
    static func aLawByte(_ sample: Int16) -> UInt8 {
        let sign: Int32 = sample >= 0 ? 0x80 : 0
        let magnitude = sample >= 0 ? Int32(sample) : ~Int32(sample)
        let code: Int32
        if magnitude < 256 {
            code = magnitude >> 4
        } else {
            let segment = Int32(24 - magnitude.leadingZeroBitCount)
            code = segment << 4 | (magnitude >> (segment + 3)) & 0x0F
        }
        return UInt8(truncatingIfNeeded: (code | sign) ^ 0x55)
    }

    static func aLawSample(_ byte: UInt8) -> Int16 {
        let bits = Int32(byte ^ 0x55)
        let segment = (bits >> 4) & 7
        var magnitude = (bits & 0x0F) << 4 + 8
        if segment > 0 { magnitude = (magnitude + 256) << (segment - 1) }
        return Int16(truncatingIfNeeded: bits & 0x80 != 0 ? magnitude : -magnitude)
    }
}
