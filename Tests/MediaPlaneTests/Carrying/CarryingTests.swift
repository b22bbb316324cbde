import Codecs
import LossyLine
import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Points of one bridge in a room of another: two media planes, and what goes between them.
@Suite(.serialized) struct CarryingTests {
    /// A point that speaks, and may have a camera and slides. Tones are of whole periods in 20 ms, so that it does not show
    /// where a jitter buffer goes on or back by a frame.
    private final class Point {
        let seat: TestRoom.Seat
        let camera: PaintedPictures?
        let slides: PaintedPictures?
        var tone: ToneSource
        var audio: TestEndpoint
        private var pressedAt: UInt32 = 0

        init(
            _ room: TestRoom, _ frequency: Double, _ codec: MediaCodec = .opus, name: UInt8? = nil,
            hasSlides: Bool = false
        ) async throws {
            let audio = try TestEndpoint(codec, payloadType: codec == .pcmu ? 0 : 96, suite: .aeadAES128GCM)
            audio.keepsSent = true
            let seat = try await room.join(
                audio: audio,
                video: name.map { try TestEndpoint(.vp8, payloadType: 90 + $0, suite: .aeadAES128GCM) },
                slides: hasSlides ? TestEndpoint(.vp8, payloadType: 126, suite: .aeadAES128GCM) : nil,
                hasFloorControl: true)
            (self.seat, self.audio) = (seat, audio)
            tone = try ToneSource(frequency, codec)
            camera = name.flatMap { name in
                seat.video.map { PaintedPictures($0, to: seat.reservation.video!.port, name: name) }
            }
            slides = seat.slides.flatMap { endpoint in
                seat.reservation.slides.map { PaintedPictures(endpoint, to: $0.address.port, name: 99) }
            }
        }

        var id: LegID { seat.reservation.id }

        func speak() throws {
            audio.send(try tone.frame(), advancing: audio.codec.rtpClockRate / 50, to: seat.reservation.audio.port)
        }

        /// One packet of a key, which is pressed with the first.
        func press(_ event: UInt8, at frame: Int) {
            if frame == 0 { pressedAt = audio.timestamp }
            let duration = UInt16(frame + 1) * 160
            let payload = [
                event, frame < 4 ? 0x0A : 0x8A, UInt8(duration >> 8), UInt8(truncatingIfNeeded: duration),
            ]
            audio.sendRaw(
                audio.packet(payload, marker: frame == 0, 101, audio.sequence, pressedAt, audio.ssrc),
                to: seat.reservation.audio.port)
            audio.sequence &+= 1
        }
    }

