import Foundation
import JWTKit
import Testing

@testable import OpenID

struct ProviderTests {
    private static let issuer = "https://id.example.vn"

    private func metadata(_ change: [String: Any] = [:]) throws -> ProviderMetadata {
        var document: [String: Any] = [
            "issuer": Self.issuer, "authorization_endpoint": "https://id.example.vn/auth?x=1",
            "token_endpoint": "https://id.example.vn/token", "jwks_uri": "https://id.example.vn/jwks",
        ]
        document.merge(change) { $1 }
        return try ProviderMetadata(parsing: JSONSerialization.data(withJSONObject: document), of: Self.issuer)
    }

    @Test func whatIsOfAnotherOrNotByHTTPSIsNotUsed() throws {
        #expect(try metadata().tokenEndpoint == "https://id.example.vn/token")
        for change in [
            ["issuer": "https://id.example.vn/"], ["issuer": "https://evil.example"],
            ["token_endpoint": "http://id.example.vn/token"], ["jwks_uri": "file:///etc/passwd"],
            ["authorization_endpoint": "https://user@id.example.vn/"], ["end_session_endpoint": "javascript:alert(1)"],
            ["authorization_endpoint": "https://id.example.vn/a b"], ["jwks_uri": ""],
        ] {
            #expect(throws: OpenIDFault.self, "\(change)") { try metadata(change) }
        }
        #expect(throws: OpenIDFault.self) { try ProviderMetadata(parsing: Data("[]".utf8), of: Self.issuer) }
    }

    @Test func aBrowserIsSentWithAChallengeAndTheVerifierStaysHere() throws {
        var provider = OpenIDProvider(issuer: Self.issuer, clientID: "cầu", clientSecret: "bí mật:&=", name: "ID")
        provider.scopes = ["openid", "email"]
        var numbers = 0
        // RFC 7636 appendix B.
        let request = AuthorizationRequest(redirect: "https://hop.example.vn/openid/return") {
            numbers += 1
            return numbers == 3 ? "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" : "r\(numbers)"
        }
        let address = request.address(provider, try metadata())
        let query = try #require(URLComponents(string: address)?.queryItems)
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        #expect(address.hasPrefix("https://id.example.vn/auth?x=1&response_type=code&"))
        #expect(value("code_challenge") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(value("code_challenge_method") == "S256")
        #expect(value("scope") == "openid email")
        #expect((value("state"), value("nonce")) == ("r1", "r2"))
        #expect(value("client_id") == "cầu")
        #expect(!address.contains(request.verifier))
        let basic = request.exchange(code: "c&d", provider, try metadata())
        #expect(basic.form.contains("code=c%26d&") && !basic.form.contains("secret"))
        let field = try #require(basic.authorization?.dropFirst("Basic ".count))
        let pair = String(decoding: try #require(Data(base64Encoded: String(field))), as: UTF8.self)
        #expect(pair == "c%E1%BA%A7u:b%C3%AD%20m%E1%BA%ADt%3A%26%3D")
        let post = request.exchange(
            code: "c", provider, try metadata(["token_endpoint_auth_methods_supported": ["client_secret_post"]]))
        #expect(post.authorization == nil && post.form.contains("client_secret=b%C3%AD"))
        provider.clientSecret = nil
        #expect(request.exchange(code: "c", provider, try metadata()).form.hasSuffix("client_id=c%E1%BA%A7u"))
    }

    @Test func anAnswerIsGoodOnceForTenMinutesInTheBrowserThatAsked() {
        var pending = PendingSignIns()
        let start = ContinuousClock.now
        func begin(_ name: String) -> AuthorizationRequest { AuthorizationRequest(redirect: "x") { name } }
        pending.begin(begin("a"), in: "b1", at: start)
        #expect(pending.take("a", in: "b1", at: start)?.state == "a")
        #expect(pending.take("a", in: "b1", at: start) == nil, "used already")
        pending.begin(begin("a"), in: "b1", at: start)
        #expect(pending.take("a", in: "b2", at: start) == nil, "another browser")
        #expect(pending.take("a", in: "b1", at: start) == nil, "and it is used up")
        pending.begin(begin("a"), in: "b1", at: start)
        #expect(pending.take("a", in: "b1", at: start + PendingSignIns.life) == nil, "too late")
        for number in 0..<PendingSignIns.most + 10 {
            pending.begin(begin("\(number)"), in: "b", at: start + .seconds(1))
        }
        #expect(pending.count == PendingSignIns.most)
        #expect(pending.take("\(PendingSignIns.most + 9)", in: "b", at: start + .seconds(1)) != nil)
    }

    @Test func unknownKeysHaveThemFetchedAtMostOnceAMinute() throws {
        let key = #"{"kty": "EC", "crv": "P-256", "kid": "k1", "x": "a", "y": "b"}"#
        func set(_ keys: String) -> Data { Data(#"{"keys": [\#(keys)]}"#.utf8) }
        func header(_ kid: String?, _ algorithm: TokenAlgorithm = .es256) throws -> TokenHeader {
            let kid = kid.map { #","kid":"\#($0)""# } ?? ""
            let text = #"{"alg":"\#(algorithm.rawValue)"\#(kid)}"#
            return try TokenHeader(parsing: Base64URL.encode(Array(text.utf8))[...])
        }
        var keys = ProviderKeys()
        let start = ContinuousClock.now
        func kind(_ header: TokenHeader, _ moment: ContinuousClock.Instant) -> String {
            switch keys.look(for: header, at: moment) {
            case .key: "key"
            case .fetch: "fetch"
            case .unknown: "unknown"
            }
        }
        #expect(try kind(header("k1"), start) == "fetch")
        #expect(try kind(header("k1"), start) == "unknown", "one is on its way")
        let more =
            #"{"kty": "oct", "k": "c2Vj", "kid": "s"}, {"kty": "EC", "use": "enc", "kid": "e", "crv": "P-256"}, 7"#
        try keys.fetched(set("\(key), \(more)"), at: start)
        #expect(try kind(header("k1"), start) == "key")
        #expect(try kind(header(nil), start) == "key", "the only one of its kind")
        #expect(try kind(header("k1", .rs256), start) == "unknown", "of another kind")
        #expect(try kind(header("e"), start) == "unknown", "not for signatures")
        #expect(try kind(header("k2"), start + .seconds(30)) == "unknown")
        #expect(try kind(header("k2"), start + .seconds(60)) == "fetch")
        try keys.fetched(set(key.replacing("k1", with: "k2")), at: start + .seconds(60))
        #expect(try kind(header("k2"), start + .seconds(60)) == "key")
        #expect(try kind(header("k1"), start + .seconds(60)) == "unknown", "it was withdrawn")
        #expect(try kind(header("k2"), start + .seconds(60) + ProviderKeys.life) == "fetch")
        #expect(throws: OpenIDFault.self) { try keys.fetched(Data("x".utf8), at: start) }
        #expect(throws: OpenIDFault.self) { try keys.fetched(Data(count: ProviderKeys.mostOctets + 1), at: start) }
    }
}
