/// Sign-ins that wait for the identity provider's answer: each is good once, for ten minutes, in the browser that began it.
public struct PendingSignIns: Sendable {
    public static let most = 1000
    public static let life = Duration.seconds(600)

    private struct Entry {
        var browser: String
        var request: AuthorizationRequest
        var began: ContinuousClock.Instant
    }
    private var entries: [String: Entry] = [:]

    public init() {}

    public var count: Int { entries.count }

    /// - Parameter browser: a secret that the browser alone has.
    public mutating func begin(_ request: AuthorizationRequest, in browser: String, at now: ContinuousClock.Instant) {
        if entries.count >= Self.most {
            entries = entries.filter { now - $0.value.began < Self.life }
            if entries.count >= Self.most, let oldest = entries.min(by: { $0.value.began < $1.value.began }) {
                entries[oldest.key] = nil
            }
        }
        entries[request.state] = Entry(browser: browser, request: request, began: now)
    }

    /// The sign-in of this state, which is used up.
    public mutating func take(
        _ state: String, in browser: String, at now: ContinuousClock.Instant
    ) -> AuthorizationRequest? {
        guard let entry = entries.removeValue(forKey: state), now - entry.began < Self.life, entry.browser == browser
        else { return nil }
        return entry.request
    }
}
