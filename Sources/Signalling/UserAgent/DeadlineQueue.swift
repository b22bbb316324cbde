/// The earliest of many deadlines: a binary heap. A deadline that no longer holds stays until it is due; its owner, asked
/// then, knows better.
struct DeadlineQueue<Key> {
    private var heap: [(due: ContinuousClock.Instant, key: Key)] = []

    var earliest: ContinuousClock.Instant? { heap.first?.due }

    mutating func add(_ key: Key, due: ContinuousClock.Instant) {
        heap.append((due, key))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest one that is due, if any.
    mutating func popDue(at now: ContinuousClock.Instant) -> Key? {
        guard let first = heap.first, first.due <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in (2 * parent + 1)...(2 * parent + 2)
            where child < heap.count && heap[child].due < heap[smallest].due {
                smallest = child
            }
            guard smallest != parent else { return first.key }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
