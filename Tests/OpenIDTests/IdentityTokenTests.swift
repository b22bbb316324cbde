import Crypto
import Foundation
import JWTKit
import Testing

@testable import OpenID

/// What an identity token must have to be believed. Keys and signatures are jwt-kit's.
struct IdentityTokenTests {
    private static let now = Date(timeIntervalSince1970: 1_795_487_400)
    private static let nonce = "n-0S6_WzA2Mj"
    private let signer = ES256PrivateKey()
    private let provider = {
        var provider = OpenIDProvider(issuer: "https://id.example.vn", clientID: "causeway", name: "ID")
        provider.contexts = ["urn:loa:2"]
        return provider
    }()

    private struct Claims: JWTPayload {
        var iss: String? = "https://id.example.vn"
        var aud: [String]? = ["causeway"]
        var azp: String?
        var sub: String? = "lan"
        var exp: Double? = now.timeIntervalSince1970 + 300
        var iat: Double? = now.timeIntervalSince1970
        var nbf: Double?
        var nonce: String? = IdentityTokenTests.nonce
        var amr: [String]?
        var acr: String?
        var email: String?
        var email_verified: Bool?
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    private func jwk(of key: ES256PrivateKey, _ kid: String = "k1") throws -> JWK {
        let point = try #require(key.parameters)
        func field(_ text: String) -> String {
            text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        return try JWK(
            json:
                #"{"kty": "EC", "crv": "P-256", "kid": "\#(kid)", "x": "\#(field(point.x))", "y": "\#(field(point.y))"}"#
        )
    }

    private func token(_ change: (inout Claims) -> Void = { _ in }, by key: ES256PrivateKey? = nil) async throws
        -> String
    {
        var claims = Claims()
        change(&claims)
        return try await JWTKeyCollection().add(ecdsa: key ?? signer, kid: "k1").sign(claims, kid: "k1")
    }

    private func identity(
        _ text: String, _ change: (inout OpenIDProvider) -> Void = { _ in }
    ) async throws -> VouchedIdentity {
        var provider = provider
        change(&provider)
        return try await IdentityToken(parsing: text).identity(
            signedBy: jwk(of: signer), for: provider, nonce: Self.nonce, at: Self.now)
    }

    private func expect(
        _ defect: OpenIDFault.TokenDefect, _ text: String, _ location: SourceLocation = #_sourceLocation
    ) async {
        await #expect(throws: OpenIDFault.token(defect), sourceLocation: location) { _ = try await identity(text) }
    }

    @Test func oneThatIsForThisSiteAndThisSignInSaysWhoItIs() async throws {
        let session = VouchedSession(subject: "lan", id: nil, issued: Self.now)
        #expect(
            try await identity(token()) == VouchedIdentity(name: "lan", hasSecondFactor: false, session: session))
        let several = try await token { ($0.aud, $0.azp) = (["causeway", "khac"], "causeway") }
        #expect(try await identity(several).name == "lan")
    }

    @Test func whatIsForgedExpiredOrForAnotherIsRefused() async throws {
        let far = Self.now.timeIntervalSince1970
        await expect(.signature, try await token(by: ES256PrivateKey()))
        await expect(.issuer, try await token { $0.iss = "https://id.example.vn/" })
        await expect(.issuer, try await token { $0.iss = nil })
        await expect(.audience, try await token { $0.aud = ["khac"] })
        await expect(.audience, try await token { $0.aud = nil })
        await expect(.audience, try await token { $0.aud = ["causeway", "khac"] })
        await expect(.audience, try await token { $0.azp = "khac" })
        await expect(.expired, try await token { $0.exp = far - 61 })
        await expect(.expired, try await token { $0.exp = nil })
        await expect(.tooEarly, try await token { $0.iat = far + 61 })
        await expect(.tooEarly, try await token { $0.nbf = far + 61 })
        await expect(.tooOld, try await token { $0.iat = far - 601 })
        await expect(.nonce, try await token { $0.nonce = "khac" })
        await expect(.nonce, try await token { $0.nonce = nil })
        await expect(.nameless, try await token { $0.sub = nil })
        await expect(.nameless, try await token { $0.sub = "" })
        await expect(.nameless, try await token { $0.sub = String(repeating: "x", count: 256) })
        #expect(try await identity(token { $0.exp = far - 59 }).name == "lan", "clocks are not quite right")
    }

