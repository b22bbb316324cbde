/// Writes a compound RTCP packet into the caller's buffer, packet by packet (RFC 3550 §6.1). A packet that does not fit
/// writes nothing and returns false.
public struct RTCPBuilder {
    public enum PayloadFeedback: Sendable {
        case pictureLossIndication
        case fullIntraRequest(sequenceNumber: UInt8)
    }

    private let buffer: UnsafeMutableRawBufferPointer
    /// Octets written so far.
    public private(set) var count = 0
    /// Where the report that `addReportBlock` extends begins.
    private var report: Int?

    /// `buffer` must outlive the builder.
    public init(into buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    /// Begins a sender report; `addReportBlock` adds to it.
    @discardableResult
    public mutating func senderReport(_ info: RTCPSenderInfo) -> Bool {
        guard let base = begin(RTCPType.senderReport, count: 0, size: 28) else { return false }
        base.setBig32(info.ssrc, 4)
        base.setBig32(UInt32(info.ntp.rawValue >> 32), 8)
        base.setBig32(UInt32(truncatingIfNeeded: info.ntp.rawValue), 12)
        base.setBig32(info.rtpTimestamp, 16)
        base.setBig32(info.packetCount, 20)
        base.setBig32(info.octetCount, 24)
        report = count - 28
        return true
    }

    /// Begins a receiver report; `addReportBlock` adds to it.
    @discardableResult
    public mutating func receiverReport(ssrc: UInt32) -> Bool {
        guard let base = begin(RTCPType.receiverReport, count: 0, size: 8) else { return false }
        base.setBig32(ssrc, 4)
        report = count - 8
        return true
    }

    /// Adds a block to the report begun last, up to 31 of them.
    @discardableResult
    public mutating func addReportBlock(_ block: RTCPReportBlock) -> Bool {
        guard let report, count + RTCPReportBlock.size <= buffer.count, let base = buffer.baseAddress else {
            return false
        }
        let head = base.load(fromByteOffset: report, as: UInt8.self)
        guard head & 0x1f < 31 else { return false }
        let at = base + count
        at.setBig32(block.ssrc, 0)
        let lost = UInt32(bitPattern: min(max(block.cumulativeLost, -0x80_0000), 0x7f_ffff)) & 0xff_ffff
        at.setBig32(UInt32(block.fractionLost) << 24 | lost, 4)
        at.setBig32(block.extendedHighestSequence, 8)
        at.setBig32(block.jitter, 12)
        at.setBig32(block.lastSenderReport, 16)
        at.setBig32(block.delaySinceLastSenderReport, 20)
        count += RTCPReportBlock.size
        base.setByte(head + 1, report)
        base.setBig16(UInt16((count - report) / 4 - 1), report + 2)
        return true
    }

    /// A source description with a CNAME of at most 255 octets (RFC 3550 §6.5.1).
    @discardableResult
    public mutating func canonicalName(ssrc: UInt32, _ name: String) -> Bool {
        let length = name.utf8.count
        guard length <= 255 else { return false }
        // The item list ends with at least one zero octet.
        let size = (8 + 2 + length + 1 + 3) & ~3
        guard let base = begin(RTCPType.sourceDescription, count: 1, size: size) else { return false }
        base.setBig32(ssrc, 4)
        base.setByte(1, 8)
        base.setByte(UInt8(length), 9)
        write(name, to: base + 10, end: base + size)
        return true
    }

    /// Goodbye, with a reason of at most 255 octets, left out when empty (RFC 3550 §6.6).
    @discardableResult
    public mutating func bye(ssrc: UInt32, reason: String = "") -> Bool {
        let length = reason.utf8.count
        guard length <= 255 else { return false }
        let size = length == 0 ? 8 : (8 + 1 + length + 3) & ~3
        guard let base = begin(RTCPType.bye, count: 1, size: size) else { return false }
        base.setBig32(ssrc, 4)
        if length > 0 {
            base.setByte(UInt8(length), 8)
            write(reason, to: base + 9, end: base + size)
        }
        return true
    }

    /// A request for a picture that can be decoded alone (RFC 4585 §6.3.1, RFC 5104 §4.3.1).
    @discardableResult
    public mutating func request(_ feedback: PayloadFeedback, sender: UInt32, media: UInt32) -> Bool {
        switch feedback {
        case .pictureLossIndication:
            guard
                let base = begin(RTCPType.payloadFeedback, count: RTCPType.pictureLossIndication, size: 12)
            else { return false }
            base.setBig32(sender, 4)
            base.setBig32(media, 8)
        case .fullIntraRequest(let sequenceNumber):
            guard let base = begin(RTCPType.payloadFeedback, count: RTCPType.fullIntraRequest, size: 20) else {
                return false
            }
            base.setBig32(sender, 4)
            base.setBig32(0, 8)
            base.setBig32(media, 12)
            base.setBig32(UInt32(sequenceNumber) << 24, 16)
        }
        return true
    }

    /// Generic NACKs of `lost`, in ascending order, as many of them as fit (RFC 4585 §6.2.1).
    @discardableResult
    public mutating func genericNACK(
        sender: UInt32, media: UInt32, lost: some Sequence<UInt16>
    ) -> Bool {
        guard let base = begin(RTCPType.transportFeedback, count: RTCPType.genericNACK, size: 12) else { return false }
        base.setBig32(sender, 4)
        base.setBig32(media, 8)
        var size = 12
        var first: UInt16 = 0
        var following: UInt16 = 0
        for sequence in lost {
            let step = sequence &- first
            if size > 12, (1...16).contains(step) {
                following |= 1 << (step - 1)
            } else {
                guard count + 4 <= buffer.count else { break }
                count += 4
                size += 4
                first = sequence
                following = 0
                base.setBig16(first, size - 4)
            }
            base.setBig16(following, size - 2)
        }
        base.setBig16(UInt16(size / 4 - 1), 2)
        return true
    }

    /// Octets that may yet be written.
    var capacityLeft: Int { buffer.count - count }

    mutating func begin(_ type: UInt8, count items: UInt8, size: Int) -> UnsafeMutableRawPointer? {
        guard count + size <= buffer.count, let start = buffer.baseAddress else { return nil }
        let base = start + count
        base.setByte(0x80 | items, 0)
        base.setByte(type, 1)
        base.setBig16(UInt16(size / 4 - 1), 2)
        count += size
        report = nil
        return base
    }

    private func write(_ text: String, to start: UnsafeMutableRawPointer, end: UnsafeMutableRawPointer) {
        var at = start
        for byte in text.utf8 {
            at.setByte(byte, 0)
            at += 1
        }
        while at < end {
            at.setByte(0, 0)
            at += 1
        }
    }
}
