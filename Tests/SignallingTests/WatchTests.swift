import ConferenceInfo
import SIP
import Testing

@testable import Signalling

/// SUBSCRIBE to a room's conference (RFC 4575, RFC 6665), in virtual time.
@Suite struct WatchTests {
    private static let accept = "Event: conference\nAccept: application/conference-info+xml\nExpires: 600\n"

    private static func conference(_ points: String...) -> ConferenceInfo {
        ConferenceInfo(
            entity: "sip:giaoban@causeway.test", state: .init(userCount: UInt32(points.count), isActive: true),
            users: points.map { .init(entity: "sip:\($0)@causeway.test", displayText: $0) })
    }

    /// Subscribes with its password; returns what is asked of the daemon.
    private func subscribe(_ caller: inout Caller, headers: String = accept) throws -> SubscriptionID? {
        caller.say("SUBSCRIBE", 1, headers: headers)
        let authorization = try caller.authorization("SUBSCRIBE")
        caller.say("SUBSCRIBE", 2, headers: authorization + headers)
        return caller.events.compactMap { if case .watchAsked(let id, "giaoban", "so1") = $0 { id } else { nil } }.last
    }

    private func tell(_ caller: inout Caller, _ id: SubscriptionID, _ info: ConferenceInfo?) {
        caller.core.answerWatch(id, info, at: caller.now)
        caller.take(caller.core.takeActions())
    }

    private func acknowledge(_ caller: inout Caller) throws {
        let notify = try #require(caller.requests.last)
        let text =
            "SIP/2.0 200 OK\nVia: \(notify.vias[0])\nFrom: \(notify.from)\nTo: \(notify.to)\nCall-ID: "
            + "\(notify.callID)\nCSeq: \(notify.cseq)\nContent-Length: 0\n\n"
        caller.take(
            caller.core.receive(Array(text.replacing("\n", with: "\r\n").utf8), on: caller.flow, at: caller.now))
    }

    private func body(_ caller: Caller) -> String { String(decoding: caller.requests.last?.body ?? [], as: UTF8.self) }

    @Test func aSubscriberIsToldAllAtFirstAndThenWhatChanges() throws {
        var caller = Caller()
        let id = try #require(try subscribe(&caller))
        let accepted = try #require(caller.responses.last)
        #expect(accepted.status == 200 && accepted.headers[.expires] == "600")
        #expect(caller.requests.isEmpty, "nothing is told before the daemon allows it")
        tell(&caller, id, Self.conference("so1"))
        #expect(caller.requests.last?.headers[.subscriptionState] == "active;expires=600")
        #expect(body(caller).contains("state=\"full\"") && body(caller).contains("sip:so1@causeway.test"))
        try acknowledge(&caller)
        // Changes come at most once a second, joined.
        for points in [Self.conference("so1", "so2"), Self.conference("so1", "so2", "so3")] {
            caller.core.publish(points, of: "giaoban", at: caller.now)
            caller.take(caller.core.takeActions())
        }
        #expect(caller.requests.count == 1)
        caller.wait(.seconds(2))
        #expect(Set(caller.requests.map(\.cseq)).count == 2)
        #expect(body(caller).contains("state=\"partial\"") && body(caller).contains("version=\"2\""))
        #expect(body(caller).contains("sip:so3@causeway.test") && !body(caller).contains("sip:so1@causeway.test"))
    }

    @Test func aSubscriptionThatIsNotRefreshedEnds() throws {
        var caller = Caller()
        let id = try #require(try subscribe(&caller))
        tell(&caller, id, Self.conference("so1"))
        try acknowledge(&caller)
        caller.wait(.seconds(601))
        #expect(caller.requests.last?.headers[.subscriptionState] == "terminated;reason=timeout")
        #expect(caller.core.subscribers.isEmpty)
        #expect(caller.events.contains { if case .unwatched("giaoban") = $0 { true } else { false } })
    }

    @Test func whoMayNotKnowIsToldNothing() throws {
        var caller = Caller()
        let id = try #require(try subscribe(&caller))
        tell(&caller, id, nil)
        let notify = try #require(caller.requests.last)
        #expect(notify.headers[.subscriptionState] == "terminated;reason=rejected")
        #expect(notify.body.isEmpty && caller.core.subscribers.isEmpty)
    }

    @Test func anotherEventIsNotKnownAndAnotherFormNotSpoken() throws {
        for (headers, status) in [
            ("Event: presence\n", 489), ("Event: conference\nAccept: text/plain\n", 406), ("", 489),
            ("Event: conference\nExpires: 5\n", 423),
        ] as [(String, UInt16)] {
            var caller = Caller()
            #expect(try subscribe(&caller, headers: headers) == nil)
            #expect(caller.responses.last?.status == status)
        }
    }

    @Test func aSubscriberIsRefreshedAndLeavesInItsOwnDialog() throws {
        var caller = Caller()
        let id = try #require(try subscribe(&caller))
        let tag = try #require(caller.responses.last?.to.tag)
        tell(&caller, id, Self.conference("so1"))
        try acknowledge(&caller)
        caller.say("SUBSCRIBE", 3, headers: Self.accept, tag: tag)
        #expect(caller.responses.last?.status == 200)
        #expect(body(caller).contains("state=\"full\""))
        try acknowledge(&caller)
        caller.say("SUBSCRIBE", 4, headers: "Event: conference\nExpires: 0\n", tag: tag)
        #expect(caller.responses.last?.status == 200)
        #expect(caller.requests.last?.headers[.subscriptionState]?.hasPrefix("terminated") == true)
        #expect(caller.core.subscribers.isEmpty)
    }

    /// The From header proves nothing: who asks is who knows the password.
    @Test func whoSubscribesInAnothersNameIsStillItself() throws {
        var caller = Caller()
        caller.from = "so2"
        _ = try #require(try subscribe(&caller))
    }

    @Test func aStrangerIsAskedWhoItIs() {
        var caller = Caller()
        caller.say("SUBSCRIBE", 1, headers: Self.accept)
        #expect(caller.responses.last?.status == 401)
        #expect(caller.core.subscribers.isEmpty)
    }

    @Test func subscriptionsAreBounded() throws {
        var caller = Caller { $0.subscriptions = 0 }
        #expect(try subscribe(&caller) == nil)
        #expect(caller.responses.last?.status == 503)
    }
}
