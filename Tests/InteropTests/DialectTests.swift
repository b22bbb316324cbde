import Foundation
import InteropSupport
import SDP
import Testing

/// The ways in which endpoints say the same thing: hold, late offers, changed codecs, keys. Two points of our own, each
/// with a tone, whose hearing tells what the bridge made of it. `make interop` asks real endpoints.
@Suite(.serialized) struct DialectTests {
    private static let tones = [440.0, 1_000.0]

    enum Hold: String, CaseIterable, Sendable {
        case sendOnly, inactive, zeroAddress

        func description(_ line: ToneLine, version: Int) -> String {
            switch self {
            case .sendOnly: describe(line, version, direction: "sendonly")
            case .inactive: describe(line, version, direction: "inactive")
            case .zeroAddress:
                Witness.description(line, at: "127.0.0.1", version: version, connection: "0.0.0.0")
            }
        }

        private func describe(_ line: ToneLine, _ version: Int, direction: String) -> String {
            Witness.description(
                line, at: "127.0.0.1", version: version, media: Witness.audio(line.port, direction: direction))
        }
    }

    /// A site with both points in the room, each hearing the other.
    private static func with(
        _ change: (inout RunningDaemon.Setup) -> Void = { _ in },
        _ body: (TestSite, Witness, Witness) async throws -> Void
    ) async throws {
        try await TestSite.with({
            $0.clearListeners = [.udp]
            $0.rooms = ["{id: giaoban, title: Giao ban, linger: 1s}"]
            $0.silenceLimit = "5s"
            change(&$0)
        }) { site in
            let first = try Witness(TestSite.points[0], of: site.daemon, speaking: tones[0])
            let second = try Witness(TestSite.points[1], of: site.daemon, speaking: tones[1])
            try await hearEachOther(first, second)
            try await body(site, first, second)
            try first.hangUp()
            try second.hangUp()
        }
    }

    private static func hearEachOther(_ first: Witness, _ second: Witness) async throws {
        try await first.wait(for: tones[1])
        try await second.wait(for: tones[0])
        #expect(first.line.level(of: tones[0]) < -45, "the first hears itself")
        #expect(second.line.level(of: tones[1]) < -45, "the second hears itself")
    }

    @Test(arguments: Hold.allCases)
    func holdSilencesTheBridgeAndOutlastsTheSilenceLimit(_ hold: Hold) async throws {
        try await Self.with { site, first, second in
            first.line.pause(true)
            let held = try first.call.offer(hold.description(first.line, version: 2))
            let media = try #require(SessionDescription(parsing: held).media.first)
            #expect(media.port != 0, "hold is no refusal")
            #expect(media.direction == (hold == .inactive ? .inactive : .receiveOnly))
            try await first.wait(for: Self.tones[1], audible: false)
            try await second.wait(for: Self.tones[0], audible: false)
            // A point is taken for gone after 5 s; whoever is on hold is not.
            let end = ContinuousClock.now + .milliseconds(6_500)
            while ContinuousClock.now < end {
                #expect(try await site.daemon.meetings().first?.participants.count == 2)
                try await Task.sleep(for: .milliseconds(500))
            }
            let before = first.line.packetsReceived
            let resumed = try first.call.offer(Witness.description(first.line, at: "127.0.0.1", version: 3))
            #expect(try SessionDescription(parsing: resumed).media.first?.direction != .inactive)
            try first.follow(resumed)
            first.line.pause(false)
            try await Self.hearEachOther(first, second)
            #expect(first.line.packetsReceived > before)
        }
    }

    @Test func soundRefusedByPortZeroCanBeTakenUpAgain() async throws {
        try await Self.with { site, first, second in
            let refused = try first.call.offer(
                Witness.description(first.line, at: "127.0.0.1", version: 2, media: Witness.audio(0)))
            #expect(try SessionDescription(parsing: refused).media.map(\.port) == [0])
            try await first.wait(for: Self.tones[1], audible: false)
            try await second.wait(for: Self.tones[0], audible: false)
            #expect(try await site.daemon.meetings().first?.participants.count == 2)
            let again = try first.call.offer(Witness.description(first.line, at: "127.0.0.1", version: 3))
            try first.follow(again)
            try await Self.hearEachOther(first, second)
        }
    }

