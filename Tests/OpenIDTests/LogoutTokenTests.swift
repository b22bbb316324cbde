import Foundation
import JWTKit
import Testing

@testable import OpenID

/// What a logout token must have to be believed, and what it ends. Forged ones of a real provider are OpenIDSignInTests'.
struct LogoutTokenTests {
    private static let now = Date(timeIntervalSince1970: 1_795_487_400)
    private let signer = ES256PrivateKey()
    private let provider = OpenIDProvider(issuer: "https://id.example.vn", clientID: "causeway", name: "ID")

    private struct Claims: JWTPayload {
        struct Event: Codable {}
        var iss = "https://id.example.vn"
        var aud = ["causeway"]
        var iat: Double? = now.timeIntervalSince1970
        var exp: Double? = now.timeIntervalSince1970 + 120
        var jti: String? = "j-1"
        var sub: String? = "lan"
        var sid: String?
        var nonce: String?
        var events: [String: Event]? = ["http://schemas.openid.net/event/backchannel-logout": Event()]
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    private func order(
        type: String? = nil, _ change: (inout Claims) -> Void = { _ in }
    ) async throws -> LogoutOrder {
        var claims = Claims()
        change(&claims)
        var header = JWTHeader()
        header.typ = type
        let text = try await JWTKeyCollection().add(ecdsa: signer, kid: "k1").sign(claims, kid: "k1", header: header)
        let point = try #require(signer.parameters)
        func field(_ text: String) -> String {
            text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let key = try JWK(
            json: #"{"kty": "EC", "crv": "P-256", "kid": "k1", "x": "\#(field(point.x))", "y": "\#(field(point.y))"}"#)
        return try await LogoutToken(parsing: text).order(signedBy: key, for: provider, at: Self.now)
    }

    private func expect(
        _ defect: OpenIDFault.TokenDefect, type: String? = nil, _ location: SourceLocation = #_sourceLocation,
        _ change: (inout Claims) -> Void = { _ in }
    ) async {
        await #expect(throws: OpenIDFault.token(defect), sourceLocation: location) {
            _ = try await order(type: type, change)
        }
    }

    @Test func itSaysWhoseSessionIsOver() async throws {
        #expect(
            try await order() == LogoutOrder(id: "j-1", subject: "lan", session: nil, issued: Self.now))
        let named = try await order(type: "application/logout+JWT") { ($0.sub, $0.sid) = (nil, "s-1") }
        #expect(named.subject == nil && named.session == "s-1")
    }

    @Test func whatIsNoOrderIsRefused() async throws {
        let far = Self.now.timeIntervalSince1970
        await expect(.event) { $0.events = nil }
        await expect(.event) { $0.events = ["http://schemas.openid.net/event/else": .init()] }
        await expect(.event, type: "at+jwt")
        await expect(.nonce) { $0.nonce = "n" }
        await expect(.nameless) { $0.sub = nil }
        await expect(.malformed) { $0.jti = nil }
        await expect(.malformed) { $0.jti = String(repeating: "j", count: 256) }
        await expect(.malformed) { $0.sid = "" }
        await expect(.malformed) { $0.sub = String(repeating: "s", count: 256) }
        await expect(.issuer) { $0.iss = "https://id.example.vn/" }
        await expect(.audience) { $0.aud = ["khac"] }
        await expect(.expired) { $0.exp = far - 61 }
        await expect(.expired) { $0.exp = nil }
        await expect(.tooOld) { $0.iat = far - 601 }
        await expect(.tooEarly) { $0.iat = far + 61 }
    }

    @Test func itEndsWhatItNamesAndWhatBeganBeforeIt() {
        func session(_ subject: String, _ id: String?, _ seconds: TimeInterval = 0) -> VouchedSession {
            VouchedSession(subject: subject, id: id, issued: Self.now + seconds)
        }
        func order(_ subject: String?, _ session: String?) -> LogoutOrder {
            LogoutOrder(id: "j", subject: subject, session: session, issued: Self.now)
        }
        #expect(order("lan", nil).ends(session("lan", "s-1")) && order("lan", nil).ends(session("lan", nil)))
        #expect(!order("lan", nil).ends(session("minh", nil)))
        #expect(!order("lan", nil).ends(session("lan", nil, 1)), "it began later")
        #expect(order(nil, "s-1").ends(session("lan", "s-1", 1)), "the very session, whenever it began")
        #expect(!order(nil, "s-1").ends(session("lan", "s-2")) && !order(nil, "s-1").ends(session("lan", nil)))
        #expect(!order("minh", "s-1").ends(session("lan", "s-1")))
        #expect(order("lan", "s-1").ends(session("lan", nil)), "which of the person's it is nobody told")
    }

    @Test func eachOrderIsGoodOnceAndABoundedNumberIsRemembered() {
        var orders = LogoutOrders()
        let start = ContinuousClock.now
        func order(_ number: Int) -> LogoutOrder {
            LogoutOrder(id: "\(number)", subject: "\(number)", session: nil, issued: Self.now)
        }
        func isNew(_ number: Int, _ after: Duration) -> Bool { orders.take(order(number), at: start + after) }
        for number in 0..<LogoutOrders.most where !isNew(number, .milliseconds(number)) {
            Issue.record("\(number) is not new")
        }
        #expect(!isNew(0, .seconds(700)))
        #expect(orders.end(VouchedSession(subject: "7", id: nil, issued: Self.now)))
        #expect(isNew(-1, .seconds(10)))
        #expect(orders.count == LogoutOrders.most)
        #expect(!orders.end(VouchedSession(subject: "0", id: nil, issued: Self.now)), "the oldest gave way")
        #expect(isNew(-2, .seconds(3600)))
        #expect(orders.count == 1)
    }
}
