/// What the bridge needs of a sequence parameter set (ITU-T H.264 §7.3.2.1.1).
public struct H264SequenceParameters: Sendable, Equatable {
    public var profile: UInt8
    /// The constraint flags octet.
    public var constraints: UInt8
    public var level: UInt8
    /// Pixels, after cropping.
    public var width: Int
    public var height: Int

    /// Parses a NAL unit of type 7, header octet first, without start code. nil when it is malformed or its picture is
    /// larger than 16,384 pixels a side.
    public init?(parsing unit: [UInt8]) {
        guard unit.count >= 5, unit[0] & 0x1f == H264UnitType.sequenceParameters else { return nil }
        profile = unit[1]
        constraints = unit[2]
        level = unit[3]
        var reader = BitReader(unescaping: unit.dropFirst(4))
        guard reader.unsignedExpGolomb() != nil else { return nil }
        var chromaFormat: UInt32 = 1
        var separatePlanes = false
        if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(profile) {
            guard let format = reader.unsignedExpGolomb(), format <= 3 else { return nil }
            chromaFormat = format
            if format == 3 {
                guard let flag = reader.bit() else { return nil }
                separatePlanes = flag
            }
            guard reader.unsignedExpGolomb() != nil, reader.unsignedExpGolomb() != nil, reader.bit() != nil,
                let hasMatrices = reader.bit()
            else { return nil }
            if hasMatrices {
                for index in 0..<(format == 3 ? 12 : 8) {
                    guard let present = reader.bit() else { return nil }
                    if present, !reader.skipScalingList(size: index < 6 ? 16 : 64) { return nil }
                }
            }
        }
        guard reader.unsignedExpGolomb() != nil, let orderType = reader.unsignedExpGolomb() else { return nil }
        if orderType == 0 {
            guard reader.unsignedExpGolomb() != nil else { return nil }
        } else if orderType == 1 {
            guard reader.bit() != nil, reader.signedExpGolomb() != nil, reader.signedExpGolomb() != nil,
                let cycle = reader.unsignedExpGolomb(), cycle <= 255
            else { return nil }
            for _ in 0..<cycle where reader.signedExpGolomb() == nil { return nil }
        }
        guard reader.unsignedExpGolomb() != nil, reader.bit() != nil,
            let widthInBlocks = reader.unsignedExpGolomb(), let heightInUnits = reader.unsignedExpGolomb(),
            widthInBlocks < 1024, heightInUnits < 1024, let framesOnly = reader.bit()
        else { return nil }
        if !framesOnly, reader.bit() == nil { return nil }
        guard reader.bit() != nil, let isCropped = reader.bit() else { return nil }
        let fieldFactor = framesOnly ? 1 : 2
        var width = (Int(widthInBlocks) + 1) * 16
        var height = (Int(heightInUnits) + 1) * 16 * fieldFactor
        if isCropped {
            guard let left = reader.unsignedExpGolomb(), let right = reader.unsignedExpGolomb(),
                let top = reader.unsignedExpGolomb(), let bottom = reader.unsignedExpGolomb()
            else { return nil }
            let chroma = separatePlanes ? 0 : chromaFormat
            let unitX = chroma == 1 || chroma == 2 ? 2 : 1
            let unitY = (chroma == 1 ? 2 : 1) * fieldFactor
            width -= (Int(left) + Int(right)) * unitX
            height -= (Int(top) + Int(bottom)) * unitY
        }
        guard width > 0, height > 0, width <= 16_384, height <= 16_384 else { return nil }
        self.width = width
        self.height = height
    }
}

/// The AVCDecoderConfigurationRecord that MP4 and Matroska keep as codec private data (ISO/IEC 14496-15 §5.2.4.1).
public enum H264DecoderConfiguration {
    /// One SPS and one PPS, four-octet lengths; nil when a set is too short or longer than 65,535 octets.
    public static func record(sequenceParameters: [UInt8], pictureParameters: [UInt8]) -> [UInt8]? {
        guard sequenceParameters.count >= 4, !pictureParameters.isEmpty,
            let spsLength = UInt16(exactly: sequenceParameters.count),
            let ppsLength = UInt16(exactly: pictureParameters.count)
        else { return nil }
        var record: [UInt8] = [1, sequenceParameters[1], sequenceParameters[2], sequenceParameters[3], 0xff, 0xe1]
        record += [UInt8(spsLength >> 8), UInt8(truncatingIfNeeded: spsLength)] + sequenceParameters
        record += [1, UInt8(ppsLength >> 8), UInt8(truncatingIfNeeded: ppsLength)] + pictureParameters
        return record
    }
}

/// Bits of a raw byte sequence payload, most significant first, without emulation prevention octets (H.264 §7.4.1).
struct BitReader {
    private var bytes: [UInt8] = []
    private var position = 0

    init(unescaping data: ArraySlice<UInt8>) {
        var zeros = 0
        // An SPS is far shorter; what lies beyond is not read.
        for byte in data.prefix(4096) {
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            bytes.append(byte)
        }
    }

    mutating func bit() -> Bool? {
        guard position < bytes.count * 8 else { return nil }
        defer { position += 1 }
        return bytes[position >> 3] & (0x80 >> UInt8(position & 7)) != 0
    }

    /// ue(v), up to 2³² - 2 (H.264 §9.1).
    mutating func unsignedExpGolomb() -> UInt32? {
        var zeros = 0
        while let bit = bit() {
            if bit {
                var value: UInt64 = 1
                for _ in 0..<zeros {
                    guard let next = self.bit() else { return nil }
                    value = value << 1 | (next ? 1 : 0)
                }
                return UInt32(value - 1)
            }
            zeros += 1
            if zeros > 31 { return nil }
        }
        return nil
    }

    /// se(v) (H.264 §9.1.1).
    mutating func signedExpGolomb() -> Int64? {
        guard let code = unsignedExpGolomb() else { return nil }
        return code & 1 == 1 ? Int64(code / 2) + 1 : -Int64(code / 2)
    }

    /// H.264 §7.3.2.1.1.1; false when the bits end.
    mutating func skipScalingList(size: Int) -> Bool {
        var last: Int64 = 8
        var next: Int64 = 8
        for _ in 0..<size {
            if next != 0 {
                guard let delta = signedExpGolomb() else { return false }
                next = (last &+ delta) & 0xff
            }
            last = next == 0 ? last : next
        }
        return true
    }
}
