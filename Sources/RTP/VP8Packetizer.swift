/// Cuts VP8 frames into RTP payloads, each with a descriptor that numbers its picture in 15 bits (RFC 7741 §4.2, §4.4).
public struct VP8Packetizer: Sendable {
    private static let descriptorLength = 4

    /// Octets of a payload at most, the descriptor with them.
    public let longestPayload: Int
    private var pictureID: UInt16
    private var payload: [UInt8]

    /// - Parameter firstPictureID: should be random.
    public init(longestPayload: Int, firstPictureID: UInt16) {
        self.longestPayload = max(longestPayload, Self.descriptorLength + 1)
        pictureID = firstPictureID & 0x7FFF
        payload = [UInt8](repeating: 0, count: self.longestPayload)
    }

    /// Calls `body` with each payload of a frame, in order; it is valid during the call only.
    public mutating func packetize(
        _ frame: UnsafeRawBufferPointer, _ body: (_ payload: UnsafeRawBufferPointer, _ isLast: Bool) -> Void
    ) {
        defer { pictureID = (pictureID &+ 1) & 0x7FFF }
        let room = longestPayload - Self.descriptorLength
        var start = 0
        while start < frame.count {
            let count = min(room, frame.count - start)
            // X, and S on the first of the frame's one partition that is told of; then I, and the picture's number.
            payload[0] = start == 0 ? 0x90 : 0x80
            payload[1] = 0x80
            payload[2] = 0x80 | UInt8(pictureID >> 8)
            payload[3] = UInt8(pictureID & 0xFF)
            payload.withUnsafeMutableBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: bytes[Self.descriptorLength...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: frame[start..<start + count]))
            }
            start += count
            payload.withUnsafeBytes {
                body(UnsafeRawBufferPointer(rebasing: $0[..<(Self.descriptorLength + count)]), start == frame.count)
            }
        }
    }
}
