import RTP
import Testing

@testable import MediaPlane

/// Who would rather not be sent silence (RFC 7587 §6.1) is sent next to none.
@Suite(.serialized) struct SilenceLeftOutTests {
    @Test func silenceIsLeftOutWhereThePeerPrefersItAndSoundBeginsWithAMark() async throws {
        let room = try TestRoom()
        for parameters in ["", "useinbandfec=1; usedtx=1", "usedtx=0"] {
            let audio = try TestEndpoint(.opus, payloadType: 96, suite: nil)
            audio.formatParameters = parameters
            _ = try await room.join(audio: audio)
        }
        let source = try ToneSource(440, .opus)
        var (before, all) = (0, 0)
        try room.pace(frames: 200) { frame in
            if frame == 120 {
                before = room.seats[1].audio!.received.count
                all = room.seats[2].audio!.received.count
            }
            guard frame >= 120 else { return }
            room.seats[0].audio!.send(try source.frame(), advancing: 960, to: room.seats[0].reservation.audio.port)
        }
        let (saving, other) = (room.seats[1].audio!.received, room.seats[2].audio!.received)
        #expect(other.count > 180)
        // The first 200 ms, and one packet in 400 ms.
        #expect((10...all / 3).contains(before), "\(before) packets of silence where another got \(all)")
        #expect(saving.count - before > 60)
        let marked = saving.dropFirst().filter(\.info.marker)
        #expect(marked.count >= 1, "no packet says that sound begins")
        for (first, second) in zip(saving, saving.dropFirst()) {
            #expect(second.info.sequenceNumber == first.info.sequenceNumber &+ 1)
            #expect((second.info.timestamp &- first.info.timestamp) % 960 == 0)
        }
        let levels = try room.seats[1].audio!.levels(of: [440])
        #expect(levels[0] > -15, "\(levels)")
    }

    @Test func onALineThatLosesMuchNothingIsLeftOut() {
        var output = AudioOutput()
        let pauses = (0..<100).count { _ in output.pauses(isSilent: true) }
        #expect(pauses > 80)
        for _ in 0..<4 { output.report(loss: 0.2) }
        #expect((0..<100).count { _ in output.pauses(isSilent: true) } == 0)
        #expect(output.line == .heavy)
    }
}