    private static func expectOneStream(
        _ packets: [Recorded.Packet], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (before, after) in zip(packets, packets.dropFirst()) {
            #expect(
                after.info.sequenceNumber == before.info.sequenceNumber &+ 1, sourceLocation: sourceLocation)
            #expect(after.info.ssrc == before.info.ssrc, sourceLocation: sourceLocation)
            #expect(
                Int32(bitPattern: after.info.timestamp &- before.info.timestamp) > 0, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [SRTPSuite.aeadAES128GCM, nil])
    func whatIsSaidAndShownHereIsHeardAndSeenThereAsItCame(suite: SRTPSuite?) async throws {
        let tap = TapRing(capacity: 16 << 20)
        let (here, there) = (try TestRoom(), try TestRoom(tap: tap))
        let province = try await Point(here, 450, name: 10)
        let telephone = try await Point(here, 1_000, .pcmu)
        let ministry = try await Point(there, 1_700, name: 20)
        let across = [
            try await Trunk(carrying: province.id, from: here, to: there, suite: suite),
            try await Trunk(carrying: telephone.id, from: here, to: there, suite: suite),
        ]
        let back = try await Trunk(carrying: ministry.id, from: there, to: here, suite: suite)
        var requests = (before: 0, whenAsked: 0)
        try here.pace(frames: 150) { frame in
            for point in [province, telephone, ministry] {
                try point.speak()
                if frame.isMultiple(of: 2) { point.camera?.send() }
            }
            there.poll()
            guard frame == 100 else { return }
            requests.before = province.camera!.requests
            ministry.seat.video!.sendRTCP(to: ministry.seat.reservation.video!.port + 1) {
                $0.receiverReport(ssrc: ministry.seat.video!.ssrc)
                $0.request(.pictureLossIndication, sender: ministry.seat.video!.ssrc, media: 0)
            }
        }
        there.poll()
        let tones = [450.0, 1_000, 1_700]
        let inMinistry = try ministry.audio.levels(of: tones)
        #expect(abs(inMinistry[0] - -12.04) < 1.5 && abs(inMinistry[1] - -12.04) < 1.5, "\(inMinistry)")
        #expect(inMinistry[2] < -50, "the ministry hears itself by way of the other bridge: \(inMinistry)")
        let inProvince = try province.audio.levels(of: tones)
        #expect(inProvince[0] < -50 && inProvince[1] > -14 && inProvince[2] > -14, "\(inProvince)")
        #expect(ministry.seat.video!.shown == [10])
        expectSoundStream(ministry.seat.video!)
        #expect(province.seat.video!.shown == [20])
        // One who sees it there and does not understand its picture has it begin anew here.
        #expect(province.camera!.requests == requests.before + 1)
        // Each packet as it came, in its own codec.
        let recorded = Recorded(tap)
        for (point, trunk) in zip([province, telephone], across) {
            let packets = recorded.packets[trunk.mirror.audioTrack, default: []]
            Self.expectOneStream(packets)
            #expect(packets.allSatisfy { $0.codec == point.audio.codec })
            #expect(packets.count > 130 && packets.first?.info.marker == true)
            #expect(packets.map(\.payload) == Array(point.audio.sentPayloads.suffix(packets.count)))
            let statistics = try await trunk.received
            #expect(statistics.audio.packetsLost == 0 && statistics.audio.malformed == 0)
            #expect(try await trunk.sent.audio.sentCodec == point.audio.codec)
        }
        // It is nobody: nothing but what it carries goes by it, and it is counted with those who carry.
        #expect(try await across[0].sent.carried == province.id)
        #expect(try await across[0].sent.audio.packetsSent <= 150)
        #expect(try await across[0].sent.isSpeaking == false)
        #expect(try await across[1].sent.video.packetsSent == 0)
        #expect(try await back.received.audio.packetsReceived > 130)
        // Nor is anything played to it, in whose place nobody listens.
        let carrier = across[0].carrier.id
        let clip = here.plane.play(SoundClip([Int16](repeating: 0, count: 960)), to: .legs([carrier]))
        here.plane.stop()
        var ends: [ClipEnd] = []
        for await event in here.plane.events {
            if case .clipEnded(clip, carrier, let end) = event { ends.append(end) }
            if case .legHeard(carrier) = event { Issue.record("a leg that carries another was heard") }
        }
        #expect(ends == [.refused])
    }

