/// Reads a compound RTCP packet in place, statement by statement, allocating nothing (RFC 3550 §6.1). Reduced-size
/// packets (RFC 5506) are read too; unknown packet types and formats are passed over.
public struct RTCPReader: ~Escapable {
    private let bytes: RawSpan
    /// The packet being read: the next item in it, its end, its type and count field, items left, its SSRCs.
    private var cursor = 0
    private var end = 0
    private var type: UInt8 = 0
    private var count: UInt8 = 0
    private var remaining = 0
    private var sender: UInt32 = 0
    private var media: UInt32 = 0
    private var isInChunk = false

    /// Checks the whole chain of lengths first, so that reading cannot fail half-way.
    @_lifetime(copy bytes)
    public init(parsing bytes: RawSpan) throws(RTCPMalformed) {
        let total = bytes.byteCount
        guard total >= 4 else { throw .shorterThanHeader }
        var offset = 0
        while offset < total {
            guard offset + 4 <= total else { throw .lengthPastEnd }
            let first = bytes.byte(offset)
            guard first >> 6 == 2 else { throw .notVersion2 }
            guard (192...223).contains(bytes.byte(offset + 1)) else { throw .notRTCP }
            let size = (Int(bytes.big16(offset + 2)) + 1) * 4
            guard offset + size <= total else { throw .lengthPastEnd }
            if first & 0x20 != 0 {
                let padding = Int(bytes.byte(offset + size - 1))
                // libwebrtc pads each of several transport-wide feedbacks in one datagram.
                let mayBePadded = offset + size == total || bytes.byte(offset + 1) == RTCPType.transportFeedback
                guard mayBePadded, padding > 0, padding <= size - 4 else { throw .badPadding }
            }
            offset += size
        }
        self.bytes = bytes
    }

    /// The next statement; nil at the end. A packet whose body is shorter than its count says ends early.
    public mutating func next() -> RTCPMessage? {
        while true {
            if let message = nextItem() { return message }
            guard end < bytes.byteCount else { return nil }
            if let message = beginPacket() { return message }
        }
    }

    /// Enters the packet at `end`; returns its own statement, if it makes one.
    private mutating func beginPacket() -> RTCPMessage? {
        let start = end
        let first = bytes.byte(start)
        type = bytes.byte(start + 1)
        count = first & 0x1f
        let size = (Int(bytes.big16(start + 2)) + 1) * 4
        end = start + size
        let bodyEnd = first & 0x20 != 0 ? end - Int(bytes.byte(end - 1)) : end
        cursor = start + 4
        remaining = 0
        let available = bodyEnd - cursor
        switch type {
        case RTCPType.senderReport:
            guard available >= 24 else { return nil }
            sender = bytes.big32(cursor)
            let info = RTCPSenderInfo(
                ssrc: sender,
                ntp: NTPTime(rawValue: UInt64(bytes.big32(cursor + 4)) << 32 | UInt64(bytes.big32(cursor + 8))),
                rtpTimestamp: bytes.big32(cursor + 12), packetCount: bytes.big32(cursor + 16),
                octetCount: bytes.big32(cursor + 20))
            cursor += 24
            remaining = min(Int(count), (available - 24) / RTCPReportBlock.size)
            return .senderReport(info)
        case RTCPType.receiverReport:
            guard available >= 4 else { return nil }
            sender = bytes.big32(cursor)
            cursor += 4
            remaining = min(Int(count), (available - 4) / RTCPReportBlock.size)
            return .receiverReport(ssrc: sender)
        case RTCPType.sourceDescription:
            isInChunk = false
            remaining = available
        case RTCPType.bye:
            remaining = min(Int(count), available / 4)
        case RTCPType.application:
            guard available >= 8 else { return nil }
            return .application(ssrc: bytes.big32(cursor), subtype: count, name: bytes.big32(cursor + 4))
        case RTCPType.transportFeedback:
            guard available >= 8 else { return nil }
            sender = bytes.big32(cursor)
            media = bytes.big32(cursor + 4)
            if count == RTCPType.transportWide {
                return .transportFeedback(sender: sender, media: media, (cursor + 8)..<bodyEnd)
            }
            guard count == RTCPType.genericNACK else { return nil }
            remaining = (available - 8) / 4
            cursor += 8
        case RTCPType.extendedReport:
            guard available >= 4 else { return nil }
            sender = bytes.big32(cursor)
            cursor += 4
            remaining = available - 4
        case RTCPType.payloadFeedback:
            guard available >= 8 else { return nil }
            sender = bytes.big32(cursor)
            switch count {
            case RTCPType.pictureLossIndication:
                return .pictureLossIndication(sender: sender, media: bytes.big32(cursor + 4))
            case RTCPType.fullIntraRequest:
                remaining = (available - 8) / 8
                cursor += 8
            case RTCPType.applicationLayer:
                guard available >= 16, bytes.big32(cursor + 8) == 0x5245_4d42 else { return nil }
                let word = bytes.big32(cursor + 12)
                let exponent = UInt64(word >> 18 & 0x3f)
                let mantissa = UInt64(word & 0x3ffff)
                // A mantissa of 18 bits shifted farther would lose its highest.
                let bits = exponent > 46 && mantissa > 0 ? UInt64.max : mantissa << exponent
                let sources = min(Int(word >> 24), (available - 16) / 4)
                return .receiverEstimatedMaximumBitrate(
                    sender: sender, bitsPerSecond: bits, sources: (cursor + 16)..<(cursor + 16 + sources * 4))
            default:
                return nil
            }
        default:
            return nil
        }
        return nil
    }

