import Crypto

/// Digest nonces that need no memory until they are used: a time and its HMAC (RFC 7616 §5.4). Only counts of proven
/// nonces are remembered, so that an answer overheard cannot be sent again.
struct NonceBook {
    enum Verdict { case good, stale, foreign }

    private let key: SymmetricKey
    private let epoch: ContinuousClock.Instant
    private let lifetime: Duration
    private let capacity: Int
    private var counts: [String: (highest: UInt32, expires: ContinuousClock.Instant)] = [:]

    init(lifetime: Duration, epoch: ContinuousClock.Instant, key: [UInt8], capacity: Int = 50_000) {
        self.lifetime = lifetime
        self.epoch = epoch
        self.key = SymmetricKey(data: key)
        self.capacity = capacity
    }

    func nonce(at now: ContinuousClock.Instant) -> String {
        let milliseconds = UInt64(max(0, epoch.duration(to: now) / .milliseconds(1)))
        return seal(milliseconds)
    }

    /// Whether a nonce was made here and lives; a used count makes it stale.
    func verdict(on nonce: String, count: UInt32?, at now: ContinuousClock.Instant) -> Verdict {
        guard nonce.utf8.count == 48, let milliseconds = UInt64(nonce.prefix(16), radix: 16),
            milliseconds <= UInt64(Int64.max), seal(milliseconds) == nonce
        else { return .foreign }
        let made = epoch.advanced(by: .milliseconds(Int64(milliseconds)))
        guard made.duration(to: now) <= lifetime else { return .stale }
        if let used = counts[nonce], (count ?? 0) <= used.highest { return .stale }
        return .good
    }

    /// Remembers a count as used, after its digest proved right.
    mutating func use(_ nonce: String, count: UInt32?, at now: ContinuousClock.Instant) {
        if counts.count >= capacity { counts = counts.filter { $0.value.expires > now } }
        // Still full: forgetting all makes a replay possible for one lifetime, refusing everyone would be worse.
        if counts.count >= capacity { counts.removeAll(keepingCapacity: true) }
        counts[nonce] = (highest: count ?? .max, expires: now.advanced(by: lifetime))
    }

    private func seal(_ milliseconds: UInt64) -> String {
        let time = (0..<8).map { UInt8(truncatingIfNeeded: milliseconds >> (56 - 8 * UInt64($0))) }
        let code = HMAC<SHA256>.authenticationCode(for: time, using: key)
        return DigestCredentials.hexadecimal(time) + DigestCredentials.hexadecimal(code.prefix(16))
    }
}
