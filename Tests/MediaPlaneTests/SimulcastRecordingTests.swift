import RTP
import Testing

@testable import MediaPlane

/// A camera whose picture comes in several sizes at once is recorded in one: that which costs most.
@Suite(.serialized) struct SimulcastRecordingTests {
    @Test func theRecordingHasOneSizeFromAKeyframeOnAndGoesOnWithTheNextWhenThatEnds() async throws {
        let tap = TapRing(capacity: 8 << 20)
        let room = try TestRoom(tap: tap)
        let source = try await LinedPoint(in: room, number: 0, layers: true)
        let sizes = [(150, "l"), (500, "m"), (1_500, "h")].map {
            PaintedLayers.Size(bitsPerSecond: $0.0 * 1_000, rid: $0.1)
        }
        let camera = PaintedLayers(source, sizes)
        room.pace(frames: 550) { frame in
            // The browser's own line became narrow.
            if frame == 250 { camera.most = 2 }
            if frame.isMultiple(of: 2) { camera.shoot() }
        }
        var recorded: [UInt8] = []
        var keyframes: [UInt8] = []
        tap.drain { entry, bytes in
            guard case .packet = entry.kind, entry.track == source.seat.reservation.videoTrack,
                let info = try? RTPPacketInfo(parsing: bytes)
            else { return }
            let payload = info.payload(of: bytes)
            guard let name = payload.last else { return }
            if recorded.last != name { recorded.append(name) }
            if VP8FrameHeader.beginsKeyframe(payload), keyframes.last != name { keyframes.append(name) }
        }
        #expect(tap.droppedEntries == 0)
        #expect(recorded.suffix(2) == [3, 2], "\(recorded)")
        #expect(recorded.count <= 4, "\(recorded)")
        #expect(keyframes.suffix(2) == [3, 2], "\(keyframes)")
    }
}
