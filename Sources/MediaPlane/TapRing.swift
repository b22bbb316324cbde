/// What the head of a tap entry says of the bytes that follow it.
public struct TapEntry: Sendable {
    public enum Kind: UInt8, Sendable {
        /// A decrypted RTP packet, whole, as the peer sent it.
        case packet = 1
        /// A sender report (RFC 3550 §6.4.1): `ntpTimestamp` and `rtpTimestamp` name one instant. No bytes follow.
        case senderReport = 2
        /// The stream ended: its leg left or stopped sending. No bytes follow.
        case end = 3
    }

    public var kind: Kind
    /// Raw value of a `MediaCodec`, for packets.
    public var codec: UInt8
    public var track: UInt16
    public var rtpTimestamp: UInt32
    /// When the entry was made, on the monotonic clock, in nanoseconds.
    public var arrivalNanoseconds: UInt64
    /// 32.32 fixed point seconds since 1900, for sender reports.
    public var ntpTimestamp: UInt64

    public init(
        kind: Kind, track: UInt16, arrivalNanoseconds: UInt64, codec: UInt8 = 0, rtpTimestamp: UInt32 = 0,
        ntpTimestamp: UInt64 = 0
    ) {
        self.kind = kind
        self.codec = codec
        self.track = track
        self.rtpTimestamp = rtpTimestamp
        self.arrivalNanoseconds = arrivalNanoseconds
        self.ntpTimestamp = ntpTimestamp
    }
}

/// The way of a room's packets from its media worker to its recorder's thread. It never blocks: an entry that does not
/// fit is counted and dropped, and the recording shows the gap.
public final class TapRing: @unchecked Sendable {
    private let ring: PacketRing<TapEntry>
    /// Unmanaged, so that the packet path counts no references; retained from the beginning to the end.
    private let twin: Unmanaged<TapRing>?

    /// Makes a ring of at least `capacity` bytes, rounded up to a power of two (64 KiB at least). What is written to it is
    /// written to its `twin` too, from which a second recorder takes it: each has room and overflows of its own.
    public init(capacity: Int = 4 << 20, twin: TapRing? = nil) {
        ring = PacketRing(capacity: capacity)
        self.twin = twin.map(Unmanaged.passRetained)
    }

    deinit { twin?.release() }

    /// Entries that did not fit, since the ring was made.
    public var droppedEntries: UInt64 { ring.droppedEntries }

    /// Producer side. Returns false, and counts, when the ring is full.
    @discardableResult
    public func write(_ entry: TapEntry, bytes: UnsafeRawBufferPointer) -> Bool {
        if let twin { _ = twin._withUnsafeGuaranteedRef { $0.ring.write(entry, bytes: bytes) } }
        return ring.write(entry, bytes: bytes)
    }

    /// Consumer side. Hands over every entry that is there, in order; the bytes are valid only during the call.
    /// Returns how many there were.
    @discardableResult
    public func drain(_ body: (TapEntry, UnsafeRawBufferPointer) throws -> Void) rethrows -> Int {
        try ring.drain(body)
    }
}
