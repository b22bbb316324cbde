/// Deadlines of many things, earliest first: a binary heap whose outdated entries are dropped when they surface. Inlinable,
/// for it is used with keys of other modules at every message.
public struct DeadlineQueue<Key: Hashable & Sendable>: Sendable {
    @usableFromInline var heap: [(due: SIPInstant, key: Key)] = []
    @usableFromInline var current: [Key: SIPInstant] = [:]

    @inlinable public init() {}

    /// Sets, moves or, with nil, removes a deadline.
    @inlinable public mutating func set(_ key: Key, _ due: SIPInstant?) {
        let former: SIPInstant?
        if let due { former = current.updateValue(due, forKey: key) } else { former = current.removeValue(forKey: key) }
        guard former != due else { return }
        if let due { push((due, key)) }
        // Outdated entries are bounded: rebuilt when they are most of the heap.
        if heap.count > 64, heap.count > current.count * 4 {
            heap.removeAll(keepingCapacity: true)
            for (key, due) in current { push((due, key)) }
        }
        // What came before at the top still counts, unless it is this key's.
        if former != nil, heap.first?.key == key { dropOutdated() }
    }

    /// The next deadline that holds.
    @inlinable public var earliest: SIPInstant? { heap.first?.due }

    /// Takes one that is due.
    @inlinable public mutating func takeDue(at now: SIPInstant) -> Key? {
        guard let top = heap.first, top.due <= now else { return nil }
        current[top.key] = nil
        dropOutdated()
        return top.key
    }

    /// Keeps the top of the heap an entry that counts.
    @inlinable mutating func dropOutdated() {
        while let top = heap.first, current[top.key] != top.due { pop() }
    }

    @inlinable mutating func push(_ entry: (due: SIPInstant, key: Key)) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[child].due < heap[(child - 1) / 2].due {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    @inlinable mutating func pop() {
        guard let last = heap.indices.last else { return }
        heap.swapAt(0, last)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].due < heap[least].due
            {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
