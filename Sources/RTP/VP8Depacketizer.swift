/// Puts VP8 frames together from packets in sequence order (RFC 7741 §4). Put a `PacketReorderer` before it where the
/// network may reorder.
public struct VP8Depacketizer: Sendable {
    /// Octets of a frame beyond which it is given up.
    public let maximumFrameSize: Int

    private var buffer: [UInt8] = []
    private var timestamp: UInt32 = 0
    private var isAssembling = false
    private var expectedSequence: UInt16?
    private var lossSinceKeyframe = true
    /// The timestamp of the frame last counted as dropped, so that each is counted once.
    private var droppedTimestamp: UInt32?

    public init(maximumFrameSize: Int = 4 << 20) { self.maximumFrameSize = maximumFrameSize }

    /// Takes the payload of the next packet. A packet older than one seen before is ignored.
    public mutating func push(
        _ payload: UnsafeRawBufferPointer, sequenceNumber: UInt16, timestamp: UInt32, marker: Bool
    ) -> DepacketizerOutput {
        var output = DepacketizerOutput()
        if let expected = expectedSequence {
            let ahead = Int16(bitPattern: sequenceNumber &- expected)
            if ahead < 0, ahead > -1000 { return output }
            if ahead != 0 {
                lossSinceKeyframe = true
                if isAssembling { drop(self.timestamp, &output) }
            }
        }
        expectedSequence = sequenceNumber &+ 1
        if payload.isEmpty { return output }
        guard let descriptor = VP8PayloadDescriptor(parsing: payload), descriptor.length < payload.count else {
            drop(timestamp, &output)
            return output
        }
        if isAssembling, timestamp != self.timestamp {
            drop(self.timestamp, &output)
        }
        if descriptor.startsFrame, !isAssembling {
            isAssembling = true
            self.timestamp = timestamp
            buffer.removeAll(keepingCapacity: true)
        }
        guard isAssembling else {
            drop(timestamp, &output)
            return output
        }
        let data = payload[descriptor.length...]
        guard buffer.count + data.count <= maximumFrameSize else {
            drop(timestamp, &output)
            return output
        }
        buffer.append(contentsOf: data)
        guard marker else { return output }
        isAssembling = false
        guard let header = buffer.withUnsafeBytes({ VP8FrameHeader(parsing: $0) }) else {
            drop(timestamp, &output)
            return output
        }
        if header.isKeyframe { lossSinceKeyframe = false }
        output.frame = VideoFrame(
            bytes: buffer, rtpTimestamp: timestamp, isKeyframe: header.isKeyframe, width: header.width,
            height: header.height, followsLoss: lossSinceKeyframe)
        return output
    }

    /// Forgets what was begun; for a new source.
    public mutating func reset() {
        isAssembling = false
        expectedSequence = nil
        lossSinceKeyframe = true
        droppedTimestamp = nil
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func drop(_ timestamp: UInt32, _ output: inout DepacketizerOutput) {
        isAssembling = false
        lossSinceKeyframe = true
        buffer.removeAll(keepingCapacity: true)
        guard droppedTimestamp != timestamp else { return }
        droppedTimestamp = timestamp
        output.droppedFrames += 1
    }
}
