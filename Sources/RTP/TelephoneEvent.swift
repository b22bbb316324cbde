/// The payload of a named telephone event (RFC 4733 §2.3).
public struct TelephoneEvent: Sendable, Equatable {
    /// 0...9, 10 for *, 11 for #, 12...15 for A...D; others are no digits.
    public var event: UInt8
    public var isEnd: Bool
    /// Power as -dBm0, 0...63.
    public var volume: UInt8
    /// Timestamp ticks since the event's timestamp.
    public var duration: UInt16

    public init(event: UInt8, isEnd: Bool, volume: UInt8 = 10, duration: UInt16) {
        self.event = event
        self.isEnd = isEnd
        self.volume = volume & 0x3f
        self.duration = duration
    }

    /// nil when shorter than four octets.
    public init?(parsing payload: UnsafeRawBufferPointer) {
        guard let base = payload.baseAddress, payload.count >= 4 else { return nil }
        event = base.byte(0)
        isEnd = base.byte(1) & 0x80 != 0
        volume = base.byte(1) & 0x3f
        duration = base.big16(2)
    }

    public var bytes: [UInt8] {
        [event, (isEnd ? 0x80 : 0) | volume, UInt8(duration >> 8), UInt8(truncatingIfNeeded: duration)]
    }

    /// The key, for DTMF events.
    public var digit: Character? {
        guard event < 16 else { return nil }
        return Character(Unicode.Scalar(Self.digits[Int(event)]))
    }

    private static let digits = Array("0123456789*#ABCD".utf8)
}

/// Reports each key press once, from packets that repeat and may be lost or reordered (RFC 4733 §2.5.1).
public struct TelephoneEventDetector: Sendable {
    private var last: (timestamp: UInt32, event: TelephoneEvent)?

    public init() {}

    /// The digit, at the first packet of its event that arrives; nil for repetitions, other events and malformed
    /// packets.
    public mutating func push(_ payload: UnsafeRawBufferPointer, timestamp: UInt32) -> Character? {
        guard let event = TelephoneEvent(parsing: payload) else { return nil }
        if let last {
            let ahead = Int32(bitPattern: timestamp &- last.timestamp)
            if ahead == 0 {
                if event.duration >= last.event.duration { self.last = (timestamp, event) }
                return nil
            }
            // Late packets of an earlier event; what is older than a minute at 8 kHz is a restarted source.
            if ahead < 0, ahead > -480_000 { return nil }
            // A key held longer than a duration can say goes on as a segment of its own (RFC 4733 §2.5.1.3).
            if event.event == last.event.event, !last.event.isEnd, last.event.duration >= 0xf000,
                ahead <= 0xffff + 480
            {
                self.last = (timestamp, event)
                return nil
            }
        }
        last = (timestamp, event)
        return event.digit
    }
}
