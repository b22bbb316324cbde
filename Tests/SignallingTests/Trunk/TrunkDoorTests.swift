import SIP
import Testing

@testable import Signalling

/// Who may call as a bridge of the cluster, and what comes of everybody else who tries.
@Suite struct TrunkDoorTests {
    private static let account = TrunkAccount(bridge: "mot", secret: "bi-mat-cua-cac-cau")
    private static let subject = "<sip:xa-1@causeway.test>;course=home;bridge=hai;origin=hai;participant=17"

    private func bridge() -> Caller {
        var caller = Caller(
            flow: Flow(listener: 0, connection: 3, transport: .tcp, remoteHost: "192.0.2.7", remotePort: 5070),
            trunk: Self.account)
        caller.from = "causeway-trunk"
        return caller
    }

    /// INVITE, challenge, and the INVITE again with what is given.
    private func invite(
        _ caller: inout Caller, header: String? = subject, secret: String = account.secret,
        name: String = "causeway-trunk",
        more: String = "", body: String = "v=0\n"
    ) throws {
        caller.say("INVITE", 1, headers: "Content-Type: application/sdp\n", body: "v=0\n")
        caller.say("ACK", 1, tag: caller.responses.last?.to.tag, same: true)
        let authorization = try caller.authorization("INVITE", password: secret, name: name)
        caller.say(
            "INVITE", 2,
            headers: authorization + (header.map { "Causeway-Trunk: \($0)\n" } ?? "") + more
                + (body.isEmpty ? "" : "Content-Type: application/sdp\n"), body: body)
    }

    private func arrived(_ caller: Caller) -> [PointCall] {
        caller.events.compactMap { if case .callArrived(let call, _, _) = $0 { call } else { nil } }
    }

    /// A trunk's call that is up.
    private func callUp(_ caller: inout Caller) throws -> CallID {
        try invite(&caller)
        let call = try #require(arrived(caller).last)
        try caller.accept(call.id)
        caller.toTag = try #require(caller.responses.last?.to.tag)
        caller.say("ACK", 2, tag: caller.toTag)
        return call.id
    }

