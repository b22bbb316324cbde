import Synchronization

/// Slows the guessing of tokens: after five failures from one address within five minutes it is shut out for five.
/// Remembers a bounded number of addresses; the one quiet for longest is forgotten first.
final class FailureLimiter: Sendable {
    static let allowedFailures = 5
    static let window = Duration.seconds(300)
    static let maximumAddresses = 4096

    private struct Record {
        var failures: Int
        var last: ContinuousClock.Instant
    }
    private let records = Mutex<[String: Record]>([:])
    private let allowed: Int

    /// - Parameter allowed: failures of one address within the window.
    init(allowed: Int = FailureLimiter.allowedFailures) { self.allowed = allowed }

    /// How long `address` must wait yet; nil when it may try.
    func wait(_ address: String, at now: ContinuousClock.Instant) -> Duration? {
        records.withLock { records in
            guard let record = records[address] else { return nil }
            let rest = record.last + Self.window - now
            guard rest > .zero else {
                records[address] = nil
                return nil
            }
            return record.failures >= allowed ? rest : nil
        }
    }

    func failed(_ address: String, at now: ContinuousClock.Instant) {
        records.withLock { records in
            if records[address] == nil, records.count >= Self.maximumAddresses,
                let oldest = records.min(by: { $0.value.last < $1.value.last })
            {
                records[oldest.key] = nil
            }
            records[address, default: Record(failures: 0, last: now)].failures += 1
            records[address]?.last = now
        }
    }

    func succeeded(_ address: String) {
        records.withLock { _ = $0.removeValue(forKey: address) }
    }
}
