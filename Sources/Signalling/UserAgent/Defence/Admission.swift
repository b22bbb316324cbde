import SIP

/// How many requests that begin something are taken a second. What is beyond hears 503 before it costs anything, so that
/// calls that run feel nothing (RFC 7339 has more; endpoints know only this).
struct Admission {
    enum Kind { case call, registration, other }

    /// Of each kind, what strangers leave to points that proved who they are.
    private static let reserve = 1.0 / 3
    /// Requests of one call before it is taken: without credentials, and with them.
    private static let requestsPerCall = 2
    /// After an outage all points register at once: that is no attack, and done soon.
    private static let registrationBurst = Duration.seconds(5)
    private static let complaintInterval = Duration.seconds(10)

    private let callsPerSecond: Int
    private var calls: TokenBucket
    private var registrations: TokenBucket
    private var others: TokenBucket
    private var refused = 0
    private var complained: SIPInstant?

    init(_ limits: SignallingLimits) {
        callsPerSecond = limits.callsPerSecond
        calls = TokenBucket(perSecond: limits.callsPerSecond * Self.requestsPerCall)
        registrations = TokenBucket(
            perSecond: limits.registrationsPerSecond * Self.requestsPerCall, burst: Self.registrationBurst)
        others = TokenBucket(perSecond: limits.registrationsPerSecond)
    }

    mutating func admits(_ kind: Kind, mayUseReserve: Bool = false, at now: SIPInstant) -> Bool {
        let share = mayUseReserve ? 0 : Self.reserve
        return switch kind {
        case .call: calls.take(leaving: share, at: now)
        case .registration: registrations.take(leaving: share, at: now)
        case .other: others.take(leaving: share, at: now)
        }
    }

    mutating func noteRefusal() { refused += 1 }

    /// What the operator is told of an overload, now and then.
    mutating func complaint(at now: SIPInstant) -> String? {
        guard refused > 0, complained.map({ $0 + Self.complaintInterval <= now }) ?? true else { return nil }
        defer {
            refused = 0
            complained = now
        }
        return "overload: \(refused) requests were refused with 503 (limits.callsPerSecond is \(callsPerSecond))"
    }
}
