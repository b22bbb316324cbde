/// A master element of fixed size in a file's head that grows by children: track entries, or tags. What it does not use
/// yet is void; with no child at all it is itself a Void.
///
/// A process can be killed inside a write, and the kernel then leaves a part of it, to a page's end; a power cut can leave any of
/// the pages that were written since the last sync, in any order. So the region begins at a page, each of its pages is whole by
/// itself (children, and a Void to the page's end), and a child is put into one by one write within the page. What is longer
/// than a page waits for the disk before it shows.
struct HeadRegion {
    static let pageSize = 4096
    /// The region's own id, of four octets, and its size in eight.
    private static let headSize = 12
    /// The first octets of a long child, that make it show.
    private static let commitSize = 16

    let id: UInt32
    let offset: UInt64
    /// Whole pages.
    let size: Int
    /// Octets used, from `offset` on; 0 while the region is a void.
    private var used = 0

    /// - Parameters:
    ///   - offset: where it begins in the file; a multiple of the page's size.
    ///   - size: octets wanted; rounded up to whole pages.
    init(id: UInt32, offset: UInt64, size: Int) {
        self.id = id
        self.offset = offset
        self.size = max(1, (size + Self.pageSize - 1) / Self.pageSize) * Self.pageSize
    }

    var isEmpty: Bool { used == 0 }

    /// The octets of the region while nothing is in it: one Void, in which each further page begins as one of its own.
    var initialBytes: [UInt8] {
        var builder = EBMLBuilder()
        builder.id(EBMLID.void)
        builder.size(UInt64(size - 9), length: 8)
        builder.raw(repeatElement(0, count: Self.pageSize - builder.bytes.count))
        for _ in 1..<max(1, size / Self.pageSize) { builder.void(total: Self.pageSize) }
        return Array(builder.bytes.prefix(size))
    }

    /// Whether a child of so many octets has room.
    func hasRoom(for count: Int) -> Bool { place(for: count) != nil }

    /// Where the next child begins, from `offset` on. What is left of its page is nothing, or enough for a void.
    private func place(for count: Int) -> Int? {
        let next = max(used, Self.headSize)
        let rest = Self.pageSize - next % Self.pageSize - count
        if next < size, next % Self.pageSize != 0, rest == 0 || rest >= 2 { return next }
        let page = (next + Self.pageSize - 1) / Self.pageSize * Self.pageSize
        let over = count % Self.pageSize
        let isWhole = over == 0 || Self.pageSize - over >= 2
        return isWhole && page + count <= size ? page : nil
    }

    /// Adds a child; false, with nothing written, where it has no room.
    mutating func append(_ child: [UInt8], to sink: some MatroskaSink) throws(MatroskaError) -> Bool {
        guard let place = place(for: child.count) else { return false }
        let pages = (place % Self.pageSize + child.count + Self.pageSize - 1) / Self.pageSize
        let end = (place / Self.pageSize + pages) * Self.pageSize
        var builder = EBMLBuilder()
        builder.raw(child)
        builder.void(total: end - place - child.count)
        if pages > 1 {
            try overwrite(long: builder.bytes, at: place, in: sink)
        } else if used > 0 || place >= Self.pageSize {
            try sink.overwrite(builder.bytes, at: offset + UInt64(place))
        }
        if used == 0 {
            var head = EBMLBuilder()
            head.id(id)
            head.size(UInt64(size - Self.headSize), length: 8)
            if place < Self.pageSize {
                head.raw(builder.bytes)
            } else {
                head.void(total: Self.pageSize - Self.headSize)
            }
            try sink.overwrite(head.bytes, at: offset)
        }
        used = place + child.count
        return true
    }

    /// Its pages become one Void first, in which it is then written: at each moment either that or the child is there.
    private func overwrite(long child: [UInt8], at place: Int, in sink: some MatroskaSink) throws(MatroskaError) {
        let position = offset + UInt64(place)
        var void = EBMLBuilder()
        void.id(EBMLID.void)
        void.size(UInt64(child.count - 9), length: 8)
        try sink.overwrite(void.bytes, at: position)
        try sink.synchronize()
        try sink.overwrite(Array(child[Self.commitSize...]), at: position + UInt64(Self.commitSize))
        try sink.synchronize()
        try sink.overwrite(Array(child[..<Self.commitSize]), at: position)
    }
}
