import Testing

@testable import MediaPlane

/// Rooms in which nobody is heard: what happens there waits for nothing that only sound would bring.
@Suite(.serialized) struct UnheardRoomTests {
    private static func picture() throws -> TestEndpoint {
        try TestEndpoint(.vp8, payloadType: 100, suite: .aeadAES128GCM)
    }

    @Test func whoComesSeesTheCameraWithinASecond() async throws {
        let room = try TestRoom()
        let source = try await room.join(video: Self.picture())
        let camera = PaintedPictures(source.video!, to: source.reservation.video!.port, name: 10)
        room.pace(frames: 50) { _ in camera.send() }
        let viewer = try await room.join(video: Self.picture())
        room.pace(frames: 50) { _ in camera.send() }
        #expect(viewer.video!.shown == [10])
        expectSoundStream(viewer.video!)
    }

    /// Rooms are looked after twice a second; three that come again at different times cannot all have come just before.
    @Test func aCameraThatComesAgainAfterAStallIsShownAtOnce() async throws {
        let room = try TestRoom()
        var cameras: [PaintedPictures] = []
        var viewers: [TestEndpoint] = []
        for index in 0..<3 {
            let own = room.plane.openRoom()
            let source = try await room.join(video: Self.picture(), in: own)
            cameras.append(
                PaintedPictures(source.video!, to: source.reservation.video!.port, name: UInt8(10 + index)))
            viewers.append(try await room.join(video: Self.picture(), in: own).video!)
        }
        room.pace(frames: 25) { _ in for camera in cameras { camera.send() } }
        for viewer in viewers { try #require(!viewer.received.isEmpty) }
        // A stall is three seconds, and noticed half a second later.
        room.pace(frames: 200) { _ in }
        var shownAfter: [Int] = []
        for (camera, viewer) in zip(cameras, viewers) {
            let before = viewer.received.count
            var frames = 0
            room.pace(frames: 8) { frame in
                camera.send()
                if viewer.received.count == before { frames = frame }
            }
            shownAfter.append(frames)
        }
        #expect(shownAfter.allSatisfy { $0 <= 5 }, "shown after \(shownAfter) frames of 20 ms")
    }

    @Test func whatCanWaitIsDoneWithinATick() async throws {
        let room = try TestRoom()
        let source = try await room.join(video: Self.picture())
        let camera = PaintedPictures(source.video!, to: source.reservation.video!.port, name: 10)
        let viewer = try await room.join(video: Self.picture())
        room.pace(frames: 25) { _ in camera.send() }
        try #require(!viewer.video!.received.isEmpty)
        room.plane.dropLeg(viewer.reservation.id)
        let start = ContinuousClock.now
        while !viewer.video!.isDismissed, start.duration(to: .now) < .seconds(2) { room.pace(frames: 1) { _ in } }
        #expect(viewer.video!.isDismissed)
        #expect(start.duration(to: .now) < .milliseconds(200))
    }
}

extension TestEndpoint {
    /// The bridge said that it sends no more.
    fileprivate var isDismissed: Bool { rtcpMessages.contains { if case .bye = $0 { true } else { false } } }
}
