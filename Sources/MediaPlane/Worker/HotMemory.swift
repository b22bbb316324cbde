import CLinux

/// A packet to a viewer is written from state that was last touched a frame ago and has left the caches since: with two
/// hundred viewers, waiting for it costs more than everything done with it. So what sending touches lies in few lines of
/// the cache, these lie together in huge pages, and they are fetched while other viewers are served.
extension UnsafeMutablePointer where Pointee: ~Copyable {
    private static var line: Int { 64 }

    /// Room for some in memory that the packet path goes through, at the beginning of a line. Any thread may ask for it.
    static func allocateHot(_ count: Int = 1) -> Self {
        guard let block = cl_hot_allocate(MemoryLayout<Pointee>.stride * count) else { fatalError("out of memory") }
        return block.bindMemory(to: Pointee.self, capacity: count)
    }

    /// Gives back what `allocateHot` gave. Any thread may.
    func deallocateHot(_ count: Int = 1) { cl_hot_free(self, MemoryLayout<Pointee>.stride * count) }

    /// Has the first `lines` fetched, without waiting for them.
    @inline(__always)
    func fetch(lines: Int) {
        let start = UnsafeRawPointer(self)
        for index in 0..<lines { cl_prefetch(start + index * Self.line) }
    }
}
