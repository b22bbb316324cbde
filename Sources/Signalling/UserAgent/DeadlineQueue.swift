import SIP

/// Deadlines of many things, earliest first: a binary heap whose outdated entries are dropped when they surface.
struct DeadlineQueue<Key: Hashable> {
    private var heap: [(due: SIPInstant, key: Key)] = []
    private var current: [Key: SIPInstant] = [:]

    /// Sets, moves or, with nil, removes a deadline.
    mutating func set(_ key: Key, _ due: SIPInstant?) {
        guard current[key] != due else { return }
        current[key] = due
        if let due { push((due, key)) }
        // Outdated entries are bounded: dropped when they are most of the heap.
        if heap.count > 256, heap.count > current.count * 4 {
            heap.removeAll(keepingCapacity: true)
            for (key, due) in current { push((due, key)) }
        }
    }

    /// May be earlier than any deadline that still holds, never later.
    var earliest: SIPInstant? { heap.first?.due }

    mutating func takeDue(at now: SIPInstant) -> Key? {
        while let first = heap.first, first.due <= now {
            pop()
            guard current[first.key] == first.due else { continue }
            current[first.key] = nil
            return first.key
        }
        return nil
    }

    private mutating func push(_ entry: (due: SIPInstant, key: Key)) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[child].due < heap[(child - 1) / 2].due {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].due < heap[least].due {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
