import Glibc
import SRTP
import Testing

@testable import MediaPlane

/// Sockets that are connected to where their peers are, and peers that are there no more.
@Suite(.serialized) struct ConnectingTests {
    /// To which port the socket for RTP of one of the bridge's ports is connected; nil for none (proc(5), /proc/net/udp).
    static func peer(ofPort port: UInt16) -> UInt16? {
        guard let file = fopen("/proc/net/udp", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, 512, file) != nil {
            let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
            guard fields.count > 2, let local = fields[1].split(separator: ":").last.flatMap({ UInt16($0, radix: 16) }),
                let remote = fields[2].split(separator: ":").last.flatMap({ UInt16($0, radix: 16) })
            else { continue }
            if local == port, remote != 0 { return remote }
        }
        return nil
    }

    /// Speaks until the bridge's socket is connected to where `endpoint` is, for three seconds at most.
    private func speakUntilConnected(_ room: TestRoom, _ endpoint: TestEndpoint, to port: UInt16) -> Int {
        var frames = 0
        while frames < 150, Self.peer(ofPort: port) != endpoint.rtpPort {
            room.pace(frames: 10) { _ in endpoint.send([0xF8, 0xFF, 0xFE], advancing: 960, to: port) }
            frames += 10
        }
        #expect(Self.peer(ofPort: port) == endpoint.rtpPort)
        return frames
    }

    @Test(arguments: [1, 2]) func whoMovesIsFollowed(workers: Int) async throws {
        let room = try TestRoom(workers: workers, legsBeforeFanOut: 1)
        _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        let (endpoint, port) = (try #require(seat.audio), seat.reservation.audio.port)
        var sent = speakUntilConnected(room, endpoint, to: port)
        let before = endpoint.rtpPort
        try endpoint.move()
        #expect(endpoint.rtpPort != before)
        let heard = endpoint.received.count
        room.pace(frames: 20) { _ in endpoint.send([0xF8, 0xFF, 0xFE], advancing: 960, to: port) }
        sent += 20
        // It is believed after 60 ms.
        #expect(endpoint.received.count - heard >= 13, "it is sent to where it was")
        sent += speakUntilConnected(room, endpoint, to: port)
        let statistics = await room.plane.statistics(of: room.room)
        let leg = try #require(statistics.first { $0.leg == seat.reservation.id })
        #expect(leg.audio.packetsReceived == UInt64(sent))
        #expect(leg.audio.packetsLost == 0 && leg.audio.unauthenticated == 0)
        #expect(endpoint.unreadable == 0)
    }

    @Test(arguments: [nil, SRTPSuite.aeadAES128GCM]) func strangersAreHeardNoMoreThanBefore(suite: SRTPSuite?)
        async throws
    {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: suite))
        let stranger = try TestEndpoint(.opus, payloadType: 96, suite: suite)
        let (endpoint, port) = (try #require(seat.audio), seat.reservation.audio.port)
        let sent = speakUntilConnected(room, endpoint, to: port)
        room.pace(frames: 50) { _ in
            endpoint.send([0xF8, 0xFF, 0xFE], advancing: 960, to: port)
            for _ in 0..<40 { stranger.send([0xF8, 0xFF, 0xFE], advancing: 960, to: port) }
        }
        stranger.poll()
        let statistics = await room.plane.statistics(of: room.room)
        let leg = try #require(statistics.first { $0.leg == seat.reservation.id })
        #expect(leg.audio.packetsReceived == UInt64(sent + 50))
        #expect(leg.audio.unauthenticated == 2_000)
        #expect(stranger.received.isEmpty)
        #expect(Self.peer(ofPort: port) == endpoint.rtpPort)
    }

    /// Whoever sees the peer's packets and sends them on is not taken for the peer, be he slower than they, faster, or so much
    /// faster that of each packet his copy is the one that is taken. A peer that is silent for 60 ms may have moved, so a turn in
    /// which this machine made it silent for long says nothing.
    @Test(arguments: [-1, 0, 3_000]) func whoCopiesThePeerIsSentNothing(microsecondsAhead: Int32) async throws {
        for _ in 0..<5 where try await copyThePeer(microsecondsAhead: microsecondsAhead) { return }
        try Test.cancel("this machine is too busy to send every 20 ms")
    }

    /// Whether the peer was heard all the time, and so whether the turn counts.
    private func copyThePeer(microsecondsAhead: Int32) async throws -> Bool {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        let stranger = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
        let (endpoint, port) = (try #require(seat.audio), seat.reservation.audio.port)
        var sent = speakUntilConnected(room, endpoint, to: port)
        endpoint.send([0xF8, 0xFF, 0xFE], advancing: 960, to: port)
        var (last, longest) = (monotonicNanoseconds(), UInt64(0))
        room.pace(frames: 50) { _ in
            let packet = endpoint.packet([0xF8, 0xFF, 0xFE], advancing: 960)
            if microsecondsAhead >= 0 {
                stranger.sendRaw(packet, to: port)
                usleep(UInt32(microsecondsAhead))
            }
            endpoint.sendRaw(packet, to: port)
            if microsecondsAhead < 0 { stranger.sendRaw(packet, to: port) }
            let now = monotonicNanoseconds()
            (last, longest) = (now, max(longest, now &- last))
        }
        sent += 51
        guard longest < 45_000_000 else { return false }
        stranger.poll()
        #expect(stranger.received.isEmpty && stranger.unreadable == 0)
        let statistics = await room.plane.statistics(of: room.room)
        let leg = try #require(statistics.first { $0.leg == seat.reservation.id })
        #expect(leg.audio.packetsReceived == UInt64(sent))
        #expect(leg.audio.unauthenticated == 50)
        #expect(endpoint.received.count >= sent - 10)
        return true
    }

    /// The kernel tells a connected socket that packets were refused, in place of sending the next and of giving what came.
    @Test func whoIsAwayForAMomentMissesOnlyThat() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        let (endpoint, port) = (try #require(seat.audio), seat.reservation.audio.port)
        let sent = speakUntilConnected(room, endpoint, to: port)
        endpoint.leave()
        room.pace(frames: 20) { _ in }
        let heard = endpoint.received.count
        try endpoint.comeBack()
        room.pace(frames: 50) { _ in endpoint.send([0xF8, 0xFF, 0xFE], advancing: 960, to: port) }
        #expect(endpoint.received.count - heard >= 47)
        let statistics = await room.plane.statistics(of: room.room)
        #expect(statistics.first?.audio.packetsReceived == UInt64(sent + 50))
        #expect(Self.peer(ofPort: port) == endpoint.rtpPort)
    }

    @Test func aPortIsFreeAgainWhenItsLegIsGone() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        let (endpoint, port) = (try #require(seat.audio), seat.reservation.audio.port)
        _ = speakUntilConnected(room, endpoint, to: port)
        #expect(throws: MediaPlaneError.self, "while it is in use nobody else gets it") {
            _ = try TestEndpoint.bind(port: port)
        }
        _ = await room.plane.removeLeg(seat.reservation.id)
        close(try TestEndpoint.bind(port: port))
    }
}
