import BFCP
import Foundation
import Logging
import Testing

@testable import Signalling

/// Floor control at real sockets of the loopback.
@Suite(.timeLimit(.minutes(2))) struct FloorControlServiceTests {
    private let thread = ControlThread()
    private let service: FloorControlService
    private let changes: AsyncStream<UInt64?>

    init() { self.init(limits: .init()) }

    private init(host: String = "127.0.0.1", limits: FloorControlTransportLimits = .init()) {
        let (stream, continuation) = AsyncStream<UInt64?>.makeStream()
        changes = stream
        service = FloorControlService(
            configuration: .init(host: host, limits: limits), on: thread, logger: Logger(label: "test")
        ) { continuation.yield($0.holder?.rawValue) }
    }

    private func running(_ body: (_ conferenceID: UInt32) async throws -> Void) async throws {
        try await service.start()
        let conferenceID = try #require(await service.open())
        try await body(conferenceID)
        await service.stop()
        await thread.stop()
    }

    /// Lets a point in, which speaks from an address of the loopback; connected.
    private func enter(
        _ number: UInt64, _ conferenceID: UInt32, tcp: Bool, host: String = "127.0.0.1"
    ) async throws -> FloorClient {
        let ticket = try #require(
            await service.admit(
                .init(rawValue: number), named: "Điểm \(number)", to: conferenceID, peer: .init(host: host)))
        #expect(ticket.conferenceID == conferenceID)
        #expect(ticket.floorID == 1)
        return tcp
            ? try await .tcp(
                to: #require(service.tcpPort), from: host, conferenceID: conferenceID, userID: ticket.userID)
            : try await .udp(
                to: #require(service.udpPort), from: host, conferenceID: conferenceID, userID: ticket.userID)
    }

    @Test(arguments: [(false, false), (true, true), (false, true)]) func pointsTakeTheSlidesInTurn(
        tcp: (first: Bool, second: Bool)
    ) async throws {
        try await running { conferenceID in
            var holders = changes.makeAsyncIterator()
            let first = try await enter(1, conferenceID, tcp: tcp.first)
            let second = try await enter(2, conferenceID, tcp: tcp.second, host: "127.0.0.2")
            #expect(try await first.ask(.hello).primitive == .helloAck)
            #expect(try await second.ask(.floorQuery, [.floorID(1)]).primitive == .floorStatus)
            let granted = try await first.ask(.floorRequest, [.floorID(1)])
            #expect(granted.statuses == ["granted \(first.ticket.userID)"])
            #expect(await holders.next() == 1)
            #expect(try await second.next()?.statuses == granted.statuses)
            // The second takes over: the first is told, and so is whoever watches.
            let taken = try await second.ask(.floorRequest, [.floorID(1)])
            #expect(taken.statuses == ["granted \(second.ticket.userID)"])
            #expect(try await first.next()?.statuses == ["revoked \(first.ticket.userID)"])
            #expect(try await second.next()?.primitive == .floorStatus)
            #expect(await holders.next() == 2)
            #expect(await service.holder(in: conferenceID)?.rawValue == 2)
            let request = try #require(taken.floorRequestID)
            let released = try await second.ask(.floorRelease, [.floorRequestID(request)])
            #expect(released.statuses == ["released \(second.ticket.userID)"])
            #expect(await holders.next() == .some(nil))
        }
    }

    @Test func aPointWithoutBFCPPresentsByTheBridge() async throws {
        try await running { conferenceID in
            var holders = changes.makeAsyncIterator()
            let room = try await enter(1, conferenceID, tcp: false)
            let browser = FloorParticipant(rawValue: 2)
            let ticket = try #require(
                await service.admit(browser, named: "Trình duyệt", to: conferenceID, peer: nil))
            _ = try await room.ask(.floorQuery, [.floorID(1)])
            #expect(try await service.request(by: browser, in: conferenceID) == .granted)
            #expect(await holders.next() == 2)
            #expect(try await room.next()?.statuses == ["granted \(ticket.userID)"])
            await service.revoke(in: conferenceID)
            #expect(await holders.next() == .some(nil))
            #expect(try await room.next()?.statuses == [])
            try await service.grant(to: .init(rawValue: 1), in: conferenceID)
            #expect(await holders.next() == 1)
            // The chair's gift is told to the room, and to it as one that watches.
            #expect(try await room.next()?.primitive == .floorRequestStatus)
            #expect(try await room.next()?.statuses == ["granted \(room.ticket.userID)"])
        }
    }

    @Test(arguments: [false, true]) func aStrangerIsNotAnswered(tcp: Bool) async throws {
        try await running { conferenceID in
            let point = try await enter(1, conferenceID, tcp: tcp)
            let stranger: FloorClient =
                tcp
                ? try await .tcp(
                    to: #require(service.tcpPort), from: "127.0.0.9", conferenceID: conferenceID,
                    userID: point.ticket.userID)
                : try await .udp(
                    to: #require(service.udpPort), from: "127.0.0.9", conferenceID: conferenceID,
                    userID: point.ticket.userID)
            // Over TCP it may be closed before it can send.
            try? await stranger.send(.floorRequest, [.floorID(1)])
            if tcp { #expect(try await stranger.next() == nil) }
            // What the point sends after it is answered after it.
            #expect(try await point.ask(.hello).primitive == .helloAck)
            #expect(await service.holder(in: conferenceID) == nil)
            // One that is announced, but speaks for another.
            let other = try await enter(2, conferenceID, tcp: tcp, host: "127.0.0.2")
            let usurper: FloorClient =
                tcp
                ? try await .tcp(
                    to: #require(service.tcpPort), from: "127.0.0.2", conferenceID: conferenceID,
                    userID: point.ticket.userID)
                : try await .udp(
                    to: #require(service.udpPort), from: "127.0.0.2", conferenceID: conferenceID,
                    userID: point.ticket.userID)
            #expect(try await usurper.ask(.floorRequest, [.floorID(1)]).errorCode == 5)
            #expect(try await other.ask(.floorRequest, [.floorID(1)]).statuses == ["granted \(other.ticket.userID)"])
        }
    }

    @Test func aConnectionThatGoesGivesTheSlidesBack() async throws {
        try await running { conferenceID in
            var holders = changes.makeAsyncIterator()
            let point = try await enter(1, conferenceID, tcp: true)
            _ = try await point.ask(.floorRequest, [.floorID(1)])
            #expect(await holders.next() == 1)
            try await point.close()
            #expect(await holders.next() == .some(nil))
        }
    }

    @Test func aStreamThatIsNoBFCPIsClosed() async throws {
        try await running { conferenceID in
            let point = try await enter(1, conferenceID, tcp: true)
            try await point.send(Array("GET / HTTP/1.1\r\nHost: bridge\r\n\r\n".utf8))
            #expect(try await point.next()?.errorCode == 13)
            #expect(try await point.next() == nil)
            #expect(await service.holder(in: conferenceID) == nil)
        }
    }

    @Test func aCallThatEndsEndsItsConnection() async throws {
        try await running { conferenceID in
            var holders = changes.makeAsyncIterator()
            let point = try await enter(1, conferenceID, tcp: true)
            _ = try await point.ask(.floorRequest, [.floorID(1)])
            await service.dismiss(.init(rawValue: 1), from: conferenceID)
            #expect(await holders.next() == 1)
            #expect(await holders.next() == .some(nil))
            #expect(try await point.next() == nil)
        }
    }

    @Test func aCallThatMovesIsHeardFromWhereItIsNow() async throws {
        try await running { conferenceID in
            let point = try await enter(1, conferenceID, tcp: false)
            _ = try await point.ask(.floorRequest, [.floorID(1)])
            let moved = try await FloorClient.udp(
                to: #require(service.udpPort), from: "127.0.0.3", conferenceID: conferenceID,
                userID: point.ticket.userID)
            await service.move(
                .init(rawValue: 1), in: conferenceID, to: .init(host: "127.0.0.3", udpPort: moved.port))
            #expect(await service.holder(in: conferenceID)?.rawValue == 1)
            await service.revoke(in: conferenceID)
            // To the port that it announced, before it has spoken.
            #expect(try await moved.next()?.statuses == ["revoked \(point.ticket.userID)"])
            #expect(try await moved.ask(.hello).primitive == .helloAck)
        }
    }

    @Test func aPeerThatWaitsIsConnectedTo() async throws {
        try await running { conferenceID in
            // Its ticket goes into the description that tells where it waits.
            let ticket = try #require(
                await service.admit(
                    .init(rawValue: 1), named: "Phòng họp", to: conferenceID, peer: .init(host: "127.0.0.1")))
            let (port, connected) = try await FloorClient.listening(
                conferenceID: conferenceID, userID: ticket.userID)
            await service.move(.init(rawValue: 1), in: conferenceID, to: .init(host: "127.0.0.1", tcpPort: port))
            let point = try await connected()
            #expect(try await point.ask(.floorRequest, [.floorID(1)]).statuses == ["granted \(ticket.userID)"])
            // It takes BFCP out of its description: nobody speaks for it any more.
            await service.move(.init(rawValue: 1), in: conferenceID, to: nil)
            #expect(try await point.next() == nil)
            #expect(await service.holder(in: conferenceID)?.rawValue == 1)
        }
    }

    @Test func connectionsWithoutAPointAndUnfinishedMessagesEnd() async throws {
        var limits = FloorControlTransportLimits()
        limits.strangerTime = .seconds(2)
        limits.messageTime = .milliseconds(100)
        let impatient = Self(limits: limits)
        try await impatient.running { conferenceID in
            let silent = try await impatient.enter(1, conferenceID, tcp: true)
            #expect(try await silent.next() == nil)
            let slow = try await impatient.enter(2, conferenceID, tcp: true)
            _ = try await slow.ask(.hello)
            try await slow.send([0x20, 0x0B])
            #expect(try await slow.next() == nil)
            let quiet = try await impatient.enter(3, conferenceID, tcp: true)
            _ = try await quiet.ask(.hello)
            let other = try await impatient.enter(4, conferenceID, tcp: true)
            #expect(try await other.next() == nil)
            #expect(try await quiet.ask(.hello).primitive == .helloAck, "a point may be silent")
        }
    }

    @Test func oneSocketServesBothFamilies() async throws {
        let both = Self(host: "::")
        try await both.running { conferenceID in
            for tcp in [false, true] {
                let point = try await both.enter(tcp ? 1 : 2, conferenceID, tcp: tcp)
                #expect(
                    try await point.ask(.floorRequest, [.floorID(1)]).statuses == ["granted \(point.ticket.userID)"])
            }
        }
        #expect(FloorPeer.canonical("2001:DB8:0:0::1") == "2001:db8::1")
        #expect(FloorPeer.canonical("::ffff:192.0.2.1") == "192.0.2.1")
    }

    @Test func tooManyMessagesEndAConnection() async throws {
        var limits = FloorControlTransportLimits()
        limits.messagesPerSecond = 20
        let few = Self(limits: limits)
        try await few.running { conferenceID in
            let point = try await few.enter(1, conferenceID, tcp: true)
            let hello = BFCPMessage(
                .hello, version: 1, conferenceID: conferenceID, transactionID: 1, userID: point.ticket.userID)
            try await point.send(Array(repeating: hello.serialized(), count: 200).flatMap(\.self))
            var answers = 0
            while try await point.next() != nil { answers += 1 }
            #expect((20..<200).contains(answers))
        }
    }

    @Test func aPortInUseIsSaid() async throws {
        try await service.start()
        let port = try #require(await service.tcpPort)
        let second = FloorControlService(
            configuration: .init(host: "127.0.0.1", tcpPort: port), on: thread, logger: Logger(label: "test")
        ) { _ in }
        await #expect(throws: SignallingError.portInUse(listener: "BFCP TCP 127.0.0.1:\(port)")) {
            try await second.start()
        }
        await service.stop()
        await thread.stop()
    }

    @Test(.enabled(if: Tool.hasLibreDev, "needs libre-dev and a C compiler")) func libreTakesTheSlidesAndGivesThemBack()
        async throws
    {
        try await running { conferenceID in
            var holders = changes.makeAsyncIterator()
            let ticket = try #require(
                await service.admit(
                    .init(rawValue: 1), named: "libre", to: conferenceID, peer: .init(host: "127.0.0.1")))
            _ = await service.admit(.init(rawValue: 2), named: "other", to: conferenceID, peer: nil)
            let port = try #require(await service.udpPort)
            try await Tool.withFolder { folder in
                let source = try #require(
                    Bundle.module.path(forResource: "libre_floor", ofType: "c", inDirectory: "Scenarios"))
                let program = folder.appendingPathComponent("libre_floor").path
                let built = try await Tool.run(
                    "cc", ["-DHAVE_INET6", "-I/usr/include/re", "-o", program, source, "-lre"], in: folder)
                try #require(built.status == 0, "\(built.output)")
                async let run = Tool.run(
                    "env", [program, "127.0.0.1", "\(port)", "\(conferenceID)", "\(ticket.userID)"], in: folder)
                #expect(await holders.next() == 1)
                // The other takes over; libre hears it, and asks again.
                _ = try await service.request(by: .init(rawValue: 2), in: conferenceID)
                #expect(await holders.next() == 2)
                #expect(await holders.next() == 1)
                #expect(await holders.next() == .some(nil))
                let result = try await run
                #expect(result.status == 0)
                let lines = result.output.split(separator: "\n").map(String.init)
                let answers = lines.filter { $0.hasPrefix("answer") }
                #expect(
                    answers == [
                        "answer HelloAck", "answer FloorStatus", "answer FloorRequestStatus Granted own",
                        "answer FloorRequestStatus Granted own", "answer FloorRequestStatus Released own",
                        "answer GoodbyeAck",
                    ])
                #expect(lines.contains("notice FloorRequestStatus Revoked own"))
                #expect(lines.contains("notice FloorStatus Granted own"))
            }
        }
    }
}

extension Tool {
    static let hasLibreDev =
        path(of: "cc") != nil && FileManager.default.fileExists(atPath: "/usr/include/re/re_bfcp.h")
}
