import Foundation
import SIP
import Testing

@testable import Signalling

/// Invitations as they are signed, and as they come in requests.
@Suite struct InvitationTests {
    private static let key = InvitationKey([UInt8](repeating: 7, count: 32))
    private static let invitation = RoomInvitation(username: "soyte", room: "giaoban", expires: 1_000)

    private static func verify(_ token: String, at now: UInt64 = 999, password: String? = "a") -> InvitationVerdict {
        key.verify(token, at: now) { $0 == "soyte" ? password.map { Array($0.utf8) } : nil }
    }

    // MARK: Tokens

    @Test func aTokenIsGoodUntilItExpires() throws {
        let token = try #require(Self.key.token(for: Self.invitation, credential: Array("a".utf8)))
        #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
        #expect(Self.verify(token) == .granted(username: "soyte", room: "giaoban"))
        #expect(Self.verify(token, at: 1_000) == .expired)
    }

    @Test func aNewPasswordAPointThatIsGoneAndAnotherKeyRevokeIt() throws {
        let token = try #require(Self.key.token(for: Self.invitation, credential: Array("a".utf8)))
        #expect(Self.verify(token, password: "b") == .invalid)
        #expect(Self.verify(token, password: nil) == .invalid)
        let other = InvitationKey([UInt8](repeating: 8, count: 32))
        #expect(other.verify(token, at: 0) { _ in Array("a".utf8) } == .invalid)
    }

    @Test func noOtherTextIsAToken() throws {
        let token = try #require(Self.key.token(for: Self.invitation, credential: Array("a".utf8)))
        var random = SplitMix64(seed: 5)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=")
        for index in token.indices {
            var forged = token
            let letter = letters.randomElement(using: &random) ?? "A"
            guard letter != token[index] else { continue }
            forged.replaceSubrange(index...index, with: String(letter))
            #expect(Self.verify(forged) == .invalid, "\(forged)")
        }
        for _ in 0..<2_000 {
            let count = Int.random(in: 0..<120, using: &random)
            _ = Self.verify(String((0..<count).map { _ in letters.randomElement(using: &random) ?? "." }))
        }
        #expect(Self.verify("") == .invalid && Self.verify(".") == .invalid)
        #expect(Self.verify(token + ".") == .invalid && Self.verify(String(repeating: "A", count: 10_000)) == .invalid)
    }

