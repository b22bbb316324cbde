import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Whose picture goes to whom.
@Suite(.serialized) struct ForwardingTests {
    private final class Camera {
        let seat: TestRoom.Seat
        let tone: ToneSource
        private let pictures: PaintedPictures
        var requests: Int { pictures.requests }

        init(_ seat: TestRoom.Seat, name: UInt8) throws {
            self.seat = seat
            pictures = PaintedPictures(seat.video!, to: seat.reservation.video!.port, name: name)
            tone = try ToneSource(440, .opus)
        }

        func film() { pictures.send() }

        func speak() throws {
            seat.audio!.send(try tone.frame(), advancing: 960, to: seat.reservation.audio.port)
        }

        var shown: [UInt8] { seat.video!.shown }
    }

    private func cameras(
        _ count: Int, in room: TestRoom, suite: SRTPSuite? = .aeadAES128GCM, asking: FeedbackSupport = []
    ) async throws -> [Camera] {
        var cameras: [Camera] = []
        for index in 0..<count {
            let video = try TestEndpoint(.vp8, payloadType: UInt8(100 + index), suite: suite)
            video.feedback.formUnion(asking)
            let seat = try await room.join(
                audio: TestEndpoint(.opus, payloadType: 96, suite: suite), video: video)
            cameras.append(try Camera(seat, name: UInt8(10 + index)))
        }
        return cameras
    }

    @Test func everyoneSeesTheSpeakerAndTheSpeakerSeesTheOneBefore() async throws {
        let room = try TestRoom()
        let cameras = try await cameras(3, in: room)
        try room.pace(frames: 250) { frame in
            if frame.isMultiple(of: 2) { for camera in cameras { camera.film() } }
            // The second speaks first, the third from the third second on.
            if frame < 125 { try cameras[1].speak() } else { try cameras[2].speak() }
        }
        #expect(cameras[0].shown.suffix(2) == [11, 12])
        #expect(cameras[1].shown.last == 12)
        #expect(cameras[2].shown.last == 11)
        for (index, camera) in cameras.enumerated() {
            #expect(!camera.shown.contains(UInt8(10 + index)), "camera \(index) is shown itself")
            expectSoundStream(camera.seat.video!)
        }
    }

    @Test func allSeeWhoIsInTheSpotlightWhoeverSpeaks() async throws {
        let room = try TestRoom()
        let cameras = try await cameras(3, in: room)
        try room.plane.setSpotlight(cameras[0].seat.reservation.id, in: room.room)
        var inSpotlight: [[UInt8]] = []
        try room.pace(frames: 250) { frame in
            if frame.isMultiple(of: 2) { for camera in cameras { camera.film() } }
            try cameras[2].speak()
            guard frame == 125 else { return }
            inSpotlight = cameras.map(\.shown)
            try room.plane.setSpotlight(nil, in: room.room)
        }
        #expect(inSpotlight.map(\.last) == [12, 10, 10])
        #expect(cameras.map(\.shown.last) == [12, 12, 10])
    }

    /// A source in the clear has no keys that would tell its packets from doubled ones with other content.
    @Test func noNumberIsEncryptedTwiceForAViewer() async throws {
        let room = try TestRoom()
        let source = try await cameras(1, in: room, suite: nil)[0]
        let viewer = try await cameras(2, in: room)[1]
        let video = source.seat.video!
        room.pace(frames: 150) { frame in
            guard frame.isMultiple(of: 2) else { return }
            source.film()
            let doubled = [0x80, 0x80, 0x80, 0] + [UInt8](repeating: 99, count: 1_000)
            video.sendRaw(
                video.packet(
                    doubled, marker: true, video.payloadType, video.sequence &- 1, video.timestamp &- 3_600, video.ssrc),
                to: source.seat.reservation.video!.port)
        }
        #expect(viewer.shown == [10])
        // What comes twice under one number is refused there as replayed.
        #expect(viewer.seat.video!.unreadable == 0)
        #expect(viewer.seat.video!.received.count > 150)
        expectSoundStream(viewer.seat.video!)
    }

