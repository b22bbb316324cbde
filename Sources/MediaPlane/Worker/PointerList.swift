/// A small ordered list of pointers with no reference counting: what the packet path walks.
struct PointerList<Element: ~Copyable>: ~Copyable {
    typealias Pointer = UnsafeMutablePointer<Element>
    private var storage: UnsafeMutablePointer<Pointer>
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 8
        storage = .allocateHot(capacity)
    }

    deinit { storage.deallocateHot(capacity) }

    subscript(index: Int) -> Pointer { storage[index] }

    mutating func append(_ element: Pointer) {
        if count == capacity {
            let larger = UnsafeMutablePointer<Pointer>.allocateHot(capacity * 2)
            larger.moveInitialize(from: storage, count: count)
            storage.deallocateHot(capacity)
            storage = larger
            capacity *= 2
        }
        (storage + count).initialize(to: element)
        count += 1
    }

    mutating func remove(_ element: Pointer) {
        guard let index = index(of: element) else { return }
        for i in index..<count - 1 { storage[i] = storage[i + 1] }
        count -= 1
    }

    /// Puts an element before all others, which keep their order.
    mutating func moveToFront(_ element: Pointer) {
        guard let index = index(of: element) else { return }
        for i in stride(from: index, to: 0, by: -1) { storage[i] = storage[i - 1] }
        storage[0] = element
    }

    private func index(of element: Pointer) -> Int? {
        for i in 0..<count where storage[i] == element { return i }
        return nil
    }
}
