/// Counts failures of each key within a window, for as many keys as it has room.
struct FailureWindow {
    private let limit: Int
    private let window: Duration
    private let capacity: Int
    private var madeRoom: ContinuousClock.Instant?
    private var failures: [String: (count: Int, since: ContinuousClock.Instant)] = [:]

    init(limit: Int, window: Duration, capacity: Int = 20_000) {
        self.limit = limit
        self.window = window
        self.capacity = capacity
    }

    func isOverLimit(_ key: String, at now: ContinuousClock.Instant) -> Bool {
        guard let entry = failures[key], entry.since.duration(to: now) < window else { return false }
        return entry.count >= limit
    }

    /// Failures of a key that still count.
    func count(of key: String, at now: ContinuousClock.Instant) -> Int {
        guard let entry = failures[key], entry.since.duration(to: now) < window else { return 0 }
        return entry.count
    }

    /// Counts one; true when it is the one that reaches the limit.
    mutating func fail(_ key: String, at now: ContinuousClock.Instant) -> Bool {
        if var entry = failures[key], entry.since.duration(to: now) < window {
            entry.count += 1
            failures[key] = entry
            return entry.count == limit
        }
        // Looks at everything, so not for each failure of a flood.
        if failures.count >= capacity, madeRoom.map({ $0.duration(to: now) >= .seconds(1) }) ?? true {
            madeRoom = now
            failures = failures.filter { $0.value.since.duration(to: now) < window }
        }
        guard failures.count < capacity else { return false }
        failures[key] = (count: 1, since: now)
        return limit == 1
    }

    mutating func clear(_ key: String) { failures[key] = nil }
}
