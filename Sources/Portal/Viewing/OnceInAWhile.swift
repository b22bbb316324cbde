import Synchronization

/// Tells what happened already in the last half hour from what is new.
final class OnceInAWhile<Key: Hashable & Sendable>: Sendable {
    private static var period: Duration { .seconds(1800) }
    private static var mostKept: Int { 10_000 }

    private let recent = Mutex<[Key: ContinuousClock.Instant]>([:])

    func isNew(_ key: Key, at now: ContinuousClock.Instant) -> Bool {
        recent.withLock { recent in
            if let last = recent[key], now - last < Self.period { return false }
            if recent.count >= Self.mostKept { recent = recent.filter { now - $0.value < Self.period } }
            if recent.count >= Self.mostKept { recent = [:] }
            recent[key] = now
            return true
        }
    }

    func forget(_ key: Key) { _ = recent.withLock { $0.removeValue(forKey: key) } }
}
