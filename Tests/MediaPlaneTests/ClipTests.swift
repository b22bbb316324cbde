import Glibc
import RTP
import Testing

@testable import MediaPlane

/// Clips played into what legs hear, and legs that hear themselves, over real sockets.
@Suite(.serialized) struct ClipTests {
    static func tone(_ frequency: Double, seconds: Double) -> SoundClip {
        SoundClip(
            (0..<Int(seconds * 48_000)).map { Int16(8_192 * sin(2 * Double.pi * frequency * Double($0) / 48_000)) })
    }

    private static func legs(_ codecs: [MediaCodec], in room: TestRoom) async throws {
        for codec in codecs {
            _ = try await room.join(
                audio: TestEndpoint(codec, payloadType: codec == .pcmu ? 0 : 96, suite: .aeadAES128GCM))
        }
    }

    /// Ends the plane and returns what clips came to.
    private static func ends(of room: TestRoom) async -> [(PlaybackID, LegID?, ClipEnd)] {
        room.plane.stop()
        var ends: [(PlaybackID, LegID?, ClipEnd)] = []
        for await event in room.plane.events {
            if case .clipEnded(let id, let leg, let end) = event { ends.append((id, leg, end)) }
        }
        return ends
    }

    @Test(arguments: [MediaCodec.opus, .g722, .pcmu])
    func oneLegHearsItsClipOverASofterSpeakerAndItsNeighbourDoesNot(_ codec: MediaCodec) async throws {
        let room = try TestRoom()
        try await Self.legs([codec, codec, .opus], in: room)
        let speaker = room.seats[2]
        let source = try ToneSource(440, .opus)
        try room.pace(frames: 110) { frame in
            speaker.audio!.send(try source.frame(), advancing: 960, to: speaker.reservation.audio.port)
            if frame == 30 {
                room.plane.play(Self.tone(1_000, seconds: 3), to: .legs([room.seats[0].reservation.id]))
            }
        }
        let told = try room.seats[0].audio!.levels(of: [440, 1_000])
        #expect(abs(told[1] - -12.04) < 1.5, "the clip is heard at \(told[1]) dBFS")
        #expect(abs(told[0] - -24.08) < 1.5, "the speaker is heard at \(told[0]) dBFS")
        let neighbour = try room.seats[1].audio!.levels(of: [440, 1_000])
        #expect(abs(neighbour[0] - -12.04) < 1.5)
        #expect(neighbour[1] < -50, "the neighbour hears the clip at \(neighbour[1]) dBFS")
    }

    @Test func aRoomHearsItsClipTogetherAndASpeakerStillDoesNotHearItself() async throws {
        let room = try TestRoom()
        try await Self.legs([.opus, .opus, .pcmu], in: room)
        let speaker = room.seats[0]
        let source = try ToneSource(440, .opus)
        try room.pace(frames: 110) { frame in
            speaker.audio!.send(try source.frame(), advancing: 960, to: speaker.reservation.audio.port)
            if frame == 30 { room.plane.play(Self.tone(1_000, seconds: 3), to: .room(room.room)) }
        }
        for (index, seat) in room.seats.enumerated() {
            let levels = try seat.audio!.levels(of: [440, 1_000])
            #expect(abs(levels[1] - -12.04) < 1.5, "\(index) hears the clip at \(levels[1]) dBFS")
            if index == 0 {
                #expect(levels[0] < -50, "the speaker hears itself at \(levels[0]) dBFS")
            } else {
                #expect(abs(levels[0] - -24.08) < 1.5, "\(index) hears the speaker at \(levels[0]) dBFS")
            }
        }
    }

    @Test func everybodyIsAsLoudAsBeforeOnceTheClipIsOver() async throws {
        let room = try TestRoom()
        try await Self.legs([.opus, .opus], in: room)
        let source = try ToneSource(440, .opus)
        try room.pace(frames: 120) { frame in
            room.seats[0].audio!.send(try source.frame(), advancing: 960, to: room.seats[0].reservation.audio.port)
            if frame == 20 {
                room.plane.play(Self.tone(1_000, seconds: 0.5), to: .legs([room.seats[1].reservation.id]))
            }
            if frame == 25 { room.plane.play(Self.tone(1_500, seconds: 0.3), to: .room(room.room)) }
        }
        let levels = try room.seats[1].audio!.levels(of: [440, 1_000, 1_500])
        #expect(abs(levels[0] - -12.04) < 1.5)
        #expect(levels[1] < -50 && levels[2] < -50)
        let ends = await Self.ends(of: room)
        #expect(ends.count == 2 && ends.allSatisfy { $0.2 == .played })
        #expect(ends.map(\.1) == [nil, room.seats[1].reservation.id])
    }

