/// Goes through the servers that a search gave, one after another, as they fail (RFC 3263 §4.3).
public struct ServerFailover: Sendable, Hashable {
    /// What makes a client turn to the next server. Any other response, failure or not, is the answer.
    public enum Cause: Sendable, Hashable {
        /// 503: the server is left alone for that time.
        case unavailable(retryAfter: Duration?)
        /// The transaction timed out.
        case timedOut
        /// The flow failed or could not be opened.
        case transportFailed

        /// Nil for a response after which no other server is tried.
        public init?(_ response: SIPResponse) {
            guard response.status == 503 else { return nil }
            let text = response.headers[.retryAfter]?.prefix { $0.isASCII && $0.isNumber }
            let seconds = text.flatMap { String($0).decimal(atMost: 86_400) }
            self = .unavailable(retryAfter: seconds.map { .seconds($0) })
        }
    }

    public private(set) var current: SIPTarget?
    private var waiting: ArraySlice<SIPTarget>

    /// Begins with the first server.
    public init(_ targets: [SIPTarget]) {
        current = targets.first
        waiting = targets.dropFirst()
    }

    /// The current server failed; takes the next. Nil when none is left.
    public mutating func next() -> SIPTarget? {
        current = waiting.popFirst()
        return current
    }
}

/// Servers that failed lately, so that calls do not run into them one after another (RFC 3263 §4.3, RFC 3261 §21.5.4).
public struct UnavailableServers: Sendable {
    private let most: Int
    private let pause: Duration
    private var until: [SIPTarget: SIPInstant] = [:]

    /// - Parameter pause: how long a server is avoided that does not say itself.
    public init(most: Int = 256, pause: Duration = .seconds(30)) {
        self.most = most
        self.pause = pause
    }

    public var count: Int { until.count }

    public mutating func note(_ target: SIPTarget, _ cause: ServerFailover.Cause, at now: SIPInstant) {
        until = until.filter { $0.value > now }
        guard until.count < most || until[target] != nil else { return }
        if case .unavailable(let retryAfter?) = cause {
            until[target] = now + retryAfter
        } else {
            until[target] = now + pause
        }
    }

    /// It answers again.
    public mutating func clear(_ target: SIPTarget) { until[target] = nil }

    /// The same servers, those that failed lately last: better one of them than none.
    public func ordered(_ targets: [SIPTarget], at now: SIPInstant) -> [SIPTarget] {
        func isAvoided(_ target: SIPTarget) -> Bool { until[target].map { $0 > now } ?? false }
        return targets.filter { !isAvoided($0) } + targets.filter(isAvoided)
    }
}
