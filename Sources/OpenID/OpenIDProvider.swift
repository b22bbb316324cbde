/// An identity provider, as a site has it.
public struct OpenIDProvider: Hashable, Sendable {
    /// `https://…`, exactly as it stands in its tokens.
    public var issuer: String
    public var clientID: String
    /// Nil where the provider knows the bridge by PKCE alone.
    public var clientSecret: String?
    /// What people call it; stands on the button.
    public var name: String
    /// The claim that says who somebody is.
    public var claim = "sub"
    /// Asked for besides `openid`.
    public var scopes: [String] = []
    /// Values of `amr` (RFC 8176) that say that a second factor was used.
    public var methods: Set<String> = ["mfa"]
    /// Values of `acr` that say so; they are asked for.
    public var contexts: [String] = []

    public init(issuer: String, clientID: String, clientSecret: String? = nil, name: String) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.name = name
    }

    /// Where it says what it is (OpenID Connect Discovery 1.0 §4).
    public var metadataAddress: String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }
}
