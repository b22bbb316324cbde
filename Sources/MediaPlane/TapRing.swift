import Synchronization

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

/// A bounded byte ring from one media worker to one recorder thread. It never blocks: an entry that does not fit is
/// counted and dropped, and the recording shows the gap.
///
/// Safe to share because each side owns its own cursor: the producer alone writes `tail`, the consumer alone writes
/// `head`, and each reads the other's with acquire ordering.
public final class TapRing: @unchecked Sendable {
    private static let headerSize = 32
    /// Marks the unused bytes before the ring's end; the next entry is at offset 0.
    private static let wrapMark: UInt32 = .max

    private let storage: UnsafeMutableRawPointer
    private let mask: Int
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    private let dropped = Atomic<UInt64>(0)

    /// Makes a ring of at least `capacity` bytes, rounded up to a power of two (64 KiB at least).
    public init(capacity: Int = 4 << 20) {
        var size = 64 << 10
        while size < capacity { size <<= 1 }
        mask = size - 1
        storage = .allocate(byteCount: size, alignment: 64)
    }

    deinit { storage.deallocate() }

    /// Entries that did not fit, since the ring was made.
    public var droppedEntries: UInt64 { dropped.load(ordering: .relaxed) }

    /// Producer side. Returns false, and counts, when the ring is full.
    @discardableResult
    public func write(_ entry: TapEntry, bytes: UnsafeRawBufferPointer) -> Bool {
        let size = (Self.headerSize + bytes.count + 7) & ~7
        let tail = self.tail.load(ordering: .relaxed)
        let head = self.head.load(ordering: .acquiring)
        var offset = tail & mask
        let untilEnd = mask + 1 - offset
        let padding = size > untilEnd ? untilEnd : 0
        guard size + padding <= mask + 1 - (tail &- head) else {
            dropped.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        if padding > 0 {
            storage.storeBytes(of: Self.wrapMark, toByteOffset: offset, as: UInt32.self)
            offset = 0
        }
        storage.storeBytes(of: UInt32(size), toByteOffset: offset, as: UInt32.self)
        storage.storeBytes(of: UInt32(bytes.count), toByteOffset: offset + 4, as: UInt32.self)
        storage.storeBytes(of: entry.arrivalNanoseconds, toByteOffset: offset + 8, as: UInt64.self)
        storage.storeBytes(of: entry.ntpTimestamp, toByteOffset: offset + 16, as: UInt64.self)
        storage.storeBytes(of: entry.rtpTimestamp, toByteOffset: offset + 24, as: UInt32.self)
        storage.storeBytes(of: entry.track, toByteOffset: offset + 28, as: UInt16.self)
        storage.storeBytes(of: entry.kind.rawValue, toByteOffset: offset + 30, as: UInt8.self)
        storage.storeBytes(of: entry.codec, toByteOffset: offset + 31, as: UInt8.self)
        if let base = bytes.baseAddress {
            (storage + offset + Self.headerSize).copyMemory(from: base, byteCount: bytes.count)
        }
        self.tail.store(tail &+ padding &+ size, ordering: .releasing)
        return true
    }

    /// Consumer side. Hands over every entry that is there, in order; the bytes are valid only during the call.
    /// Returns how many there were.
    @discardableResult
    public func drain(_ body: (TapEntry, UnsafeRawBufferPointer) throws -> Void) rethrows -> Int {
        var head = self.head.load(ordering: .relaxed)
        let tail = self.tail.load(ordering: .acquiring)
        var count = 0
        defer { self.head.store(head, ordering: .releasing) }
        while head != tail {
            let offset = head & mask
            let size = storage.load(fromByteOffset: offset, as: UInt32.self)
            if size == Self.wrapMark {
                head &+= mask + 1 - offset
                continue
            }
            let length = Int(storage.load(fromByteOffset: offset + 4, as: UInt32.self))
            let entry = TapEntry(
                kind: .init(rawValue: storage.load(fromByteOffset: offset + 30, as: UInt8.self)) ?? .packet,
                track: storage.load(fromByteOffset: offset + 28, as: UInt16.self),
                arrivalNanoseconds: storage.load(fromByteOffset: offset + 8, as: UInt64.self),
                codec: storage.load(fromByteOffset: offset + 31, as: UInt8.self),
                rtpTimestamp: storage.load(fromByteOffset: offset + 24, as: UInt32.self),
                ntpTimestamp: storage.load(fromByteOffset: offset + 16, as: UInt64.self))
            head &+= Int(size)
            count += 1
            try body(entry, UnsafeRawBufferPointer(start: storage + offset + Self.headerSize, count: length))
        }
        return count
    }
}