    @Test func whileAPointIsMutedItsKeysAloneCrossAndItsSoundGoesOnWithoutAGap() async throws {
        let tap = TapRing(capacity: 16 << 20)
        let (here, there) = (try TestRoom(), try TestRoom(tap: tap))
        let point = try await Point(here, 450, name: 10)
        let listener = try await Point(there, 1_700)
        let trunk = try await Trunk(carrying: point.id, from: here, to: there)
        var whileMuted = (begin: UInt64(0), end: UInt64(0))
        try here.pace(frames: 60) { _ in
            try point.speak()
            point.camera?.send()
            there.poll()
        }
        try here.plane.setMuted(point.id, true)
        try here.pace(frames: 5) { _ in try point.speak() }
        whileMuted.begin = try await trunk.received.audio.packetsReceived
        try here.pace(frames: 80) { frame in
            // A phone that sends sound beside its keys.
            if (20..<25).contains(frame) { point.press(7, at: frame - 20) }
            try point.speak()
            point.camera?.send()
            there.poll()
        }
        whileMuted.end = try await trunk.received.audio.packetsReceived
        try here.plane.setMuted(point.id, false)
        try here.pace(frames: 110) { _ in
            try point.speak()
            there.poll()
        }
        there.poll()
        #expect(whileMuted.end - whileMuted.begin == 5, "the packets of the key: \(whileMuted)")
        let statistics = try await trunk.received
        #expect(statistics.audio.packetsLost == 0, "a gap where nothing was lost")
        let level = try listener.audio.levels(of: [450])[0]
        #expect(abs(level - -12.04) < 1.5)
        let packets = Recorded(tap).packets[trunk.mirror.audioTrack, default: []]
        let pause = try #require(
            zip(packets, packets.dropFirst()).first { $1.info.timestamp &- $0.info.timestamp > 48_000 })
        // 85 frames of 20 ms and what was under way, by the clock of the point.
        #expect((80 * 960...95 * 960).contains(Int(pause.1.info.timestamp &- pause.0.info.timestamp)))
        #expect(pause.1.info.marker)
        // Its picture is seen all the while, as here.
        #expect(statistics.video.packetsReceived > 120 * 3)
        there.plane.stop()
        var digits: [Character] = []
        for await event in there.plane.events {
            if case .digit(trunk.mirror.id, let digit) = event { digits.append(digit) }
        }
        #expect(digits == ["7"])
    }

    @Test func aCodecThatWasNotAgreedOnIsNotSentAndAnotherIsAgain() async throws {
        let (here, there) = (try TestRoom(), try TestRoom())
        let point = try await Point(here, 450, .pcmu)
        let listener = try await Point(there, 1_700)
        let trunk = try await Trunk(carrying: point.id, from: here, to: there, sound: [Trunk.opus])
        try here.pace(frames: 40) { _ in
            try point.speak()
            there.poll()
        }
        #expect(try await trunk.sent.audio.packetsSent == 0)
        // A re-INVITE: another endpoint in its place, another source, and Opus.
        let opus = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
        try await here.plane.startLeg(point.id, LegParameters(audio: opus.parameters, video: nil))
        point.audio = opus
        point.tone = try ToneSource(1_000, .opus)
        try here.pace(frames: 90) { frame in
            // Silence is left out, as Opus may.
            if (10..<30).contains(frame) { opus.timestamp &+= 960 } else { try point.speak() }
            there.poll()
        }
        there.poll()
        #expect(abs(try listener.audio.levels(of: [1_000])[0] - -12.04) < 1.5)
        let statistics = try await trunk.received
        #expect(statistics.audio.packetsLost == 0)
        #expect((55...70).contains(statistics.audio.packetsReceived), "\(statistics.audio.packetsReceived) packets")
    }

    @Test func whoeverIsCarriedTheStreamIsOneAndWhoIsTakenAsideIsSilent() async throws {
        let tap = TapRing(capacity: 16 << 20)
        let (here, there) = (try TestRoom(), try TestRoom(tap: tap))
        let first = try await Point(here, 450, name: 10)
        let second = try await Point(here, 1_000, .pcmu, name: 11)
        let listener = try await Point(there, 1_700, name: 20)
        var trunk = try await Trunk(carrying: first.id, from: here, to: there)
        let side = try here.plane.openRoom(beside: here.room)
        func talk(_ frames: Int) throws {
            try here.pace(frames: frames) { frame in
                for point in [first, second] {
                    try point.speak()
                    if frame.isMultiple(of: 2) { point.camera?.send() }
                }
                there.poll()
            }
        }
        func crossed() async throws -> UInt64 {
            let statistics = try await trunk.received
            return statistics.audio.packetsReceived + statistics.video.packetsReceived
        }
        try talk(40)
        // Taken aside: nothing of it is heard in the other bridge's hall until control has the carrying leg follow.
        try here.plane.moveLeg(first.id, to: side)
        try talk(5)
        let before = try await crossed()
        #expect(before > 60)
        try talk(25)
        #expect(try await crossed() == before)
        try here.plane.moveLeg(trunk.carrier.id, to: side)
        try talk(40)
        let aside = try await crossed()
        #expect(aside - before > 60)
        // And the other way round.
        try here.plane.moveLeg(trunk.carrier.id, to: here.room)
        try talk(5)
        let apart = try await crossed()
        try talk(20)
        #expect(try await crossed() == apart)
        try here.plane.moveLeg(first.id, to: here.room)
        try talk(30)
        #expect(try await crossed() > apart)
        // One that goes leaves nothing behind, and another may take its place.
        await here.plane.removeLeg(first.id)
        try talk(5)
        let gone = try await crossed()
        try talk(20)
        #expect(try await crossed() == gone)
        try await trunk.carry(second.id)
        try talk(60)
        there.poll()
        #expect(abs(try listener.audio.levels(of: [1_000])[0] - -12.04) < 1.5)
        #expect(try listener.audio.levels(of: [450])[0] < -50)
        #expect(listener.seat.video!.shown == [10, 11])
        expectSoundStream(listener.seat.video!)
        let statistics = try await trunk.received
        #expect(statistics.audio.packetsLost == 0 && statistics.video.packetsLost == 0)
        Self.expectOneStream(Recorded(tap).packets[trunk.mirror.audioTrack, default: []])
        // A leg that was to be carried and is gone, and one of another meeting.
        try await trunk.carry(first.id)
        let other = here.plane.openRoom()
        let stranger = try here.plane.reserveLeg(in: other)
        await #expect(throws: MediaPlaneError.carriedElsewhere(stranger.id)) { try await trunk.carry(stranger.id) }
        here.plane.closeRoom(here.room)
        #expect(await here.plane.statistics(of: here.room).isEmpty)
    }

    @Test func oneThatCarriedAndIsAPointsOwnAgainIsHeardAndSentTheMix() async throws {
        let (here, there) = (try TestRoom(), try TestRoom())
        let first = try await Point(here, 450)
        let second = try await Point(here, 1_000)
        var trunk = try await Trunk(carrying: first.id, from: here, to: there)
        func talk(_ frames: Int) throws {
            try here.pace(frames: frames) { _ in
                try first.speak()
                try second.speak()
            }
        }
        try talk(30)
        let carried = try await trunk.sent.audio.packetsSent
        try await trunk.carry(nil)
        try talk(30)
        #expect(try await trunk.sent.carried == nil)
        #expect(try await trunk.sent.audio.packetsSent > carried + 20)
        try await trunk.carry(second.id)
        try talk(30)
        // Its numbers go on through all of it.
        let statistics = try await trunk.received
        #expect(statistics.audio.packetsLost == 0 && statistics.audio.unauthenticated == 0)
        #expect(statistics.audio.packetsReceived > 75)
    }

    @Test func slidesCrossWhileTheirPointPresentsAndOtherWorkersMaySendThem() async throws {
        let (here, there) = (try TestRoom(workers: 3, legsBeforeFanOut: 1), try TestRoom())
        let points = [
            try await Point(here, 450, name: 10, hasSlides: true),
            try await Point(here, 1_000, name: 11, hasSlides: true),
        ]
        let viewer = try await Point(there, 1_700, name: 20, hasSlides: true)
        var trunks: [Trunk] = []
        for point in points {
            trunks.append(try await Trunk(carrying: point.id, from: here, to: there, hasSlides: true))
        }
        try there.plane.setPresenter(trunks[1].mirror.id, in: there.room)
        try here.pace(frames: 120) { frame in
            for point in points {
                try point.speak()
                if frame.isMultiple(of: 2) {
                    point.camera?.send()
                    point.slides?.send()
                }
            }
            there.poll()
            if frame == 40 { try here.plane.setPresenter(points[1].id, in: here.room) }
            if frame == 80 { try here.plane.setPresenter(nil, in: here.room) }
        }
        there.poll()
        #expect(viewer.seat.slides!.shown == [99])
        expectSoundStream(viewer.seat.slides!)
        let presented = try await trunks[1].received.slides?.packetsReceived ?? 0
        #expect((45...75).contains(presented), "\(presented) packets of slides in 40 frames")
        #expect(try await trunks[0].received.slides?.packetsReceived == 0)
        let levels = try viewer.audio.levels(of: [450, 1_000])
        for level in levels { #expect(abs(level - -12.04) < 1.5, "\(levels)") }
        for trunk in trunks {
            let statistics = try await trunk.received
            #expect(statistics.audio.packetsLost == 0 && statistics.video.packetsLost == 0)
            #expect(statistics.audio.packetsReceived > 110 && statistics.video.packetsReceived > 50 * 3)
            #expect(try await trunk.sent.audio.packetsSent >= statistics.audio.packetsReceived)
        }
    }
}
