import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Legs that control mutes, moves, or puts into the spotlight.
@Suite(.serialized) struct PlacesTests {
    private static let tones = [440.0, 1_000, 1_700]

    /// A room of three that talk, and one that listens.
    private static func talkers() async throws -> (TestRoom, [ToneSource]) {
        let room = try TestRoom()
        var sources: [ToneSource] = []
        for tone in tones {
            _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
            sources.append(try ToneSource(tone, .opus))
        }
        _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM))
        return (room, sources)
    }

    private static func talk(_ room: TestRoom, _ sources: [ToneSource], _ change: (Int) throws -> Void) throws {
        try room.pace(frames: 240) { frame in
            try change(frame)
            for (seat, source) in zip(room.seats, sources) {
                seat.audio!.send(try source.frame(), advancing: 960, to: seat.reservation.audio.port)
            }
        }
    }

    @Test func whoIsMutedIsHeardByNobodyUntilItIsUnmuted() async throws {
        let (room, sources) = try await Self.talkers()
        let muted = room.seats[0].reservation.id
        var heardWhileMuted = 0
        try room.plane.setMuted(muted, true)
        try Self.talk(room, sources) { frame in
            guard frame == 120 else { return }
            room.poll()
            heardWhileMuted = room.seats[3].audio!.received.count
            let levels = try room.seats[3].audio!.levels(of: Self.tones)
            #expect(levels[0] < -50, "the muted leg is heard at \(levels[0]) dBFS")
            #expect(levels[1] > -16 && levels[2] > -16)
            try room.plane.setMuted(muted, false)
        }
        room.poll()
        #expect(heardWhileMuted > 50)
        let levels = try room.seats[3].audio!.levels(of: Self.tones)
        for level in levels { #expect(abs(level - -12.04) < 2, "\(levels)") }
        // It hears the others all the while, and not itself.
        #expect(try room.seats[0].audio!.levels(of: Self.tones)[1] > -16)
    }

    @Test func whoIsMovedIsHeardInItsNewRoomOnly() async throws {
        let (room, sources) = try await Self.talkers()
        let side = try room.plane.openRoom(beside: room.room)
        for index in [0, 3] { try room.plane.moveLeg(room.seats[index].reservation.id, to: side) }
        try Self.talk(room, sources) { _ in }
        room.poll()
        let aside = try room.seats[3].audio!.levels(of: Self.tones)
        #expect(aside[0] > -16 && aside[1] < -50 && aside[2] < -50, "\(aside)")
        let inHall = try room.seats[1].audio!.levels(of: Self.tones)
        #expect(inHall[0] < -50 && inHall[2] > -16, "\(inHall)")
        #expect(await room.plane.statistics(of: side).count == 2)
        // And back.
        for index in [0, 3] { try room.plane.moveLeg(room.seats[index].reservation.id, to: room.room) }
        try Self.talk(room, sources) { _ in }
        room.poll()
        for level in try room.seats[3].audio!.levels(of: Self.tones) { #expect(level > -16) }
        room.plane.closeRoom(side)
        #expect(await room.plane.statistics(of: room.room).count == 4)
    }

    @Test func aLegIsNotMovedToAnotherMeetingNorALegThatIsGone() async throws {
        let room = try TestRoom()
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil))
        #expect(throws: MediaPlaneError.self) { try room.plane.moveLeg(seat.reservation.id, to: .init(rawValue: 999)) }
        #expect(throws: MediaPlaneError.self) { try room.plane.openRoom(beside: .init(rawValue: 999)) }
        #expect(throws: MediaPlaneError.self) { try room.plane.setMuted(.init(rawValue: 999), true) }
        await room.plane.removeLeg(seat.reservation.id)
        #expect(throws: MediaPlaneError.self) { try room.plane.moveLeg(seat.reservation.id, to: room.room) }
    }

    @Test func newcomersBeginMutedWhereTheRoomSaysSoAndNothingOfThemIsRecorded() async throws {
        let tap = TapRing()
        let room = try TestRoom()
        let muting = room.plane.openRoom(tap: tap, mutesNewcomers: true)
        let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil), in: muting)
        let source = try ToneSource(440, .opus)
        func count() -> Int {
            var packets = 0
            tap.drain { entry, _ in if entry.kind == .packet { packets += 1 } }
            return packets
        }
        try room.pace(frames: 60) { _ in
            seat.audio!.send(try source.frame(), advancing: 960, to: seat.reservation.audio.port)
        }
        #expect(count() == 0)
        try room.plane.setMuted(seat.reservation.id, false)
        try room.pace(frames: 60) { _ in
            seat.audio!.send(try source.frame(), advancing: 960, to: seat.reservation.audio.port)
        }
        #expect(count() > 50)
    }
}
