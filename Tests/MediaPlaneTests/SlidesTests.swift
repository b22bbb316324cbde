import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Content that is shared beside the cameras' pictures.
@Suite(.serialized) struct SlidesTests {
    /// A point with a camera and, most of them, slides. Cameras are named from 10 on, slides from 50.
    private final class Point {
        let seat: TestRoom.Seat
        let camera: PaintedPictures
        let slides: PaintedPictures?
        private let tone: ToneSource

        init(_ seat: TestRoom.Seat, number: Int) throws {
            self.seat = seat
            camera = PaintedPictures(seat.video!, to: seat.reservation.video!.port, name: UInt8(10 + number))
            slides = seat.slides.flatMap { endpoint in
                seat.reservation.slides.map {
                    PaintedPictures(endpoint, to: $0.address.port, name: UInt8(50 + number))
                }
            }
            tone = try ToneSource(440, .opus)
        }

        func speak() throws {
            seat.audio!.send(try tone.frame(), advancing: 960, to: seat.reservation.audio.port)
        }
    }

    private func points(
        _ slides: [MediaCodec?], in room: TestRoom, suite: SRTPSuite? = .aeadAES128GCM, hasFloorControl: Bool = true
    ) async throws -> [Point] {
        var points: [Point] = []
        for (number, codec) in slides.enumerated() {
            let seat = try await room.join(
                audio: TestEndpoint(.opus, payloadType: 96, suite: suite),
                video: TestEndpoint(.vp8, payloadType: UInt8(100 + number), suite: suite),
                slides: codec.map { try TestEndpoint($0, payloadType: UInt8(110 + number), suite: suite) },
                hasFloorControl: hasFloorControl)
            points.append(try Point(seat, number: number))
        }
        return points
    }

    @Test func thePresentersSlidesAreSeenByAllAndTheSpeakerAgainAfterwards() async throws {
        let room = try TestRoom()
        let points = try await points([.vp8, .vp8, nil], in: room)
        try room.pace(frames: 300) { frame in
            if frame.isMultiple(of: 2) {
                for point in points { point.camera.send() }
                // The second sends slides all the time; they are the room's while it has the floor.
                points[1].slides!.send()
            }
            try points[0].speak()
            if frame == 75 { try room.plane.setPresenter(points[1].seat.reservation.id, in: room.room) }
            if frame == 200 { try room.plane.setPresenter(nil, in: room.room) }
        }
        // Beside the speaker, in a stream of their own.
        #expect(points[0].seat.slides!.shown == [51])
        expectSoundStream(points[0].seat.slides!)
        #expect(!points[0].seat.video!.shown.contains(51))
        let count = points[0].seat.slides!.received.count
        // 62 frames of three packets, and what the beginning and the end may cost.
        #expect((165...195).contains(count), "\(count) packets in two and a half seconds")
        // In the speaker's place, where there is one stream only.
        #expect(points[2].seat.video!.shown == [10, 51, 10])
        expectSoundStream(points[2].seat.video!)
        // The presenter goes on seeing the speaker.
        #expect(points[1].seat.slides!.received.isEmpty)
        #expect(points[1].seat.video!.shown == [10])
        let statistics = await room.plane.statistics(of: room.room)
        let ofViewer = try #require(statistics.first { $0.leg == points[0].seat.reservation.id })
        #expect(ofViewer.slides?.packetsSent ?? 0 >= UInt64(count) && ofViewer.slides?.sentCodec == .vp8)
        let ofPresenter = try #require(statistics.first { $0.leg == points[1].seat.reservation.id })
        #expect(ofPresenter.slides?.packetsReceived == 450 && ofPresenter.slides?.codec == .vp8)
        #expect(statistics.first { $0.leg == points[2].seat.reservation.id }?.slides == nil)
    }

    @Test func slidesThatPauseGoOnWithoutAGap() async throws {
        let room = try TestRoom()
        let points = try await points([.vp8, .vp8], in: room, suite: nil)
        try room.pace(frames: 250) { frame in
            if frame.isMultiple(of: 2) { points[1].slides!.send() }
            if frame % 100 == 10 { try room.plane.setPresenter(points[1].seat.reservation.id, in: room.room) }
            if frame % 100 == 60 { try room.plane.setPresenter(nil, in: room.room) }
        }
        #expect(points[0].seat.slides!.shown == [51])
        expectSoundStream(points[0].seat.slides!)
        // Three times 25 frames of three packets.
        #expect((165...234).contains(points[0].seat.slides!.received.count))
        // Each beginning asks for a keyframe, and nobody else does.
        #expect((2...4).contains(points[1].slides!.requests))
    }