    private mutating func nextItem() -> RTCPMessage? {
        guard remaining > 0 else { return nil }
        if type == RTCPType.sourceDescription { return nextName() }
        if type == RTCPType.extendedReport { return nextBlock() }
        remaining -= 1
        let offset = cursor
        switch type {
        case RTCPType.senderReport, RTCPType.receiverReport:
            cursor += RTCPReportBlock.size
            return .reportBlock(reporter: sender, reportBlock(at: offset))
        case RTCPType.bye:
            cursor += 4
            return .bye(ssrc: bytes.big32(offset))
        case RTCPType.transportFeedback:
            cursor += 4
            return .genericNACK(
                sender: sender, media: media, packetID: bytes.big16(offset),
                followingLost: bytes.big16(offset + 2))
        default:
            cursor += 8
            return .fullIntraRequest(
                sender: sender, media: bytes.big32(offset), sequenceNumber: bytes.byte(offset + 4))
        }
    }

    /// Walks the chunks of a source description for CNAME items; `remaining` counts octets here, `count` chunks.
    private mutating func nextName() -> RTCPMessage? {
        while remaining > 0 {
            if !isInChunk {
                guard count > 0, remaining >= 4 else { break }
                count -= 1
                sender = bytes.big32(cursor)
                isInChunk = true
                skip(4)
                continue
            }
            let item = bytes.byte(cursor)
            if item == 0 {
                // Zeros fill the chunk up to the next 32-bit boundary (RFC 3550 §6.5).
                skip(4 - cursor % 4)
                isInChunk = false
                continue
            }
            guard remaining >= 2 else { break }
            let length = Int(bytes.byte(cursor + 1))
            guard remaining >= 2 + length else { break }
            let text = (cursor + 2)..<(cursor + 2 + length)
            skip(2 + length)
            if item == 1 { return .canonicalName(ssrc: sender, text) }
        }
        remaining = 0
        return nil
    }

    /// Walks the blocks of an extended report; `remaining` counts octets here. Of several answers to reference times in
    /// one block, the first is read.
    private mutating func nextBlock() -> RTCPMessage? {
        while remaining >= 4 {
            let block = cursor
            let size = (Int(bytes.big16(block + 2)) + 1) * 4
            guard size <= remaining else { break }
            skip(size)
            switch bytes.byte(block) {
            case RTCPExtendedBlock.receiverReferenceTime where size == RTCPExtendedBlock.receiverReferenceTimeSize:
                return .receiverReferenceTime(
                    ssrc: sender,
                    NTPTime(rawValue: UInt64(bytes.big32(block + 4)) << 32 | UInt64(bytes.big32(block + 8))))
            case RTCPExtendedBlock.delaySinceReference where size >= RTCPExtendedBlock.delaySinceReferenceSize:
                return .referenceDelay(
                    reporter: sender,
                    RTCPReferenceDelay(
                        ssrc: bytes.big32(block + 4), lastReference: bytes.big32(block + 8),
                        delaySinceLastReference: bytes.big32(block + 12)))
            case RTCPExtendedBlock.statisticsSummary
            where size == RTCPExtendedBlock.statisticsSummarySize
                && bytes.byte(block + 1) & RTCPExtendedBlock.lossAndJitter == RTCPExtendedBlock.lossAndJitter:
                return .statisticsSummary(
                    reporter: sender,
                    RTCPStatisticsSummary(
                        ssrc: bytes.big32(block + 4), beginSequence: bytes.big16(block + 8),
                        endSequence: bytes.big16(block + 10), lost: bytes.big32(block + 12),
                        leastJitter: bytes.big32(block + 20), mostJitter: bytes.big32(block + 24),
                        meanJitter: bytes.big32(block + 28), deviationOfJitter: bytes.big32(block + 32)))
            default: continue
            }
        }
        remaining = 0
        return nil
    }

    private mutating func skip(_ octets: Int) {
        let step = min(octets, remaining)
        cursor += step
        remaining -= step
    }

    private func reportBlock(at offset: Int) -> RTCPReportBlock {
        let lost = bytes.big32(offset + 4)
        return RTCPReportBlock(
            ssrc: bytes.big32(offset), fractionLost: UInt8(lost >> 24),
            cumulativeLost: Int32(bitPattern: lost << 8) >> 8, extendedHighestSequence: bytes.big32(offset + 8),
            jitter: bytes.big32(offset + 12), lastSenderReport: bytes.big32(offset + 16),
            delaySinceLastSenderReport: bytes.big32(offset + 20))
    }
}
