/// What an `avcC` box says of an H.264 track (ISO/IEC 14496-15 §5.3.3.1), and the way from its samples to Annex B.
public struct AVCConfiguration: Sendable, Equatable {
    /// Bytes in the length before each NAL unit of a sample: 1, 2 or 4.
    public let lengthSize: Int
    /// Sequence and picture parameter sets, in Annex B form.
    public let parameterSets: [UInt8]

    private static let startCode: [UInt8] = [0, 0, 0, 1]

    public init(parsing record: UnsafeRawBufferPointer) throws(CodecError) {
        guard record.count >= 7, record[0] == 1 else {
            throw .malformed(codec: "H.264", reason: "no decoder configuration record")
        }
        let lengthSize = Int(record[4] & 3) + 1
        guard lengthSize != 3 else { throw .malformed(codec: "H.264", reason: "NAL unit lengths of 3 bytes") }
        var sets: [UInt8] = []
        var offset = 5
        for mask: UInt8 in [0x1F, 0xFF] {
            guard offset < record.count else { throw .malformed(codec: "H.264", reason: "a cut configuration record") }
            let count = Int(record[offset] & mask)
            offset += 1
            for _ in 0..<count {
                guard offset + 2 <= record.count else {
                    throw .malformed(codec: "H.264", reason: "a cut configuration record")
                }
                let length = Int(record[offset]) << 8 | Int(record[offset + 1])
                offset += 2
                guard offset + length <= record.count else {
                    throw .malformed(codec: "H.264", reason: "a cut parameter set")
                }
                sets.append(contentsOf: Self.startCode)
                sets.append(contentsOf: record[offset..<(offset + length)])
                offset += length
            }
        }
        self.lengthSize = lengthSize
        parameterSets = sets
    }

    /// Rewrites one sample's length-prefixed NAL units with start codes, replacing what `output` held.
    public func convertToAnnexB(_ sample: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(CodecError) {
        output.removeAll(keepingCapacity: true)
        var offset = 0
        while offset < sample.count {
            guard offset + lengthSize <= sample.count else {
                throw .malformed(codec: "H.264", reason: "a cut NAL unit length")
            }
            var length = 0
            for byte in sample[offset..<(offset + lengthSize)] { length = length << 8 | Int(byte) }
            offset += lengthSize
            guard length <= sample.count - offset else { throw .malformed(codec: "H.264", reason: "a cut NAL unit") }
            output.append(contentsOf: Self.startCode)
            output.append(contentsOf: sample[offset..<(offset + length)])
            offset += length
        }
    }
}
