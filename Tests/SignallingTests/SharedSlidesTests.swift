import BFCP
import Logging
import MediaPlane
import SDP
import Testing

@testable import Signalling

/// Room systems that share slides: from the offer to the floor, and from the floor to who presents.
@Suite(.timeLimit(.minutes(1))) struct SharedSlidesTests {
    /// As a Poly RealPresence Group offers it: sound, camera, slides, and their floor over UDP.
    private static let offer = """
        v=0
        o=- 1 1 IN IP4 127.0.0.1
        s=-
        c=IN IP4 127.0.0.1
        t=0 0
        m=audio 5000 RTP/AVP 8
        m=video 5002 RTP/AVP 96
        a=rtpmap:96 VP8/90000
        a=content:main
        a=label:1
        m=application FLOORPORT UDP/BFCP *
        a=floorctrl:c-only
        m=video 5004 RTP/AVP 96
        a=rtpmap:96 VP8/90000
        a=content:slides
        a=label:3

        """.replacing("\n", with: "\r\n")

    private final class Desk: Sendable {
        let thread = ControlThread()
        let host = FakeHost()
        let legs = FakeLegs()
        let floors: FloorDesk
        let desk: CallDesk
        private let replies: AsyncStream<CallReply>

        init() {
            let (stream, continuation) = AsyncStream<CallReply>.makeStream()
            replies = stream
            let presenters = Presenters()
            floors = FloorDesk(.init(host: "127.0.0.1"), on: thread, logger: Logger(label: "test")) {
                presenters.tell($0, $1)
            }
            desk = CallDesk(
                host: host, legs: legs, suites: [], floors: floors, thread: thread, logger: Logger(label: "test")
            ) { continuation.yield($0) }
            presenters.desk = desk
        }

        /// A call comes in; what the bridge answers.
        func call(_ number: UInt64, floorPort: UInt16, offer: String = SharedSlidesTests.offer) async throws
            -> SessionDescription
        {
            let call = PointCall(
                id: CallID(rawValue: number), username: "so\(number)", room: "giaoban", displayName: nil,
                userAgent: nil, transport: .tls, remoteHost: "127.0.0.1", remotePort: 5_061)
            let text = offer.replacing("FLOORPORT", with: "\(floorPort)")
            await desk.take(.enter(call, offer: Array(text.utf8), allowsClear: true), of: call.id)
            for await reply in replies {
                guard case .accept(call.id, let description) = reply else { continue }
                return try SessionDescription(parsing: description)
            }
            throw ToolFailed(what: "no answer")
        }

        /// A point in a call offers something else; what the bridge answers.
        func change(_ number: UInt64, offer: String) async throws -> SessionDescription {
            let call = CallID(rawValue: number)
            await desk.take(.change(offer: Array(offer.utf8)), of: call)
            for await reply in replies {
                guard case .answerChange(call, let description) = reply else { continue }
                return try SessionDescription(parsing: description)
            }
            throw ToolFailed(what: "no answer")
        }

        func presenters() -> [LegID?] {
            legs.events.compactMap { if case .presenter(let leg) = $0 { .some(leg) } else { nil } }
        }
    }

    private func value(_ name: String, in description: SessionDescription) throws -> String {
        let line = try #require(description.media.first { $0.kind == "application" })
        return try #require(line.attributes.first(name))
    }

    /// A point and its floor client, which announces the port that it speaks from.
    private func enter(_ number: UInt64, _ desk: Desk) async throws -> FloorClient {
        // The port is known before the ticket is: it is announced in the offer.
        let waiting = try await FloorClient.udp(to: 9, conferenceID: 0, userID: 0)
        let answer = try await desk.call(number, floorPort: waiting.port)
        let line = try #require(answer.media.first { $0.kind == "application" })
        #expect(line.port != 0 && line.transport == "UDP/BFCP")
        #expect(try value("floorid", in: answer) == "1 mstrm:3")
        #expect(answer.media.count == 4 && answer.media.allSatisfy { $0.port != 0 })
        return waiting.with(
            port: line.port, conferenceID: try #require(UInt32(try value("confid", in: answer))),
            userID: try #require(UInt16(try value("userid", in: answer))))
    }

    @Test func whoTakesTheFloorPresentsUntilItGivesItBackOrLeaves() async throws {
        let desk = Desk()
        try await desk.floors.start()
        let first = try await enter(1, desk)
        let second = try await enter(2, desk)
        #expect(first.ticket.conferenceID == second.ticket.conferenceID, "two points of one room")
        _ = try await first.ask(.floorRequest, [.floorID(1)])
        let granted = try await second.ask(.floorRequest, [.floorID(1)])
        let request = try #require(granted.floorRequestID)
        _ = try await second.ask(.floorRelease, [.floorRequestID(request)])
        _ = try await first.ask(.floorRequest, [.floorID(1)])
        await desk.desk.take(.ended(.remoteHangUp), of: CallID(rawValue: 1))
        // The first takes it, the second takes over and gives it back; the first presents again, and leaves.
        var seen: [LegID?] = []
        while seen.count < 5 {
            seen = desk.presenters()
            await Task.yield()
        }
        #expect(seen == [LegID(rawValue: 1), LegID(rawValue: 2), nil, LegID(rawValue: 1), nil])
        await desk.floors.stop()
        await desk.thread.stop()
    }

    @Test func whoPresentsWithoutAskingIsSeenToHoldTheFloor() async throws {
        let desk = Desk()
        try await desk.floors.start()
        let watcher = try await enter(1, desk)
        // A browser, say: it has slides, and no floor control.
        let lines = Self.offer.split(separator: "\r\n").filter { !$0.contains("BFCP") && !$0.contains("floorctrl") }
        let offer = lines.map { $0 + "\r\n" }.joined()
        _ = try await desk.call(2, floorPort: 0, offer: offer)
        let room = MediaRoomID(rawValue: 1)
        _ = try await watcher.ask(.floorQuery, [.floorID(1)])
        await desk.desk.presented(by: LegID(rawValue: 2), in: room)
        #expect(try await watcher.next()?.statuses.first?.hasPrefix("granted") == true)
        await desk.desk.presented(by: nil, in: room)
        #expect(try await watcher.next()?.statuses == [])
        // Asked for, the floor is taken from one who did not ask, and not given back to it.
        await desk.desk.presented(by: LegID(rawValue: 2), in: room)
        #expect(try await watcher.next()?.statuses.count == 1)
        try await watcher.send(.floorRequest, [.floorID(1)])
        var seen: [LegID?] = []
        while seen.isEmpty {
            seen = desk.presenters()
            await Task.yield()
        }
        #expect(seen == [LegID(rawValue: 1)], "the guest is appointed by nobody")
        await desk.floors.stop()
        await desk.thread.stop()
    }

    @Test func aTelephoneHasNoPortsForACameraUntilItHasOne() async throws {
        let desk = Desk()
        let telephone = Self.offer.split(separator: "m=video").first.map(String.init) ?? ""
        let answer = try await desk.call(1, floorPort: 0, offer: telephone)
        #expect(answer.media.map(\.kind) == ["audio"])
        let reserved = { desk.legs.events.count { if case .reservedVideo = $0 { true } else { false } } }
        #expect(reserved() == 0)
        let camera = telephone + "m=video 5002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
        for _ in 0..<2 {
            let changed = try await desk.change(1, offer: camera)
            #expect(changed.media.map(\.kind) == ["audio", "video"])
            #expect(changed.media.last?.port == 20_006)
        }
        #expect(reserved() == 1)
        await desk.thread.stop()
    }

    @Test func aPointWithoutSlidesHasNeitherPortNorFloor() async throws {
        let desk = Desk()
        try await desk.floors.start()
        let plain = Self.offer.split(separator: "m=application").first.map(String.init) ?? ""
        let answer = try await desk.call(1, floorPort: 0, offer: plain)
        #expect(answer.media.count == 2)
        #expect(!desk.legs.events.contains { if case .reservedSlides = $0 { true } else { false } })
        await desk.floors.stop()
        await desk.thread.stop()
    }
}
