import Synchronization

/// Keeps each identity to what ``RequestLimits`` allow it, by the generic cell rate algorithm (ITU-T I.371, annex A): one moment is kept of each, and of a bounded
/// number of them. The one that could ask again soonest is forgotten first.
final class RateLimiter: Sendable {
    static let most = 8192

    private struct Key: Hashable {
        var kind: RateKind
        var identity: String
    }
    private struct State {
        var limits: RequestLimits
        /// When what was asked would have been paid off.
        var moments: [Key: ContinuousClock.Instant] = [:]
    }
    private let state: Mutex<State>

    init(_ limits: RequestLimits) { state = Mutex(State(limits: limits)) }

    var count: Int { state.withLock { $0.moments.count } }

    /// For what is asked from now on; what is owed stays owed.
    func replace(with limits: RequestLimits) { state.withLock { $0.limits = limits } }

    /// Takes one from what `identity` may have.
    /// - Returns: how long it must wait before it may ask again, and how much it may have in a minute; nil where it may now.
    func take(
        _ kind: RateKind, by identity: String, at now: ContinuousClock.Instant = .now
    ) -> (wait: Duration, perMinute: Int)? {
        let key = Key(kind: kind, identity: identity)
        return state.withLock { state in
            let perMinute = max(1, state.limits.perMinute(kind))
            let interval = Duration.seconds(60) / perMinute
            let burst = interval * (perMinute - 1)
            let paid = max(state.moments[key] ?? now, now)
            let early = paid - now - burst
            guard early <= .zero else { return (early, perMinute) }
            if state.moments[key] == nil, state.moments.count >= Self.most { Self.thin(&state.moments, at: now) }
            state.moments[key] = paid + interval
            return nil
        }
    }

    /// Whoever owes nothing any more goes, or else the half that owes least, so that this is seldom.
    private static func thin(_ moments: inout [Key: ContinuousClock.Instant], at now: ContinuousClock.Instant) {
        moments = moments.filter { $0.value > now }
        guard moments.count >= most else { return }
        let owing = moments.sorted { $0.value > $1.value }.prefix(most / 2)
        moments = Dictionary(owing.map { ($0.key, $0.value) }) { first, _ in first }
    }
}

extension Refusal {
    static func tooMuch(_ kind: RateKind, perMinute: Int, wait: Duration) -> Refusal {
        let (whole, rest) = wait.components
        let seconds = max(1, whole + (rest > 0 ? 1 : 0))
        var refusal = Refusal(
            .tooManyRequests, "More than \(perMinute) a minute of this is not answered (\(kind.rawValue)).",
            hint: "Ask again in \(seconds) seconds.")
        refusal.body.vietnamese = "Bạn đã yêu cầu quá nhiều trong thời gian ngắn: hãy thử lại sau \(seconds) giây."
        refusal.body.code = "rate"
        refusal.headers[.retryAfter] = String(seconds)
        return refusal
    }
}

extension RateLimiter {
    func require(_ kind: RateKind, by identity: String) throws(Refusal) {
        if let excess = take(kind, by: identity) {
            throw .tooMuch(kind, perMinute: excess.perMinute, wait: excess.wait)
        }
    }
}