    @Test func clipsWaitForEachOtherAndTheNinthIsRefused() async throws {
        let room = try TestRoom()
        try await Self.legs([.opus], in: room)
        let leg = room.seats[0].reservation.id
        // Made before, so that all ten are there before the first is over.
        let clip = Self.tone(500, seconds: 0.06)
        let ids = (0..<10).map { _ in room.plane.play(clip, to: .legs([leg])) }
        room.pace(frames: 40) { _ in }
        let ends = await Self.ends(of: room)
        #expect(Set(ends.prefix(2).map(\.0)) == Set(ids[8...]))
        #expect(ends.prefix(2).allSatisfy { $0.2 == .refused && $0.1 == leg })
        #expect(ends.dropFirst(2).map(\.0) == Array(ids[..<8]))
        #expect(ends.dropFirst(2).allSatisfy { $0.2 == .played })
    }

    @Test func whoeverLeavesOrIsSparedHearsNoMore() async throws {
        let room = try TestRoom()
        try await Self.legs([.opus, .opus], in: room)
        let (first, second) = (room.seats[0].reservation.id, room.seats[1].reservation.id)
        let id = room.plane.play(Self.tone(500, seconds: 60), to: .legs([first, second]))
        room.pace(frames: 10) { _ in }
        room.plane.stopClips(of: first)
        await room.plane.removeLeg(second)
        let ends = await Self.ends(of: room)
        #expect(ends.map(\.0) == [id, id])
        #expect(ends.map(\.1) == [first, second])
        #expect(ends.allSatisfy { $0.2 == .cut })
    }

    @Test func inARoomThatEchoesALegHearsItselfLater() async throws {
        let room = try TestRoom()
        try room.plane.setEcho(of: room.room, delay: .milliseconds(500))
        try await Self.legs([.opus], in: room)
        let seat = room.seats[0]
        let source = try ToneSource(440, .opus)
        let silence = try ToneSource(440, .opus, amplitude: 0)
        try room.pace(frames: 160) { frame in
            seat.audio!.send(
                try (frame < 80 ? silence : source).frame(), advancing: 960, to: seat.reservation.audio.port)
        }
        let levels = try seat.audio!.levels(of: [440])
        #expect(abs(levels[0] - -12.04) < 1.5, "the echo is heard at \(levels[0]) dBFS")
        // When the first loud packet came back, by the size of CELT's packets at a constant quality.
        var decoder = try AudioDecoder(.opus)
        var frame = [Int16](repeating: 0, count: 5_760)
        var narrow = frame
        let loud = try #require(
            seat.audio!.received.firstIndex { packet in
                let made = packet.payload.withUnsafeBytes { payload in
                    frame.withUnsafeMutableBufferPointer { frame in
                        narrow.withUnsafeMutableBufferPointer {
                            decoder.decode(payload, into: frame, narrow: $0.baseAddress!)
                        }
                    }
                }
                return made > 0 && MixArithmetic.level(frame, count: made) > -30
            })
        // 80 frames until it spoke, 25 of delay, and what jitter buffer and clocks add.
        #expect((80 + 25...80 + 25 + 25).contains(loud), "the echo came at frame \(loud)")
    }

    @Test func aLegThatIsTheOnlyOneIsNotEchoedElsewhere() async throws {
        let room = try TestRoom()
        try await Self.legs([.opus], in: room)
        let source = try ToneSource(440, .opus)
        try room.pace(frames: 75) { _ in
            room.seats[0].audio!.send(try source.frame(), advancing: 960, to: room.seats[0].reservation.audio.port)
        }
        #expect(try room.seats[0].audio!.levels(of: [440])[0] < -70)
    }
}
