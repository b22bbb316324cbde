import Crypto
import Foundation
import JWTKit

/// An ID token as it came, of which nothing is believed yet (OpenID Connect Core 1.0 §2).
public struct IdentityToken: Sendable {
    private let token: SignedToken
    public var header: TokenHeader { token.header }

    public init(parsing text: String) throws(OpenIDFault) { token = try SignedToken(parsing: text) }

    /// Who it is of, where it is signed by `key`, for this site and this sign-in, and in force.
    public func identity(
        signedBy key: JWK, for provider: OpenIDProvider, nonce: String, at now: Date
    ) async throws(OpenIDFault) -> VouchedIdentity {
        let issued = try await token.check(signedBy: key, for: provider, at: now)
        let claims = token.claims
        guard let own = claims["nonce"]?.text,
            SHA256.hash(data: Data(own.utf8)) == SHA256.hash(data: Data(nonce.utf8))
        else { throw .token(.nonce) }
        guard let name = token.name(provider.claim), let subject = token.name("sub") else { throw .token(.nameless) }
        if provider.claim == "email" {
            guard claims["email_verified"]?.isTrue == true else { throw .token(.unverified) }
        }
        let methods = claims["amr"]?.texts ?? []
        let context = claims["acr"]?.text
        return VouchedIdentity(
            name: name,
            hasSecondFactor: !provider.methods.isDisjoint(with: methods)
                || context.map(provider.contexts.contains) == true,
            session: VouchedSession(subject: subject, id: token.name("sid"), issued: issued))
    }
}

/// Somebody, by the word of the identity provider.
public struct VouchedIdentity: Hashable, Sendable {
    /// As the agreed claim has it.
    public var name: String
    /// The provider says that a second factor was used.
    public var hasSecondFactor: Bool
    public var session: VouchedSession
}

/// A session at the identity provider, by which one here began.
public struct VouchedSession: Hashable, Sendable {
    /// The claim `sub`.
    public var subject: String
    /// The claim `sid`, where the provider tells it.
    public var id: String?
    /// When its ID token was made.
    public var issued: Date

    public init(subject: String, id: String?, issued: Date) {
        self.subject = subject
        self.id = id
        self.issued = issued
    }
}
