import Crypto
import Foundation

/// What a browser is sent to the identity provider with: the authorization code flow (OpenID Connect Core 1.0 §3.1) with PKCE (RFC 7636).
public struct AuthorizationRequest: Hashable, Sendable {
    public var state: String
    public var nonce: String
    public var verifier: String
    /// Where the answer goes.
    public var redirect: String

    /// - Parameter random: text of 256 bits, in the letters of base64url.
    public init(redirect: String, random: () -> String) {
        self.redirect = redirect
        state = random()
        nonce = random()
        verifier = random()
    }

    /// `S256` of the verifier (RFC 7636 §4.2).
    var challenge: String { Base64URL.encode(SHA256.hash(data: Data(verifier.utf8))) }

    public func address(_ provider: OpenIDProvider, _ metadata: ProviderMetadata) -> String {
        let scopes = ["openid"] + provider.scopes.filter { $0 != "openid" }
        var fields = [
            ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", redirect),
            ("scope", scopes.joined(separator: " ")), ("state", state), ("nonce", nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]
        if !provider.contexts.isEmpty { fields.append(("acr_values", provider.contexts.joined(separator: " "))) }
        return Form.address(metadata.authorizationEndpoint, fields)
    }

    /// How the code becomes a token (RFC 6749 §4.1.3): the form, and the `Authorization` header where there is one.
    public func exchange(
        code: String, _ provider: OpenIDProvider, _ metadata: ProviderMetadata
    ) -> (form: String, authorization: String?) {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ]
        guard let secret = provider.clientSecret else {
            return (Form.encode(fields + [("client_id", provider.clientID)]), nil)
        }
        switch metadata.authentication {
        case .basic:
            // Both are encoded as in forms first (RFC 6749 §2.3.1).
            let pair = "\(Form.escape(provider.clientID)):\(Form.escape(secret))"
            return (Form.encode(fields), "Basic \(Data(pair.utf8).base64EncodedString())")
        case .post:
            fields += [("client_id", provider.clientID), ("client_secret", secret)]
            return (Form.encode(fields), nil)
        }
    }

    /// Where a browser ends its session at the provider; nil where that has no such place.
    public static func signOutAddress(
        _ provider: OpenIDProvider, _ metadata: ProviderMetadata, to page: String
    ) -> String? {
        metadata.endSessionEndpoint.map {
            Form.address($0, [("client_id", provider.clientID), ("post_logout_redirect_uri", page)])
        }
    }
}

/// `application/x-www-form-urlencoded`, with what is not unreserved (RFC 3986 §2.3) in per cent.
enum Form {
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func escape(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "" }

    static func encode(_ fields: [(String, String)]) -> String {
        fields.map { "\(escape($0))=\(escape($1))" }.joined(separator: "&")
    }

    static func address(_ base: String, _ fields: [(String, String)]) -> String {
        base + (base.contains("?") ? "&" : "?") + encode(fields)
    }
}

/// RFC 4648 §5, without padding.
public enum Base64URL {
    public static func encode(_ octets: some Sequence<UInt8>) -> String {
        Data(octets).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil where it is anything else.
    public static func decode(_ text: Substring) -> Data? {
        guard text.utf8.allSatisfy(isLetter), text.utf8.count % 4 != 1 else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }

    private static func isLetter(_ octet: UInt8) -> Bool {
        (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet) || (0x30...0x39).contains(octet)
            || octet == 0x2D || octet == 0x5F
    }
}