    @Test func anInviteWithoutAnOfferIsAnsweredByOne() async throws {
        try await TestSite.with({ $0.clearListeners = [.udp] }) { site in
            let late = try Witness(TestSite.points[0], lateIn: "giaoban", of: site.daemon, speaking: Self.tones[0])
            let offered = try SessionDescription(parsing: late.call.answer)
            #expect(offered.media.map(\.kind) == ["audio", "video"])
            let other = try Witness(TestSite.points[1], of: site.daemon, speaking: Self.tones[1])
            try await Self.hearEachOther(late, other)
            try late.hangUp()
            try other.hangUp()
        }
    }

    /// By re-INVITE and by UPDATE.
    @Test(arguments: ["INVITE", "UPDATE"])
    func theCodecChangesWithinTheCall(_ method: String) async throws {
        try await Self.with { site, first, second in
            for (version, type) in [(2, 0), (3, 8)] {
                let answer = try first.call.offer(
                    Witness.description(
                        first.line, at: "127.0.0.1", version: version,
                        media: Witness.audio(first.line.port, types: [type])), method)
                #expect(try SessionDescription(parsing: answer).media.first?.formats.first == "\(type)")
                first.line.use(payloadType: UInt8(type))
                try await eventually("payload type \(type)") { first.line.receivedType == UInt8(type) }
                try await Self.hearEachOther(first, second)
                let name = type == 0 ? "PCMU" : "PCMA"
                try await eventually("the meeting to show \(name)") {
                    let participants = try await site.daemon.meetings().first?.participants ?? []
                    return participants.first { $0.point == TestSite.points[0].id }?.audio?.codec == name
                }
            }
        }
    }

    @Test func aRefusedReofferLeavesTheCallAsItWas() async throws {
        try await Self.with { _, first, second in
            let gsm = "m=audio \(first.line.port) RTP/AVP 3\na=rtpmap:3 GSM/8000\n"
            let answer = try first.call.ask(
                "INVITE", body: Witness.description(first.line, at: "127.0.0.1", version: 2, media: gsm))
            #expect(answer.status == 488)
            try await Self.hearEachOther(first, second)
        }
    }

    @Test func keysReachTheBridgeOnceWhicheverWayTheyAreSaid() async throws {
        try await Self.with({ $0.logLevel = "debug" }) { site, first, _ in
            @Sendable func count(_ key: Character) -> Int {
                site.daemon.log.components(separatedBy: "pressed \(key)").count - 1
            }
            for key in "159#" { try first.line.press(key) }
            try await eventually("four keys by RFC 4733") { "159#".allSatisfy { count($0) == 1 } }
            let bodies: [(type: String, body: String, key: Character)] = [
                ("application/dtmf-relay", "Signal=7\nDuration=160\n", "7"), ("application/dtmf", "8", "8"),
                ("application/dtmf-relay", "Signal= *\nDuration= 250\n", "*"),
            ]
            for (type, body, key) in bodies {
                #expect(try first.call.ask("INFO", type: type, body: body).status == 200)
                try await eventually("\(key) by \(type)") { count(key) == 1 }
            }
            try await Task.sleep(for: .milliseconds(300))
            #expect("159#78*".allSatisfy { count($0) == 1 }, "a key came twice")
        }
    }

    @Test func theSessionIsRefreshedByAnEmptyUpdate() async throws {
        try await Self.with { _, first, second in
            let answer = try first.call.ask(
                "UPDATE", "Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n")
            #expect(answer.status == 200)
            #expect(answer.headers["Session-Expires"] == "120;refresher=uac")
            let short = try first.call.ask("UPDATE", "Supported: timer\r\nSession-Expires: 30\r\n")
            #expect(short.status == 422)
            #expect(short.headers["Min-SE"] == "90")
            try await Self.hearEachOther(first, second)
        }
    }
}
