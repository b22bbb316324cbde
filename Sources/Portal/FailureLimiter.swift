import Synchronization

/// Slows guessing: after so many failures from one address within a window (``RequestLimits``) it is shut out for as long.
/// Remembers a bounded number of addresses; the one quiet for longest is forgotten first.
final class FailureLimiter: Sendable {
    static let maximumAddresses = 4096

    private struct Record {
        var failures: Int
        var last: ContinuousClock.Instant
    }
    private struct State {
        var allowed: Int
        var window: Duration
        var records: [String: Record] = [:]
    }
    private let state: Mutex<State>

    /// - Parameter allowed: failures of one address within the window.
    init(allowed: Int, window: Duration) { state = Mutex(State(allowed: allowed, window: window)) }

    /// From now on, also for those that are shut out.
    func replace(allowed: Int, window: Duration) {
        state.withLock { ($0.allowed, $0.window) = (allowed, window) }
    }

    /// How long `address` must wait yet; nil when it may try.
    func wait(_ address: String, at now: ContinuousClock.Instant) -> Duration? {
        state.withLock { state in
            guard let record = state.records[address] else { return nil }
            let rest = record.last + state.window - now
            guard rest > .zero else {
                state.records[address] = nil
                return nil
            }
            return record.failures >= state.allowed ? rest : nil
        }
    }

    func failed(_ address: String, at now: ContinuousClock.Instant) {
        state.withLock { state in
            if state.records[address] == nil, state.records.count >= Self.maximumAddresses,
                let oldest = state.records.min(by: { $0.value.last < $1.value.last })
            {
                state.records[oldest.key] = nil
            }
            state.records[address, default: Record(failures: 0, last: now)].failures += 1
            state.records[address]?.last = now
        }
    }

    func succeeded(_ address: String) {
        state.withLock { _ = $0.records.removeValue(forKey: address) }
    }
}
