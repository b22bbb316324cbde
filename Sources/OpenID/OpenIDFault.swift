/// Why nobody is signed in by the identity provider.
public enum OpenIDFault: Error, Hashable, Sendable {
    /// It could not be asked, or answered with no success.
    case unreachable(String)
    /// What it said of itself cannot be used (OpenID Connect Discovery 1.0 §4.3).
    case metadata(String)
    /// No sign-in of this browser waits for this answer: it was used already, took too long, or belongs to another.
    case stale
    /// It let nobody in, with this code (RFC 6749 §4.1.2.1).
    case refused(String)
    /// Its token is not to be believed.
    case token(TokenDefect)

    /// What is wrong with an ID token, or with a logout token.
    public enum TokenDefect: String, Hashable, Sendable {
        case missing, malformed, algorithm, unknownKey, signature, issuer, audience, expired, tooEarly, tooOld, nonce
        /// It does not say who it is, by the claim that was agreed on.
        case nameless
        /// Its mail address was not verified.
        case unverified
        /// It is no order to end a session.
        case event
        /// The order was carried out already.
        case replayed
    }

    /// For the log and the journal; no part of a token is in it.
    public var reason: String {
        switch self {
        case .unreachable(let why): "the identity provider cannot be asked: \(why)"
        case .metadata(let why): "what the identity provider says of itself cannot be used: \(why)"
        case .stale: "no sign-in waits for this answer"
        case .refused(let code): "the identity provider refused: \(code)"
        case .token(let defect): "the token is refused: \(defect.rawValue)"
        }
    }
}