    @Test func noTokenIsBelievedByAnAlgorithmThatIsNotOnTheList() async throws {
        let parts = try await token().split(separator: ".").map(String.init)
        func header(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }
        await expect(.algorithm, "\(header(#"{"alg":"none"}"#)).\(parts[1]).")
        await expect(.algorithm, "\(header(#"{"alg":"None","kid":"k1"}"#)).\(parts[1]).\(parts[2])")
        // The public key as if it were a shared secret.
        let bait = "\(header(#"{"alg":"HS256","kid":"k1"}"#)).\(parts[1])"
        let secret = SymmetricKey(data: Data(signer.publicKey.pemRepresentation.utf8))
        let mac = Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Data(bait.utf8), using: secret))
        await expect(.algorithm, "\(bait).\(mac)")
        // The right key, as if it were of another kind.
        await expect(.signature, "\(header(#"{"alg":"ES384","kid":"k1"}"#)).\(parts[1]).\(parts[2])")
        await expect(.malformed, "\(header(#"{"alg":"ES256","kid":"k1","crit":["b64"]}"#)).\(parts[1]).\(parts[2])")
    }

    @Test func onePieceThatIsAnotherMakesItWorthless() async throws {
        let parts = try await token().split(separator: ".").map(String.init)
        let other = try await token { $0.sub = "quantri" }.split(separator: ".").map(String.init)
        await expect(.signature, "\(parts[0]).\(other[1]).\(parts[2])")
        await expect(.signature, "\(parts[0]).\(parts[1]).\(other[2])")
        await expect(.signature, "\(parts[0]).\(parts[1]).")
        for text in [
            "", "a", "a.b", "a.b.c.d", "\(parts[0]).\(parts[1])", "=.=.=", String(repeating: "a", count: 20_000),
        ] {
            await expect(.malformed, text)
        }
    }

    @Test func textThatNobodyMadeNeverTraps() async throws {
        var random = SystemRandomNumberGenerator()
        let whole = Array(try await token().utf8)
        for _ in 0..<2000 {
            var octets = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                octets[Int.random(in: 0..<octets.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            guard octets != whole else { continue }
            // A letter that stands for bits which nobody reads may change nothing.
            let found = try? await identity(String(decoding: octets, as: UTF8.self))
            #expect(found == nil || found?.name == "lan")
        }
    }

    @Test func aSecondFactorIsWhatTheSiteTakesForOne() async throws {
        #expect(try await identity(token { $0.amr = ["pwd", "mfa"] }).hasSecondFactor)
        #expect(try await !identity(token { $0.amr = ["pwd", "otp"] }).hasSecondFactor)
        #expect(try await identity(token { $0.amr = ["otp"] }, { $0.methods = ["otp"] }).hasSecondFactor)
        #expect(try await identity(token { $0.acr = "urn:loa:2" }).hasSecondFactor)
        #expect(try await !identity(token { $0.acr = "urn:loa:1" }).hasSecondFactor)
    }

    @Test func aMailAddressCountsWhereItWasVerified() async throws {
        for verified in [nil, false] {
            let text = try await token { ($0.email, $0.email_verified) = ("lan@example.vn", verified) }
            await #expect(throws: OpenIDFault.token(.unverified)) {
                _ = try await identity(text) { $0.claim = "email" }
            }
        }
        let text = try await token { ($0.email, $0.email_verified) = ("lan@example.vn", true) }
        #expect(try await identity(text) { $0.claim = "email" }.name == "lan@example.vn")
    }
}
