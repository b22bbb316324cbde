import RTP
import SRTP
import Testing

@testable import MediaPlane

/// What strangers send at a leg's ports.
@Suite(.serialized) struct HostilityTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    @Test func forgedPacketsAreCountedAndTheMeetingGoesOn() async throws {
        let room = try TestRoom()
        for _ in 0..<2 { _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aes128CMSHA1_80)) }
        let stranger = try TestEndpoint(.opus, payloadType: 96, suite: .aes128CMSHA1_80)
        let source = try ToneSource(440, .opus)
        var random = Generator(state: 7)
        let victim = room.seats[0]
        try room.pace(frames: 150) { frame in
            victim.audio!.send(try source.frame(), advancing: 960, to: victim.reservation.audio.port)
            for _ in 0..<20 {
                var junk = (0..<Int.random(in: 0...1_400, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                // Half of it looks like RTP of ours, or like RTCP.
                if junk.count > 2, Bool.random(using: &random) {
                    junk[0] = 0x80
                    junk[1] = Bool.random(using: &random) ? 96 : 200
                }
                stranger.sendRaw(junk, to: victim.reservation.audio.port)
                stranger.sendRaw(junk, to: victim.reservation.audio.port + 1)
            }
            // The stranger's own valid SRTP, under keys that nobody gave it.
            stranger.send([0xF8, 0xFF, 0xFE], advancing: 960, to: victim.reservation.audio.port)
        }
        let statistics = await room.plane.statistics(of: room.room)
        let leg = try #require(statistics.first { $0.leg == victim.reservation.id })
        #expect(leg.audio.unauthenticated > 500)
        #expect(leg.audio.malformed > 100)
        #expect(leg.audio.packetsReceived == 150)
        #expect(stranger.received.isEmpty, "the latch moved to the stranger")
        #expect(victim.audio!.received.count >= 140)
        #expect(abs(try room.seats[1].audio!.levels(of: [440])[0] - -12.04) < 1.5)
    }

    @Test func replayedPacketsAreDropped() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil))
        _ = seat
        let keyed = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        room.pace(frames: 20) { _ in
            // The same number twice: the second is refused, whatever it carries.
            keyed.audio!.send([0xF8, 0xFF, 0xFE], to: keyed.reservation.audio.port)
            keyed.audio!.sequence &-= 1
            keyed.audio!.send([0xF8, 0xFF, 0xFE], advancing: 960, to: keyed.reservation.audio.port)
        }
        let statistics = await room.plane.statistics(of: room.room)
        let leg = try #require(statistics.first { $0.leg == keyed.reservation.id })
        #expect(leg.audio.packetsReceived == 20)
        #expect(leg.audio.unauthenticated == 20)
    }

    @Test func theBridgeFollowsAnEndpointWhoseAddressChanges() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        var announced = seat.audio!.parameters
        announced.remoteRTP.port = 9
        try await room.plane.startLeg(seat.reservation.id, LegParameters(audio: announced, video: nil))
        room.pace(frames: 50) { _ in
            seat.audio!.send([0xF8, 0xFF, 0xFE], advancing: 960, to: seat.reservation.audio.port)
        }
        #expect(seat.audio!.received.count > 40)
    }

    /// The socket of a leg that sends nothing is left to the poller after half a second; one that gives too much, too.
    @Test func everySoundPacketIsTakenInAfterAPauseAndAFlood() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        var sent = 0
        func send() {
            seat.audio!.send([0xF8, 0xFF, 0xFE], advancing: 960, to: seat.reservation.audio.port)
            sent += 1
        }
        room.pace(frames: 150) { frame in
            switch frame {
            case 0..<10, 50..<60, 61..<150: send()
            case 60: for _ in 0..<60 { send() }
            default: break
            }
        }
        let statistics = await room.plane.statistics(of: room.room)
        #expect(statistics.first?.audio.packetsReceived == UInt64(sent))
        #expect(statistics.first?.audio.packetsLost == 0)
    }

    @Test func aLegThatFallsSilentIsReportedOnce() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        room.pace(frames: 130) { frame in
            if frame < 10 { seat.audio!.send([0xF8, 0xFF, 0xFE], advancing: 960, to: seat.reservation.audio.port) }
        }
        room.plane.stop()
        var silent = 0
        var heard = 0
        for await event in room.plane.events {
            if case .legSilent(seat.reservation.id) = event { silent += 1 }
            if case .legHeard(seat.reservation.id) = event { heard += 1 }
        }
        #expect(silent == 1)
        #expect(heard == 1)
    }

    @Test func aLegToWhichNothingIsSentOwesNothing() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        var parameters = try #require(seat.audio).parameters
        parameters.sends = false
        try await room.plane.startLeg(seat.reservation.id, LegParameters(audio: parameters, video: nil))
        room.pace(frames: 130) { frame in
            if frame < 10 { seat.audio!.send([0xF8, 0xFF, 0xFE], advancing: 960, to: seat.reservation.audio.port) }
        }
        room.plane.stop()
        for await event in room.plane.events {
            if case .legSilent = event { Issue.record("a point that holds is told to be silent") }
        }
    }

    @Test func whatPassesIsTappedWholeAndInOrder() async throws {
        let tap = TapRing()
        let room = try TestRoom(tap: tap)
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        var sent: [[UInt8]] = []
        room.pace(frames: 50) { frame in
            let payload: [UInt8] = [0xF8, UInt8(frame), 0xFE]
            sent.append(payload)
            seat.audio!.send(payload, advancing: 960, to: seat.reservation.audio.port)
            if frame == 25 {
                seat.audio!.sendRTCP(to: seat.reservation.audio.port + 1) {
                    $0.senderReport(
                        RTCPSenderInfo(
                            ssrc: seat.audio!.ssrc, ntp: NTPTime(rawValue: 7 << 32), rtpTimestamp: 99, packetCount: 1,
                            octetCount: 1))
                }
            }
        }
        await room.plane.removeLeg(seat.reservation.id)
        var payloads: [[UInt8]] = []
        var kinds: [TapEntry.Kind] = []
        tap.drain { entry, bytes in
            #expect(entry.track == seat.reservation.audioTrack)
            if entry.kind != .packet || kinds.last != .packet { kinds.append(entry.kind) }
            if entry.kind == .packet, let info = try? RTPPacketInfo(parsing: bytes) {
                payloads.append(Array(info.payload(of: bytes)))
            }
            if entry.kind == .senderReport {
                #expect(entry.ntpTimestamp == 7 << 32)
                #expect(entry.rtpTimestamp == 99)
            }
        }
        #expect(payloads == sent)
        #expect(kinds == [.packet, .senderReport, .packet, .end])
    }
}