    @Test func oneWithoutFloorControlPresentsBySendingAndEndsByStopping() async throws {
        let room = try TestRoom()
        let points = try await points([.vp8, .vp8, nil], in: room, suite: nil, hasFloorControl: false)
        let changes = Changes(of: room.plane)
        try room.pace(frames: 300) { frame in
            if frame.isMultiple(of: 2) {
                points[0].camera.send()
                if (50..<130).contains(frame) { points[1].slides!.send() }
                if (60..<150).contains(frame) { points[0].slides!.send() }
            }
            try points[0].speak()
        }
        // The first to come presents; who came later does not take its place before two seconds after its end.
        #expect(await changes.presenters == [points[1].seat.reservation.id, nil])
        #expect(points[2].seat.video!.shown == [10, 51, 10])
        #expect(points[0].seat.slides!.shown == [51])
        #expect(points[1].seat.slides!.received.isEmpty)
    }

    @Test func holdEndsWhatWasBegunUnasked() async throws {
        let room = try TestRoom()
        let points = try await points([.vp8, .vp8], in: room, suite: nil, hasFloorControl: false)
        let changes = Changes(of: room.plane)
        room.pace(frames: 40) { _ in points[1].slides!.send() }
        var parameters = LegParameters(
            audio: points[1].seat.audio!.parameters, video: points[1].seat.video!.parameters,
            slides: points[1].seat.slides!.parameters)
        parameters.slides?.receives = false
        try await room.plane.startLeg(points[1].seat.reservation.id, parameters)
        room.pace(frames: 20) { _ in points[1].slides!.send() }
        #expect(await changes.presenters == [points[1].seat.reservation.id, nil])
        #expect((30...130).contains(points[0].seat.slides!.received.count))
    }

    @Test func whoLeavesPresentsNoMore() async throws {
        let room = try TestRoom()
        let points = try await points([.vp8, .vp8], in: room, suite: nil)
        let changes = Changes(of: room.plane)
        let presenter = points[1].seat.reservation.id
        try room.plane.setPresenter(presenter, in: room.room)
        room.pace(frames: 30) { _ in points[1].slides!.send() }
        let last = await room.plane.removeLeg(presenter)
        #expect(last?.slides?.packetsReceived == 90)
        room.pace(frames: 10) { _ in }
        #expect(await changes.presenters == [presenter, nil])
    }

    @Test func nobodyPresentsInARoomInWhichItDoesNotSit() async throws {
        let room = try TestRoom()
        let points = try await points([.vp8, .vp8], in: room, suite: nil)
        let other = room.plane.openRoom()
        let changes = Changes(of: room.plane)
        try room.plane.setPresenter(points[0].seat.reservation.id, in: other)
        room.pace(frames: 20) { _ in points[0].slides!.send() }
        #expect(points[1].seat.slides!.received.isEmpty)
        #expect(await changes.presenters == [])
    }

