import Foundation
import JWTKit

/// A logout token as it came, of which nothing is believed yet (OpenID Connect Back-Channel Logout 1.0 §2.4).
public struct LogoutToken: Sendable {
    private static let event = "http://schemas.openid.net/event/backchannel-logout"
    /// What it may say that it is; one that says nothing is known by its event.
    private static let types: Set = ["logout+jwt", "jwt"]

    private let token: SignedToken
    public var header: TokenHeader { token.header }

    public init(parsing text: String) throws(OpenIDFault) { token = try SignedToken(parsing: text) }

    /// What it orders, where it is signed by `key`, for this site, and in force (§2.6).
    public func order(
        signedBy key: JWK, for provider: OpenIDProvider, at now: Date
    ) async throws(OpenIDFault) -> LogoutOrder {
        let issued = try await token.check(signedBy: key, for: provider, at: now)
        guard header.type.map(Self.types.contains) ?? true, token.claims["events"]?.hasObject(Self.event) == true
        else { throw .token(.event) }
        // So that no ID token is taken for one.
        guard token.claims["nonce"] == nil else { throw .token(.nonce) }
        for claim in ["sub", "sid"] where token.claims[claim] != nil && token.name(claim) == nil {
            throw .token(.malformed)
        }
        let order = LogoutOrder(
            id: token.name("jti") ?? "", subject: token.name("sub"), session: token.name("sid"), issued: issued)
        guard !order.id.isEmpty else { throw .token(.malformed) }
        guard order.subject != nil || order.session != nil else { throw .token(.nameless) }
        return order
    }
}

/// The identity provider's word that a session of its is over, or that all of somebody are.
public struct LogoutOrder: Hashable, Sendable {
    /// The claim `jti`.
    public var id: String
    public var subject: String?
    public var session: String?
    public var issued: Date

    public init(id: String, subject: String?, session: String?, issued: Date) {
        self.id = id
        self.subject = subject
        self.session = session
        self.issued = issued
    }

    /// Of a session whose id the provider did not tell its subject is enough. What began after the order goes on, but for the very session that it names.
    public func ends(_ vouched: VouchedSession) -> Bool {
        guard subject == nil || subject == vouched.subject else { return false }
        if let session, let id = vouched.id { return session == id }
        return subject != nil && vouched.issued <= issued
    }
}

/// Orders of late: each is good once, and who was still signing in does not come in after it.
public struct LogoutOrders: Sendable {
    public static let most = 4096
    /// Longer than any order is believed.
    static let life = Duration.seconds(SignedToken.oldest + 2 * SignedToken.leeway)

    private var orders: [String: (order: LogoutOrder, at: ContinuousClock.Instant)] = [:]

    public init() {}

    public var count: Int { orders.count }

    /// - Returns: whether it is new.
    public mutating func take(_ order: LogoutOrder, at now: ContinuousClock.Instant) -> Bool {
        guard orders[order.id] == nil else { return false }
        if orders.count >= Self.most {
            orders = orders.filter { now - $0.value.at < Self.life }
            if orders.count >= Self.most, let oldest = orders.min(by: { $0.value.at < $1.value.at }) {
                orders[oldest.key] = nil
            }
        }
        orders[order.id] = (order, now)
        return true
    }

    public func end(_ vouched: VouchedSession) -> Bool { orders.values.contains { $0.order.ends(vouched) } }
}