    @Test func whatIsWrittenIsReadAgainAndRandomOctetsNeverTrap() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<500 {
            let invitation = RoomInvitation(
                username: String(repeating: "ế", count: Int.random(in: 1...60, using: &random)),
                room: String(repeating: "p", count: Int.random(in: 1...200, using: &random)),
                expires: UInt64.random(in: 0 ... .max, using: &random))
            #expect(invitation.octets.flatMap { RoomInvitation($0) } == invitation)
            let noise = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                UInt8.random(in: 0 ... .max, using: &random)
            }
            _ = RoomInvitation([1] + noise)
        }
        #expect(RoomInvitation(username: "", room: "a", expires: 0).octets == nil)
        #expect(RoomInvitation(username: String(repeating: "a", count: 201), room: "a", expires: 0).octets == nil)
    }

    @Test func theKeyIsMadeOnceAndForNobodyElse() throws {
        let path = FileManager.default.temporaryDirectory.path + "/key-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let token = try #require(
            try InvitationKey.ensure(at: path).token(for: Self.invitation, credential: Array("a".utf8)))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let again = try InvitationKey.ensure(at: path)
        #expect(again.verify(token, at: 0) { _ in Array("a".utf8) } == .granted(username: "soyte", room: "giaoban"))
        try Data("short".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: InvitationKeyError.self) { try InvitationKey.ensure(at: path) }
    }

    // MARK: In requests

    private static func caller(over transport: SIPTransport = .wss) -> Caller {
        Caller(flow: Flow(listener: 0, connection: 1, transport: transport, remoteHost: "192.0.2.7", remotePort: 5070))
    }

    private static let bearer = "Authorization: Bearer moi-giaoban\n"
    private static let offer = "Content-Type: application/sdp\n"

    @Test func aPointComesInByAnInvitationWithoutAChallenge() {
        var caller = Self.caller()
        caller.say("INVITE", 1, headers: Self.bearer + Self.offer, body: "v=0\n")
        caller.wait(.milliseconds(150))
        #expect(caller.responses.map(\.status) == [180])
        let arrived = caller.events.contains {
            if case .callArrived(let call, _, _) = $0 {
                call.username == "so1" && call.room == "giaoban"
            } else {
                false
            }
        }
        #expect(arrived)
    }

    @Test func anInvitationIsGoodInItsRoomAndForItsMethodsOnly() {
        for (method, room, status) in [
            ("INVITE", "khac", 403), ("MESSAGE", "khac", 403), ("SUBSCRIBE", "khac", 403), ("REGISTER", "giaoban", 403),
            ("REFER", "giaoban", 403), ("OPTIONS", "giaoban", 200),
        ] as [(String, String, UInt16)] {
            var caller = Self.caller()
            caller.say(method, 1, headers: Self.bearer + "Event: conference\n", user: room)
            #expect(caller.responses.map(\.status) == [status], "\(method) \(room)")
        }
    }

    @Test func aCallByInvitationHasNobodyElseCalled() throws {
        var caller = Self.caller()
        caller.say("INVITE", 1, headers: Self.bearer + Self.offer, body: "v=0\n")
        let id = try #require(caller.core.calls.keys.first)
        try caller.accept(id)
        caller.toTag = try #require(caller.responses.last?.to.tag)
        caller.say("ACK", 1, tag: caller.toTag)
        caller.say("REFER", 2, headers: "Refer-To: <sip:khac@causeway.test>\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 403)
        #expect(!caller.events.contains { if case .referred = $0 { true } else { false } })
    }

    @Test func anInvitationDoesNotTakeOverASeatInAnotherRoom() throws {
        var caller = Self.caller()
        _ = try caller.callUp()
        let replaces = "Replaces: c1@point;to-tag=\(caller.toTag);from-tag=f1\n"
        caller.callID = "c2@point"
        caller.say(
            "INVITE", 1, headers: "Authorization: Bearer moi-giaoban\n" + replaces + Self.offer, body: "v=0\n")
        caller.wait(.milliseconds(150))
        #expect(caller.responses.last?.status == 180, "the same room")
        var other = caller
        other.callID = "c3@point"
        other.say("INVITE", 1, headers: Self.bearer + replaces + Self.offer, body: "v=0\n", user: "khac")
        #expect(other.responses.last?.status == 403)
    }

    @Test func invitationsComeOverTLSOnly() {
        var caller = Self.caller(over: .ws)
        caller.say("INVITE", 1, headers: Self.bearer + Self.offer, body: "v=0\n")
        #expect(caller.responses.map(\.status) == [403])
    }

    @Test func oneThatHasExpiredIsToldAndOneThatIsForgedIsAGuess() {
        var caller = Self.caller()
        caller.say("INVITE", 1, headers: "Authorization: Bearer qua-han\n" + Self.offer, body: "v=0\n")
        #expect(caller.responses.map(\.status) == [401])
        #expect(caller.responses.last?.headers[.wwwAuthenticate]?.contains("error=\"invalid_token\"") == true)
        caller.say("INVITE", 2, headers: "Authorization: Bearer doan-mo\n" + Self.offer, body: "v=0\n")
        #expect(caller.responses.count == 1, "a guess is not answered at once")
        caller.wait(.seconds(4))
        #expect(caller.responses.last?.status == 401 && caller.core.calls.isEmpty)
    }

    // MARK: Hands and messages

    @Test func aHandIsRaisedByAnInfoPackage() throws {
        var caller = Caller()
        let id = try caller.callUp()
        #expect(caller.responses.last?.headers["Recv-Info"] == "causeway-hand, causeway-layout, causeway-panes")
        let package = "Info-Package: causeway-hand\nContent-Type: text/plain\n"
        caller.say("INFO", 3, headers: package, body: "raised", tag: caller.toTag)
        caller.say("INFO", 4, headers: package, body: "lowered", tag: caller.toTag)
        caller.say("INFO", 5, headers: package, body: "?", tag: caller.toTag)
        let moves = caller.events.compactMap { if case .hand(id, let isRaised) = $0 { isRaised } else { nil } }
        #expect(moves == [true, false])
        caller.say("INFO", 6, headers: "Info-Package: weather\n", tag: caller.toTag)
        #expect(caller.responses.last?.status == 469)
        #expect(caller.responses.last?.headers["Recv-Info"] == "causeway-hand, causeway-layout, causeway-panes")
    }

    @Test func aMessageGoesToThoseThatTakeItAndNamesItsSender() throws {
        let message = RelayedMessage(name: "Sở \"Y\" tế", username: "soyte", text: "xin chào\nmọi người")
        var caller = Caller()
        let silent = try caller.callUp()
        caller.core.relay(message, to: silent, at: caller.now)
        caller.take(caller.core.takeActions())
        #expect(caller.requests.isEmpty, "it does not take MESSAGE")
        caller = Caller()
        let id = try caller.callUp(headers: "Allow: INVITE, ACK, BYE, MESSAGE\n")
        for _ in 0..<30 { caller.core.relay(message, to: id, at: caller.now) }
        caller.take(caller.core.takeActions())
        #expect(caller.requests.count == 20, "and is not flooded where it does not answer")
        let sent = try #require(caller.requests.first)
        #expect(sent.method == .message && sent.to.tag == "f1" && sent.from.tag == caller.toTag)
        #expect(sent.from.displayName == "Sở \"Y\" tế")
        #expect(sent.headers["P-Asserted-Identity"]?.contains("<sip:soyte@causeway.test>") == true)
        #expect(String(decoding: sent.body, as: UTF8.self) == "xin chào\nmọi người")
    }

    @Test func whatIsSaidWhileACallBeginsFollowsItsACK() throws {
        func message(_ text: String) -> RelayedMessage { .init(name: "Phòng họp", username: "giaoban", text: text) }
        var caller = Caller()
        let id = try caller.call(headers: "Allow: INVITE, ACK, BYE, MESSAGE\n")
        caller.core.relay(message("xin chờ"), to: id, at: caller.now)
        try caller.accept(id)
        for number in 0..<30 { caller.core.relay(message("\(number)"), to: id, at: caller.now) }
        caller.take(caller.core.takeActions())
        #expect(caller.requests.isEmpty, "the point may not know of the dialog yet")
        caller.toTag = try #require(caller.responses.last?.to.tag)
        caller.say("ACK", 2, tag: caller.toTag)
        let texts = caller.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(texts == ["xin chờ"] + (0..<19).map { "\($0)" }, "in order, and not without end")
    }
}
