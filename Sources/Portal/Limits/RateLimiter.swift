import Synchronization

/// Keeps each identity to what ``RateKind`` allows it, by the generic cell rate algorithm (ITU-T I.371, annex A): one moment is kept of each, and of a bounded
/// number of them. The one that could ask again soonest is forgotten first.
final class RateLimiter: Sendable {
    static let most = 8192

    private struct Key: Hashable {
        var kind: RateKind
        var identity: String
    }
    /// When what was asked would have been paid off.
    private let moments = Mutex<[Key: ContinuousClock.Instant]>([:])

    var count: Int { moments.withLock { $0.count } }

    /// Takes one from what `identity` may have.
    /// - Returns: how long it must wait before it may ask again; nil where it may now.
    func take(_ kind: RateKind, by identity: String, at now: ContinuousClock.Instant = .now) -> Duration? {
        let interval = Duration.seconds(60) / kind.perMinute
        let burst = interval * (kind.perMinute - 1)
        let key = Key(kind: kind, identity: identity)
        return moments.withLock { moments in
            let paid = max(moments[key] ?? now, now)
            let early = paid - now - burst
            guard early <= .zero else { return early }
            if moments[key] == nil, moments.count >= Self.most { Self.thin(&moments, at: now) }
            moments[key] = paid + interval
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
    static func tooMuch(_ kind: RateKind, wait: Duration) -> Refusal {
        let (whole, rest) = wait.components
        let seconds = max(1, whole + (rest > 0 ? 1 : 0))
        var refusal = Refusal(
            .tooManyRequests, "More than \(kind.perMinute) a minute of this is not answered (\(kind.rawValue)).",
            hint: "Ask again in \(seconds) seconds.")
        refusal.body.vietnamese = "Bạn đã yêu cầu quá nhiều trong thời gian ngắn: hãy thử lại sau \(seconds) giây."
        refusal.body.code = "rate"
        refusal.headers[.retryAfter] = String(seconds)
        return refusal
    }
}

extension RateLimiter {
    func require(_ kind: RateKind, by identity: String) throws(Refusal) {
        if let wait = take(kind, by: identity) { throw .tooMuch(kind, wait: wait) }
    }
}
