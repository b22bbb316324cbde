/// Puts H.264 access units together from packets in sequence order (RFC 6184). Put a `PacketReorderer` before it
/// where the network may reorder.
public struct H264Depacketizer: Sendable {
    public enum Format: Sendable {
        /// Each NAL unit behind 00 00 00 01.
        case annexB
        /// Each NAL unit behind its length in four octets, as MP4 and Matroska hold them.
        case lengthPrefixed
    }

    public let format: Format
    /// Octets of an access unit beyond which it is given up.
    public let maximumFrameSize: Int
    /// The newest parameter sets seen whole, without prefix.
    public private(set) var sequenceParameters: [UInt8]?
    public private(set) var pictureParameters: [UInt8]?

    private var buffer: [UInt8] = []
    private var timestamp: UInt32 = 0
    private var isAssembling = false
    private var isDamaged = false
    private var hasRefresh = false
    private var hasSlice = false
    /// Where the length or start code of the NAL unit being put together from fragments lies.
    private var openFragment: Int?
    private var expectedSequence: UInt16?
    private var lossSinceKeyframe = true
    private var lossBeforeFrame = false

    /// `parameterSets`: NAL units known beforehand, as from a description; those in the stream take their place.
    public init(format: Format = .lengthPrefixed, maximumFrameSize: Int = 4 << 20, parameterSets: [[UInt8]] = []) {
        self.format = format
        self.maximumFrameSize = maximumFrameSize
        for unit in parameterSets { keep(unit[...]) }
    }

    /// Takes the payload of the next packet. A packet older than one seen before is ignored.
    public mutating func push(
        _ payload: UnsafeRawBufferPointer, sequenceNumber: UInt16, timestamp: UInt32, marker: Bool
    ) -> DepacketizerOutput {
        var output = DepacketizerOutput()
        var hasGap = false
        if let expected = expectedSequence {
            let ahead = Int16(bitPattern: sequenceNumber &- expected)
            if ahead < 0, ahead > -1000 { return output }
            hasGap = ahead != 0
        }
        expectedSequence = sequenceNumber &+ 1
        if isAssembling, timestamp != self.timestamp {
            // The marker may be lost, or never set; without a gap the unit before is whole all the same.
            if hasGap { isDamaged = true }
            finish(&output)
        }
        if hasGap {
            lossBeforeFrame = true
            if isAssembling { isDamaged = true }
        }
        if payload.isEmpty { return output }
        if !isAssembling { begin(timestamp) }
        append(payload)
        if buffer.count > maximumFrameSize {
            isDamaged = true
            buffer.removeAll(keepingCapacity: true)
            openFragment = nil
        }
        if marker { finish(&output) }
        return output
    }

    /// Forgets what was begun; for a new source. The parameter sets go too.
    public mutating func reset() {
        self = H264Depacketizer(format: format, maximumFrameSize: maximumFrameSize)
    }

    private mutating func begin(_ timestamp: UInt32) {
        self.timestamp = timestamp
        isAssembling = true
        isDamaged = false
        hasRefresh = false
        hasSlice = false
        openFragment = nil
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ payload: UnsafeRawBufferPointer) {
        guard !isDamaged else { return }
        switch H264Payload(parsing: payload) {
        case .unit:
            guard openFragment == nil else {
                isDamaged = true
                return
            }
            appendUnit(payload)
        case .aggregate:
            guard openFragment == nil else {
                isDamaged = true
                return
            }
            var units: [Range<Int>] = []
            let whole = H264Payload.forEachAggregated(payload) { unit in
                guard let start = unit.baseAddress, let base = payload.baseAddress else { return }
                let offset = start - base
                units.append(offset..<offset + unit.count)
            }
            guard whole else {
                isDamaged = true
                return
            }
            for unit in units { appendUnit(UnsafeRawBufferPointer(rebasing: payload[unit])) }
        case .fragment(let header, let isFirst, let isLast):
            if isFirst {
                guard openFragment == nil else {
                    isDamaged = true
                    return
                }
                openFragment = buffer.count
                appendPrefix(length: 0)
                buffer.append(header)
            }
            guard let start = openFragment else {
                // The first fragment is lost.
                isDamaged = true
                return
            }
            buffer.append(contentsOf: payload[2...])
            guard isLast else { return }
            openFragment = nil
            if format == .lengthPrefixed {
                let length = UInt32(truncatingIfNeeded: buffer.count - start - 4)
                for index in 0..<4 {
                    buffer[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8))
                }
            }
            note(start + 4)
        case nil:
            isDamaged = true
        }
    }

    private mutating func appendUnit(_ unit: UnsafeRawBufferPointer) {
        appendPrefix(length: unit.count)
        let start = buffer.count
        buffer.append(contentsOf: unit)
        note(start)
    }

    private mutating func appendPrefix(length: Int) {
        switch format {
        case .annexB: buffer.append(contentsOf: [0, 0, 0, 1])
        case .lengthPrefixed:
            for shift in [24, 16, 8, 0] { buffer.append(UInt8(truncatingIfNeeded: length >> shift)) }
        }
    }

    /// Notes what the NAL unit is that begins at `start` and ends the buffer.
    private mutating func note(_ start: Int) {
        switch buffer[start] & 0x1f {
        case H264UnitType.instantaneousRefresh:
            hasRefresh = true
            hasSlice = true
        case 1...4: hasSlice = true
        default: keep(buffer[start...])
        }
    }

    private mutating func keep(_ unit: ArraySlice<UInt8>) {
        switch unit.first.map({ $0 & 0x1f }) {
        case H264UnitType.sequenceParameters: sequenceParameters = Array(unit)
        case H264UnitType.pictureParameters: pictureParameters = Array(unit)
        default: break
        }
    }

    private mutating func finish(_ output: inout DepacketizerOutput) {
        isAssembling = false
        guard !isDamaged, openFragment == nil else {
            output.droppedFrames += 1
            lossSinceKeyframe = true
            lossBeforeFrame = false
            return
        }
        // Parameter sets sent alone are kept, not shown.
        guard hasSlice else { return }
        if hasRefresh {
            lossSinceKeyframe = false
        } else if lossBeforeFrame {
            lossSinceKeyframe = true
        }
        lossBeforeFrame = false
        let size = hasRefresh ? sequenceParameters.flatMap { H264SequenceParameters(parsing: $0) } : nil
        output.frame = VideoFrame(
            bytes: buffer, rtpTimestamp: timestamp, isKeyframe: hasRefresh, width: size?.width, height: size?.height,
            followsLoss: lossSinceKeyframe)
    }
}
