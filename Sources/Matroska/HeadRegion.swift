/// A master element of fixed size in a file's head that grows by children: track entries, or tags. What it does not use
/// yet is a Void element at its end; with no child at all it is itself a Void.
///
/// A process can be killed inside a write: the kernel then leaves a part of it, to a page's end. So a child is written
/// into the void first, where no reader looks, and then shows by one write of 16 octets that lies within a page; a child
/// that another replaces is turned into a void in the same way. A file is whole before and after each write.
struct HeadRegion {
    /// The first octets of a child, that make it show.
    private static let commitSize = 16
    private static let pageSize: UInt64 = 4096
    /// Of a void or a master with its size in eight octets.
    private static let voidHead = 9
    private static let masterHead = 12

    let id: UInt32
    let offset: UInt64
    let size: Int
    /// Octets used, from `offset` on; 0 while the region is a void.
    private var used = 0

    /// - Parameters:
    ///   - offset: where it begins in the file; `isSafe` there.
    ///   - size: octets in all; 64 at least.
    init(id: UInt32, offset: UInt64, size: Int) {
        self.id = id
        self.offset = offset
        self.size = max(64, size)
    }

    var isEmpty: Bool { used == 0 }

    /// Whether something can be committed at an offset: the octets lie within a page.
    static func isSafe(_ offset: UInt64) -> Bool { offset % pageSize <= pageSize - UInt64(commitSize) }

    /// The octets of the region while nothing is in it.
    var initialBytes: [UInt8] {
        var builder = EBMLBuilder()
        builder.void(total: size)
        return builder.bytes
    }

    /// Adds children as one, `write` putting each into the builder that it is given; `padding` octets of void go into the
    /// last, so that whatever follows can be committed too.
    /// Returns the offset in the file of the first child, or nil, with nothing written, where they do not fit.
    mutating func append(
        to sink: some MatroskaSink, _ write: (inout EBMLBuilder, _ padding: Int) -> Void
    ) throws(MatroskaError) -> UInt64? {
        let position = offset + UInt64(used)
        var head: [UInt8] = []
        if used == 0 {
            var builder = EBMLBuilder()
            builder.id(id)
            builder.size(UInt64(size - Self.masterHead), length: 8)
            head = builder.bytes
        }
        for padding in [0] + Array(2...Self.commitSize + 2) {
            var builder = EBMLBuilder()
            builder.raw(head)
            write(&builder, padding)
            let end = position + UInt64(builder.bytes.count)
            let rest = size - used - builder.bytes.count
            // A void of fewer octets than its head with a full size could not be built upon; it is not needed either.
            guard rest >= Self.voidHead + Self.commitSize else { return nil }
            guard Self.isSafe(end) else { continue }
            let child = builder.bytes
            builder.id(EBMLID.void)
            builder.size(UInt64(rest - Self.voidHead), length: 8)
            try sink.overwrite(Array(builder.bytes[Self.commitSize...]), at: position + UInt64(Self.commitSize))
            try sink.overwrite(Array(builder.bytes[..<Self.commitSize]), at: position)
            used += child.count
            return position + UInt64(head.count)
        }
        return nil
    }

    /// Makes the child at `child` in the file a void. Its id is of one octet, or of two with a size of eight octets.
    func hide(
        _ child: UInt64, idLength: Int, dataSize: Int, in sink: some MatroskaSink
    ) throws(MatroskaError) {
        var builder = EBMLBuilder()
        builder.id(EBMLID.void)
        if idLength > 1 { builder.size(UInt64(dataSize + idLength - 1), length: 8) }
        try sink.overwrite(builder.bytes, at: child)
    }
}
