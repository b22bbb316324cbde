import Crypto
import Foundation
import Office
import OfficeStore
import OpenID
import Synchronization

/// Who is signed in at which browser. Sessions are in memory alone: after a restart everybody signs in anew.
final class SessionDesk: Sendable {
    /// Of this host, by HTTPS only (RFC 6265bis §4.1.3.2).
    static let cookie = "__Host-causeway"
    static let maximumSessions = 10_000
    /// Even one that is used all the time ends then.
    static let longest = Duration.seconds(12 * 3600)

    /// What may be done in a session.
    enum Standing: Sendable {
        case open
        /// Who needs a second factor and has none may do nothing but get one.
        case mustEnrol
        /// The identity provider let the person in; the code of the authenticator app is still to come.
        case mustProve
    }

    /// A session as a request finds it.
    struct Opened: Sendable {
        var person: PersonEntry
        var csrf: String
        var idleLimit: Duration
        var isLocked: Bool
        var mustEnrol: Bool { standing == .mustEnrol }
        var standing: Standing
        /// By whose word at the identity provider it began; nil where it was by a password.
        var vouched: VouchedSession?
        /// What an authenticator app was given, until its code came back.
        var offered: OneTimePassword?

        /// Compared in constant time, as digests.
        func accepts(_ token: String) -> Bool {
            SHA256.hash(data: Data(token.utf8)) == SHA256.hash(data: Data(csrf.utf8))
        }
    }

    private struct Session {
        var person: String
        var csrf: String
        var began: ContinuousClock.Instant
        var active: ContinuousClock.Instant
        var isLocked = false
        var standing = Standing.open
        var vouched: VouchedSession?
        var offered: OneTimePassword?
    }

    /// By the digests of their tokens.
    private let sessions = Mutex<[String: Session]>([:])
    /// The person's entry as it is now; nil where there is none any more.
    private let person: @Sendable (String) -> PersonEntry?

    init(person: @escaping @Sendable (String) -> PersonEntry?) { self.person = person }

    /// How long nothing may come of a person before the session locks.
    static func idleLimit(_ roles: Set<Role>) -> Duration {
        .seconds(roles.contains(.administrator) ? 5 * 60 : 15 * 60)
    }

    /// Opens a session.
    /// - Returns: the cookie's value.
    func open(
        _ person: String, _ standing: Standing = .open, by vouched: VouchedSession? = nil,
        at now: ContinuousClock.Instant
    ) -> String {
        let token = Self.random()
        sessions.withLock { sessions in
            if sessions.count >= Self.maximumSessions,
                let oldest = sessions.min(by: { $0.value.active < $1.value.active })
            {
                sessions[oldest.key] = nil
            }
            sessions[Self.digest(token)] = Session(
                person: person, csrf: Self.random(), began: now, active: now, standing: standing,
                vouched: vouched)
        }
        return token
    }

    /// The session that a cookie's value names. `isActivity` where a person is behind the request, not a page's clock.
    func session(_ token: String, isActivity: Bool, at now: ContinuousClock.Instant) -> Opened? {
        let key = Self.digest(token)
        guard let found = sessions.withLock({ $0[key] }) else { return nil }
        guard let person = person(found.person), now - found.began < Self.longest else {
            close(token)
            return nil
        }
        let limit = Self.idleLimit(person.roles)
        return sessions.withLock { sessions in
            guard var session = sessions[key] else { return nil }
            if now - session.active >= limit { session.isLocked = true }
            if isActivity, !session.isLocked { session.active = max(session.active, now) }
            sessions[key] = session
            return Opened(
                person: person, csrf: session.csrf, idleLimit: limit, isLocked: session.isLocked,
                standing: session.standing, vouched: session.vouched, offered: session.offered)
        }
    }

    /// The password was given again.
    func unlock(_ token: String, at now: ContinuousClock.Instant) {
        sessions.withLock { sessions in
            sessions[Self.digest(token)]?.isLocked = false
            sessions[Self.digest(token)]?.active = now
        }
    }

    /// An authenticator app is being given this.
    func offer(_ app: OneTimePassword, to token: String) {
        sessions.withLock { $0[Self.digest(token)]?.offered = app }
    }

    /// The app works.
    func enrolled(_ token: String) {
        sessions.withLock { sessions in
            sessions[Self.digest(token)]?.offered = nil
            sessions[Self.digest(token)]?.standing = .open
        }
    }

    /// The code was right.
    func proved(_ token: String) {
        sessions.withLock { sessions in
            if sessions[Self.digest(token)]?.standing == .mustProve { sessions[Self.digest(token)]?.standing = .open }
        }
    }

    func lock(_ token: String) { sessions.withLock { $0[Self.digest(token)]?.isLocked = true } }

    func close(_ token: String) { sessions.withLock { _ = $0.removeValue(forKey: Self.digest(token)) } }

    /// Somebody's other sessions end: the password is another, or the person is no more.
    func closeAll(of person: String, but token: String? = nil) {
        let kept = token.map(Self.digest)
        sessions.withLock { $0 = $0.filter { $0.value.person != person || $0.key == kept } }
    }

    /// The identity provider ended sessions of its: those that began here by them end as well.
    /// - Returns: whose they were, each once.
    func end(by order: LogoutOrder) -> Set<String> {
        sessions.withLock { sessions in
            let ended = sessions.filter { $0.value.vouched.map(order.ends) == true }
            for key in ended.keys { sessions[key] = nil }
            return Set(ended.values.map(\.person))
        }
    }

    private static func digest(_ token: String) -> String { hexadecimal(SHA256.hash(data: Data(token.utf8))) }
    static func random() -> String { SymmetricKey(size: .bits256).withUnsafeBytes { hexadecimal($0) } }
    private static func hexadecimal(_ octets: some Sequence<UInt8>) -> String {
        octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
