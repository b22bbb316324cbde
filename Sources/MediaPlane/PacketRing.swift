import Synchronization

/// A bounded ring of headers, each with the bytes that belong to it, from one thread to one other. It never blocks: what
/// does not fit is counted and dropped.
///
/// Each side owns its own cursor: the producer alone writes `tail`, the consumer alone writes `head`, and each reads
/// the other's with acquire ordering; so it may be shared between the two. A header is plain bytes, without references.
struct PacketRing<Header>: ~Copyable, @unchecked Sendable {
    /// In front of the header: the size of the whole entry, and of the bytes that belong to it.
    private static var prefix: Int { 8 }
    private static var headerSize: Int { (prefix + MemoryLayout<Header>.size + 7) & ~7 }
    /// Marks the unused bytes before the ring's end; the next entry is at offset 0.
    private static var wrapMark: UInt32 { .max }

    private let storage: UnsafeMutableRawPointer
    private let mask: Int
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    private let dropped = Atomic<UInt64>(0)

    /// Makes a ring of at least `capacity` bytes, rounded up to a power of two (64 KiB at least).
    init(capacity: Int) {
        precondition(_isPOD(Header.self))
        var size = 64 << 10
        while size < capacity { size <<= 1 }
        mask = size - 1
        storage = .allocate(byteCount: size, alignment: 64)
    }

    deinit { storage.deallocate() }

    /// Entries that did not fit, since the ring was made.
    var droppedEntries: UInt64 { dropped.load(ordering: .relaxed) }

    /// Producer side. Returns false, and counts, when the ring is full.
    func write(_ header: Header, bytes: UnsafeRawBufferPointer) -> Bool {
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
        storage.storeBytes(of: UInt32(truncatingIfNeeded: size), toByteOffset: offset, as: UInt32.self)
        storage.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), toByteOffset: offset + 4, as: UInt32.self)
        (storage + offset + Self.prefix).initializeMemory(as: Header.self, to: header)
        if let base = bytes.baseAddress {
            (storage + offset + Self.headerSize).copyMemory(from: base, byteCount: bytes.count)
        }
        self.tail.store(tail &+ padding &+ size, ordering: .releasing)
        return true
    }

    /// Consumer side. Hands over every entry that is there, in order; the bytes are valid only during the call.
    /// Returns how many there were.
    @discardableResult
    func drain(_ body: (Header, UnsafeRawBufferPointer) throws -> Void) rethrows -> Int {
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
            let header = storage.load(fromByteOffset: offset + Self.prefix, as: Header.self)
            head &+= Int(size)
            count += 1
            try body(header, UnsafeRawBufferPointer(start: storage + offset + Self.headerSize, count: length))
        }
        return count
    }
}