    @Test func lostSlidesAreHadAgain() async throws {
        let room = try TestRoom()
        // In the clear, for SRTP would take what comes a second time for a replay.
        let points = try await points([.vp8, .vp8], in: room, suite: nil)
        try room.plane.setPresenter(points[1].seat.reservation.id, in: room.room)
        let viewer = points[0].seat
        var asked: Set<UInt16> = []
        try room.pace(frames: 100) { frame in
            points[1].slides!.send()
            // Each tenth frame the viewer says that it missed the newest packet, which it is sent a second time.
            guard frame % 10 == 5, let newest = viewer.slides!.received.last?.info.sequenceNumber,
                asked.insert(newest).inserted
            else { return }
            viewer.slides!.sendRTCP(to: try #require(viewer.reservation.slides).address.port + 1) {
                let (sender, media) = (viewer.slides!.ssrc, viewer.slides!.received[0].info.ssrc)
                $0.receiverReport(ssrc: sender)
                $0.genericNACK(sender: sender, media: media, lost: [newest])
            }
        }
        for number in asked {
            #expect(viewer.slides!.received.count { $0.info.sequenceNumber == number } == 2)
        }
        let statistics = await room.plane.statistics(of: room.room)
        #expect(
            statistics.first { $0.leg == viewer.reservation.id }?.slides?.packetsRetransmitted == UInt64(asked.count))
    }

    @Test func slidesInAnotherCodecAreNotShownAndThatIsSaid() async throws {
        let room = try TestRoom()
        let points = try await points([.vp8, .h264, nil], in: room, suite: nil)
        try room.plane.setPresenter(points[0].seat.reservation.id, in: room.room)
        try room.pace(frames: 100) { frame in
            points[0].slides!.send()
            points[2].camera.send()
            try points[2].speak()
        }
        // Not in its stream for slides; but its camera's takes VP8, and stands in.
        #expect(points[1].seat.slides!.received.isEmpty)
        #expect(points[1].seat.video!.shown.last == 50)
        let statistics = await room.plane.statistics(of: room.room)
        #expect(statistics.first { $0.leg == points[1].seat.reservation.id }?.slides?.isWithheld == true)
        #expect(statistics.first { $0.leg == points[2].seat.reservation.id }?.video.isWithheld == false)
    }

    @Test func onlyWhatIsPresentedIsRecorded() async throws {
        let tap = TapRing(capacity: 8 << 20)
        let room = try TestRoom(tap: tap)
        let points = try await points([.vp8, .vp8], in: room, suite: nil)
        try room.pace(frames: 60) { frame in
            points[1].slides!.send()
            if frame == 20 { try room.plane.setPresenter(points[1].seat.reservation.id, in: room.room) }
            if frame == 40 { try room.plane.setPresenter(nil, in: room.room) }
        }
        let track = try #require(points[1].seat.reservation.slides).track
        var packets = 0
        var ends = 0
        tap.drain { entry, _ in
            guard entry.track == track else { return }
            if entry.kind == .packet { packets += 1 }
            if entry.kind == .end { ends += 1 }
        }
        #expect((45...90).contains(packets), "\(packets) of 180")
        #expect(ends == 1)
        #expect(points[1].slides!.requests >= 1, "the recording needs a keyframe to begin with")
    }

    @Test func slidesNeedPortsOfTheirOwn() async throws {
        let room = try TestRoom()
        let reservation = try room.plane.reserveLeg(in: room.room)
        let slides = try TestEndpoint(.vp8, payloadType: 100, suite: nil)
        await #expect(throws: MediaPlaneError.slidesNotReserved(reservation.id)) {
            try await room.plane.startLeg(
                reservation.id, LegParameters(audio: nil, video: nil, slides: slides.parameters))
        }
        let first = try room.plane.reserveSlides(for: reservation.id)
        let second = try room.plane.reserveLeg(in: room.room)
        #expect(![second.audioTrack, second.videoTrack].contains(first.track))
        try await room.plane.startLeg(reservation.id, LegParameters(audio: nil, video: nil, slides: slides.parameters))
        await room.plane.removeLeg(reservation.id)
        #expect(throws: MediaPlaneError.unknownLeg(reservation.id)) {
            try room.plane.reserveSlides(for: reservation.id)
        }
    }

    @Test func slidesFanOutToOtherWorkers() async throws {
        let room = try TestRoom(workers: 2, legsBeforeFanOut: 1)
        let points = try await points([.vp8, .vp8, .vp8, nil], in: room)
        try room.plane.setPresenter(points[0].seat.reservation.id, in: room.room)
        room.pace(frames: 60) { _ in points[0].slides!.send() }
        for point in points[1...2] {
            #expect(point.seat.slides!.shown == [50])
            expectSoundStream(point.seat.slides!)
        }
        #expect(points[3].seat.video!.shown == [50])
    }
}

/// Gathers who presented, as the media plane tells it.
private final class Changes: Sendable {
    private let task: Task<[LegID?], Never>
    private let plane: MediaPlane

    init(of plane: MediaPlane) {
        self.plane = plane
        task = Task {
            var presenters: [LegID?] = []
            for await event in plane.events {
                if case .presenterChanged(_, let leg) = event { presenters.append(leg) }
            }
            return presenters
        }
    }

    /// Ends the media plane.
    var presenters: [LegID?] {
        get async {
            plane.stop()
            return await task.value
        }
    }
}