    @Test func tenWhoJoinAtOnceCostTheSpeakerFewKeyframes() async throws {
        let room = try TestRoom()
        let cameras = try await cameras(11, in: room, suite: nil)
        try room.pace(frames: 100) { frame in
            if frame.isMultiple(of: 2) { for camera in cameras { camera.film() } }
            try cameras[0].speak()
        }
        #expect(cameras[0].requests <= 4, "\(cameras[0].requests) keyframe requests in two seconds")
        for camera in cameras.dropFirst() { #expect(camera.shown.last == 10) }
    }

    @Test func aViewerThatLostItsPictureGetsAKeyframe() async throws {
        let room = try TestRoom()
        let cameras = try await cameras(2, in: room)
        var before = 0
        room.pace(frames: 150) { frame in
            if frame.isMultiple(of: 2) { for camera in cameras { camera.film() } }
            if frame == 75 {
                before = cameras[0].requests
                let viewer = cameras[1].seat
                viewer.video!.sendRTCP(to: viewer.reservation.video!.port + 1) {
                    $0.receiverReport(ssrc: viewer.video!.ssrc)
                    $0.request(.pictureLossIndication, sender: viewer.video!.ssrc, media: 0)
                }
            }
        }
        #expect(cameras[0].requests == before + 1)
    }

    @Test func anEndpointWithAnotherCodecIsShownNothingItCannotDecode() async throws {
        let room = try TestRoom()
        let cameras = try await cameras(2, in: room)
        let other = try await room.join(video: TestEndpoint(.h264, payloadType: 97, suite: .aeadAES128GCM))
        try room.pace(frames: 60) { frame in
            if frame.isMultiple(of: 2) { for camera in cameras { camera.film() } }
            try cameras[0].speak()
        }
        #expect(other.video!.received.isEmpty)
    }

    @Test func extendedReportsComeWhereTheyAreAskedFor() async throws {
        let room = try TestRoom()
        let asking = try await cameras(1, in: room, asking: .statisticsSummary)[0]
        let silent = try await cameras(1, in: room)[0]
        let reference = NTPTime(rawValue: 0x0102_0304_0506_0708)
        room.pace(frames: 250) { frame in
            if frame == 20 {
                asking.seat.video!.sendRTCP(to: asking.seat.reservation.video!.port + 1) {
                    $0.receiverReport(ssrc: 77)
                    $0.receiverReferenceTime(ssrc: 77, reference)
                }
            }
            guard frame.isMultiple(of: 2) else { return }
            silent.film()
            if frame.isMultiple(of: 10) { asking.seat.video!.sequence &+= 3 } else { asking.film() }
        }
        let messages = asking.seat.video!.rtcpMessages
        let delays = messages.compactMap { if case .referenceDelay(_, let delay) = $0 { delay } else { nil } }
        #expect(delays.count == 1)
        #expect(delays.first?.ssrc == 77)
        #expect(delays.first?.lastReference == reference.compact)
        // At most two intervals between reports.
        #expect((1...4 * 65_536).contains(delays.first?.delaySinceLastReference ?? 0))
        let summaries = messages.compactMap { if case .statisticsSummary(_, let summary) = $0 { summary } else { nil } }
        #expect(!summaries.isEmpty)
        let lost = summaries.reduce(0) { $0 + $1.lost }
        #expect((20...75).contains(lost), "\(lost) lost")
        for (one, next) in zip(summaries, summaries.dropFirst()) { #expect(next.beginSequence == one.endSequence) }
        #expect(
            silent.seat.video!.rtcpMessages.allSatisfy {
                if case .statisticsSummary = $0 { false } else { true }
            })
    }

    @Test func reportsTellLossAndRoundTrip() async throws {
        let room = try TestRoom()
        let cameras = try await cameras(2, in: room)
        room.pace(frames: 250) { frame in
            guard frame.isMultiple(of: 2) else { return }
            cameras[1].film()
            // Every fifth frame of the first camera is lost on the way.
            if frame.isMultiple(of: 10) { cameras[0].seat.video!.sequence &+= 3 } else { cameras[0].film() }
        }
        let statistics = await room.plane.statistics(of: room.room)
        let lossy = try #require(statistics.first { $0.leg == cameras[0].seat.reservation.id })
        #expect((60...75).contains(lossy.video.packetsLost), "\(lossy.video.packetsLost) lost")
        let blocks = cameras[0].seat.video!.rtcpMessages.compactMap { message -> RTCPReportBlock? in
            if case .reportBlock(_, let block) = message { block } else { nil }
        }
        let last = try #require(blocks.last)
        #expect(last.ssrc == cameras[0].seat.video!.ssrc)
        #expect((30...75).contains(last.cumulativeLost))
        #expect((30...70).contains(last.fractionLost), "fraction \(last.fractionLost)/256")
        let reports = cameras[0].seat.video!.rtcpMessages.compactMap { message -> RTCPSenderInfo? in
            if case .senderReport(let info) = message { info } else { nil }
        }
        #expect(!reports.isEmpty)
    }
}
