/// The newest packets of one source as they came, for those to whom one of them did not get through.
///
/// It begins small, and grows when somebody asks for what has just gone: a peer with a longer way.
struct PacketHistory: ~Copyable {
    /// As far back as a subscriber's numbers can be followed.
    static let slots = 256
    static let firstCapacity = 64 << 10
    static let mostCapacity = 512 << 10

    private struct Entry {
        var position: UInt64
        var length: Int32
        var sequence: UInt16
    }

    private var bytes: UnsafeMutableRawPointer
    private(set) var capacity = Self.firstCapacity
    private let entries: UnsafeMutablePointer<Entry>
    /// Bytes written since the beginning; positions count on without wrapping.
    private var written: UInt64 = 1
    private var isTooSmall = false

    init() {
        bytes = .allocate(byteCount: capacity, alignment: 16)
        entries = .allocate(capacity: Self.slots)
        entries.initialize(repeating: Entry(position: 0, length: 0, sequence: 0), count: Self.slots)
    }

    deinit {
        bytes.deallocate()
        entries.deallocate()
    }

    mutating func store(_ sequence: UInt16, _ datagram: UnsafeRawBufferPointer) {
        if isTooSmall { grow() }
        guard let base = datagram.baseAddress, datagram.count <= capacity / 4 else { return }
        let left = capacity - offset(written)
        if left < datagram.count { written &+= UInt64(left) }
        (bytes + offset(written)).copyMemory(from: base, byteCount: datagram.count)
        entries[Int(sequence) % Self.slots] = Entry(
            position: written, length: Int32(truncatingIfNeeded: datagram.count), sequence: sequence)
        written &+= UInt64(datagram.count)
    }

    /// A packet that is still there. The bytes are valid until the next `store`.
    mutating func find(_ sequence: UInt16) -> UnsafeRawBufferPointer? {
        let entry = entries[Int(sequence) % Self.slots]
        guard entry.length > 0, entry.sequence == sequence else { return nil }
        guard written &- entry.position <= UInt64(capacity) else {
            isTooSmall = capacity < Self.mostCapacity
            return nil
        }
        return UnsafeRawBufferPointer(start: bytes + offset(entry.position), count: Int(entry.length))
    }

    private func offset(_ position: UInt64) -> Int { Int(position % UInt64(capacity)) }

    private mutating func grow() {
        isTooSmall = false
        bytes.deallocate()
        capacity *= 2
        bytes = .allocate(byteCount: capacity, alignment: 16)
        entries.update(repeating: Entry(position: 0, length: 0, sequence: 0), count: Self.slots)
        written = 1
    }
}
