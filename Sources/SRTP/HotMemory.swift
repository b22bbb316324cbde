import CLinux

/// Memory for the state of streams, which a relay goes through for each packet to each receiver: in huge pages, at the
/// beginnings of the cache's lines. Any thread may ask for it and give it back.
enum HotMemory {
    /// Bytes that the cache fetches at once.
    static let line = 64

    static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        guard let block = cl_hot_allocate(size) else { fatalError("out of memory") }
        return block
    }

    static func free(_ block: UnsafeMutableRawPointer, _ size: Int) { cl_hot_free(block, size) }

    static func allocate<Element: ~Copyable>(_: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
        allocate(MemoryLayout<Element>.stride * count).bindMemory(to: Element.self, capacity: count)
    }

    static func free<Element: ~Copyable>(_ elements: UnsafeMutablePointer<Element>, _ count: Int) {
        free(UnsafeMutableRawPointer(elements), MemoryLayout<Element>.stride * count)
    }
}
