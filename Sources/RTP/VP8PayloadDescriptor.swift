/// The descriptor before each VP8 payload (RFC 7741 §4.2), with the offsets needed to rewrite it in place.
public struct VP8PayloadDescriptor: Sendable, Equatable {
    /// Octets of descriptor; the VP8 payload follows.
    public var length: Int
    /// S: a partition begins here.
    public var startsPartition: Bool
    public var partitionIndex: UInt8
    /// N: no other frame refers to this one.
    public var isNonReference: Bool
    /// 7 or 15 bits as `pictureIDBits` says.
    public var pictureID: UInt16?
    /// 7 or 15; 0 without picture id.
    public var pictureIDBits: UInt8
    public var tl0PictureIndex: UInt8?
    public var temporalLayer: UInt8?
    public var layerSync: Bool
    public var keyIndex: UInt8?
    /// Octets before the picture id and before TL0PICIDX; 0 if absent.
    var pictureIDOffset: Int
    var tl0Offset: Int

    public var startsFrame: Bool { startsPartition && partitionIndex == 0 }

    /// nil when the payload ends inside the descriptor.
    public init?(parsing payload: UnsafeRawBufferPointer) {
        guard let base = payload.baseAddress, payload.count >= 1 else { return nil }
        let count = payload.count
        let first = base.byte(0)
        startsPartition = first & 0x10 != 0
        partitionIndex = first & 0x07
        isNonReference = first & 0x20 != 0
        pictureID = nil
        pictureIDBits = 0
        tl0PictureIndex = nil
        temporalLayer = nil
        layerSync = false
        keyIndex = nil
        pictureIDOffset = 0
        tl0Offset = 0
        var offset = 1
        if first & 0x80 != 0 {
            guard offset < count else { return nil }
            let extensions = base.byte(offset)
            offset += 1
            if extensions & 0x80 != 0 {
                guard offset < count else { return nil }
                pictureIDOffset = offset
                let head = base.byte(offset)
                if head & 0x80 != 0 {
                    guard offset + 1 < count else { return nil }
                    pictureID = base.big16(offset) & 0x7fff
                    pictureIDBits = 15
                    offset += 2
                } else {
                    pictureID = UInt16(head)
                    pictureIDBits = 7
                    offset += 1
                }
            }
            if extensions & 0x40 != 0 {
                guard offset < count else { return nil }
                tl0Offset = offset
                tl0PictureIndex = base.byte(offset)
                offset += 1
            }
            if extensions & 0x30 != 0 {
                guard offset < count else { return nil }
                let layers = base.byte(offset)
                if extensions & 0x20 != 0 {
                    temporalLayer = layers >> 6
                    layerSync = layers & 0x20 != 0
                }
                if extensions & 0x10 != 0 { keyIndex = layers & 0x1f }
                offset += 1
            }
        }
        length = offset
    }

    /// Writes other ids into the payload that this descriptor was parsed from, each in the width that is there.
    public func rewrite(_ payload: UnsafeMutableRawPointer, pictureID: UInt16, tl0PictureIndex: UInt8) {
        if pictureIDBits == 15 {
            payload.setBig16(0x8000 | pictureID, pictureIDOffset)
        } else if pictureIDBits == 7 {
            payload.setByte(UInt8(truncatingIfNeeded: pictureID & 0x7f), pictureIDOffset)
        }
        if tl0Offset > 0 { payload.setByte(tl0PictureIndex, tl0Offset) }
    }
}

/// The head of a VP8 frame (RFC 6386 §9.1).
public struct VP8FrameHeader: Sendable, Equatable {
    public var isKeyframe: Bool
    /// Octets of the first partition.
    public var firstPartitionSize: Int
    /// Pixels; nil unless a keyframe.
    public var width: Int?
    public var height: Int?

    /// Reads the head of a frame, after the payload descriptor. nil when too short or a keyframe's start code is wrong.
    public init?(parsing frame: UnsafeRawBufferPointer) {
        guard let base = frame.baseAddress, frame.count >= 3 else { return nil }
        let tag = Int(base.byte(0)) | Int(base.byte(1)) << 8 | Int(base.byte(2)) << 16
        isKeyframe = tag & 1 == 0
        firstPartitionSize = tag >> 5
        guard isKeyframe else { return }
        guard frame.count >= 10, base.byte(3) == 0x9d, base.byte(4) == 0x01, base.byte(5) == 0x2a else { return nil }
        width = Int(base.byte(6)) | Int(base.byte(7) & 0x3f) << 8
        height = Int(base.byte(8)) | Int(base.byte(9) & 0x3f) << 8
    }

    /// Whether an RTP payload begins a VP8 keyframe.
    public static func beginsKeyframe(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard let descriptor = VP8PayloadDescriptor(parsing: payload), descriptor.startsFrame,
            let header = VP8FrameHeader(parsing: UnsafeRawBufferPointer(rebasing: payload[descriptor.length...]))
        else { return false }
        return header.isKeyframe
    }
}