    @Test func aBridgeThatKnowsTheSecretBringsAPoint() throws {
        var caller = bridge()
        try invite(&caller)
        let call = try #require(arrived(caller).first)
        #expect(
            call.trunk
                == TrunkSubject(course: .toHome, bridge: "hai", origin: "hai", participant: 17, point: "xa-1"))
        #expect(call.room == "giaoban")
    }

    @Test(arguments: ["bi-mat", "", "bi-mat-cua-cac-cau "]) func withAnotherSecretItIsNobody(secret: String) throws {
        var caller = bridge()
        try invite(&caller, secret: secret)
        caller.wait(.seconds(2))
        #expect(arrived(caller).isEmpty)
        #expect(caller.responses.last?.status == 401)
    }

    /// What was overheard once opens nothing.
    @Test func aRepeatedProofIsNone() throws {
        var caller = bridge()
        try invite(&caller)
        #expect(arrived(caller).count == 1)
        let authorization = try caller.authorization("INVITE", password: Self.account.secret, name: "causeway-trunk")
        caller.callID = "c2@point"
        caller.say(
            "INVITE", 1,
            headers: authorization + "Causeway-Trunk: \(Self.subject)\nContent-Type: application/sdp\n", body: "v=0\n")
        caller.wait(.seconds(5))
        #expect(arrived(caller).count == 1)
        #expect(caller.responses.last { $0.callID == "c2@point" }?.status == 401)
    }

    @Test func aPointThatCallsItselfATrunkIsRefused() throws {
        var caller = Caller(trunk: Self.account)
        try invite(&caller, secret: "bi-mat", name: "so1")
        #expect(arrived(caller).isEmpty)
        #expect(caller.responses.last?.status == 403)
        // And where there are no trunks at all.
        var alone = Caller()
        try invite(&alone, secret: "bi-mat", name: "so1")
        #expect(arrived(alone).isEmpty && alone.responses.last?.status == 403)
        var stranger = Caller()
        stranger.from = "causeway-trunk"
        try invite(&stranger, secret: Self.account.secret)
        stranger.wait(.seconds(2))
        #expect(arrived(stranger).isEmpty && stranger.responses.last?.status == 401)
    }

    @Test(arguments: [
        nil, "", "xa-1", "<sip:xa-1@causeway.test>",
        "<sip:causeway.test>;course=home;bridge=hai;origin=hai;participant=1",
        "<sip:xa-1@causeway.test>;course=away;bridge=hai;origin=hai;participant=1",
        "<sip:xa-1@causeway.test>;course=home;bridge=;origin=hai;participant=1",
        "<sip:xa-1@causeway.test>;course=home;bridge=h%20i;origin=hai;participant=1",
        "<sip:xa-1@causeway.test>;course=home;bridge=hai;origin=hai;participant=-1",
        "<sip:xa-1@causeway.test>;course=home;bridge=hai;origin=hai;participant=99999999999999999999",
        "<sip:xa-1@causeway.test>;course=home;bridge=hai;origin=hai",
        "<sip:xa-1@causeway.test>;course=home;bridge=\(String(repeating: "h", count: 65));origin=hai;participant=1",
        "<sip:\(String(repeating: "x", count: 300))@causeway.test>;course=home;bridge=hai;origin=hai;participant=1",
        "\(subject)\nCauseway-Trunk: \(subject)",
    ])
    func aCallThatDoesNotSayWhoseItIsIsRefused(header: String?) throws {
        var caller = bridge()
        try invite(&caller, header: header)
        #expect(arrived(caller).isEmpty)
        #expect(caller.responses.last?.status == 400)
    }

    @Test func itsOwnCallDoesNotComeBackToABridge() throws {
        var caller = bridge()
        try invite(&caller, header: Self.subject.replacing("bridge=hai", with: "bridge=mot"))
        #expect(arrived(caller).isEmpty && caller.responses.last?.status == 482)
    }

    @Test func aTrunkTakesNobodysPlaceAndAlwaysOffers() throws {
        var caller = bridge()
        try invite(&caller, body: "")
        #expect(arrived(caller).isEmpty && caller.responses.last?.status == 400)
    }

    @Test(arguments: ["REGISTER", "MESSAGE", "SUBSCRIBE", "REFER"]) func aTrunkOnlyCalls(method: String) throws {
        var caller = bridge()
        caller.say(method, 1)
        let authorization = try caller.authorization(method, password: Self.account.secret, name: "causeway-trunk")
        caller.say(method, 2, headers: authorization)
        #expect(caller.responses.last?.status == 403, "\(caller.responses.map(\.status))")
        #expect(caller.events.allSatisfy { if case .log = $0 { true } else { false } })
    }

    // MARK: In the call

    private func orders(_ caller: Caller) -> [String] {
        caller.events.compactMap { if case .trunkOrdered(_, let text) = $0 { text } else { nil } }
    }

    @Test func whatABridgeSaysOfItsPointIsHeardInItsCall() throws {
        var caller = bridge()
        let call = try callUp(&caller)
        let headers = "Info-Package: causeway-trunk\nContent-Type: text/plain\n"
        caller.say("INFO", 3, headers: headers, body: "heard\nkeys recording-on", tag: caller.toTag)
        #expect(orders(caller) == ["heard\r\nkeys recording-on"])
        #expect(caller.responses.last?.status == 200)
        caller.say(
            "INFO", 4, headers: headers, body: String(repeating: "x", count: 5_000), tag: caller.toTag)
        #expect(orders(caller).count == 1 && caller.responses.last?.status == 200)
        caller.say(
            "INFO", 5, headers: "Info-Package: causeway-hand\nContent-Type: text/plain\n", body: "raised",
            tag: caller.toTag)
        #expect(caller.events.contains { if case .hand(call, isRaised: true) = $0 { true } else { false } })
        caller.say(
            "MESSAGE", 6,
            headers: "P-Asserted-Identity: \"Xã 1\" <sip:xa1@causeway.test>\nContent-Type: text/plain\n", body: "Chào",
            tag: caller.toTag)
        let texts = caller.events.compactMap { if case .trunkTexted(_, let text) = $0 { text } else { nil } }
        #expect(texts == [RelayedMessage(name: "Xã 1", username: "xa1", text: "Chào")])
        caller.say("MESSAGE", 7, headers: "Content-Type: text/plain\n", body: "Chào", tag: caller.toTag)
        #expect(caller.responses.last?.status == 400)
        caller.say("REFER", 8, headers: "Refer-To: <sip:kia@causeway.test>\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 403)
    }

    @Test func aPointSaysNothingAsABridgeWould() throws {
        var caller = Caller(trunk: Self.account)
        _ = try caller.callUp()
        caller.say(
            "INFO", 3, headers: "Info-Package: causeway-trunk\nContent-Type: text/plain\n",
            body: "stand\nmicrophone open\nplace hall", tag: caller.toTag)
        #expect(caller.responses.last?.status == 469)
        #expect(orders(caller).isEmpty)
    }

    @Test func aBridgeWhoseConnectionIsGoneIsGone() throws {
        var caller = bridge()
        _ = try callUp(&caller)
        caller.take(caller.core.flowFailed(caller.flow, at: caller.now))
        #expect(caller.ends == [.connectionLost])
    }

    /// Whatever stands in the header and in what is said: no trap, and nothing but what was meant gets through.
    @Test func noOctetsHurt() throws {
        var random = SplitMix64(seed: 5)
        var caller = bridge()
        _ = try callUp(&caller)
        for round in 0..<3_000 {
            var octets = Array(Self.subject.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<octets.count, using: &random)
                if Bool.random(using: &random) {
                    octets[place] = UInt8.random(in: 1 ... .max, using: &random)
                } else {
                    octets.insert(contentsOf: octets[place...].prefix(20), at: place)
                }
            }
            let headers = SIPHeaders([.init(.trunk, String(decoding: octets, as: UTF8.self))])
            if let subject = TrunkSubject(headers) {
                #expect(!subject.point.isEmpty && subject.bridge.utf8.count <= 64)
                #expect(
                    TrunkSubject(SIPHeaders([.init(.trunk, subject.headerValue(domain: "causeway.test"))])) == subject)
            }
            guard round % 10 == 0 else { continue }
            let body = String(decoding: octets.filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
            caller.say(
                "INFO", 100 + round, headers: "Info-Package: causeway-trunk\nContent-Type: text/plain\n", body: body,
                tag: caller.toTag)
        }
        #expect(caller.ends.isEmpty)
    }
}
