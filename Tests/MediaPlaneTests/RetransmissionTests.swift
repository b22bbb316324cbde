import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Packets that were lost and are had again, towards the bridge and from it. The frames are VP8 to the forwarder.
@Suite(.serialized) struct RetransmissionTests {
    /// A source that keeps what it sent, and sends it again when it is asked to.
    private final class Camera {
        let seat: TestRoom.Seat
        private var sent: [UInt16: (payload: [UInt8], marker: Bool, timestamp: UInt32)] = [:]
        private var messagesSeen = 0
        private var retransmissions: UInt16 = 0
        private var keyframeWanted = true
        private(set) var keyframeRequests = 0
        private(set) var timesAsked = 0
        private var picture: UInt16 = 0
        var answersNACKs = true

        init(_ seat: TestRoom.Seat) { self.seat = seat }

        /// Three packets, of which those in `losing` do not get through; whether the frame is a keyframe.
        func film(losing: Set<Int> = []) {
            let video = seat.video!
            readFeedback()
            let isKeyframe = keyframeWanted
            keyframeWanted = false
            picture = (picture + 1) & 0x7FFF
            for part in 0..<3 {
                let descriptor: [UInt8] = [
                    part == 0 ? 0x90 : 0x80, 0x80, 0x80 | UInt8(picture >> 8), UInt8(truncatingIfNeeded: picture),
                ]
                let tag: [UInt8] = part == 0 ? [isKeyframe ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0] : []
                let payload = descriptor + tag + (0..<900).map { UInt8(truncatingIfNeeded: Int(picture) + part + $0) }
                sent[video.sequence] = (payload, part == 2, video.timestamp)
                let packet = video.packet(payload, marker: part == 2, advancing: part == 2 ? 3_600 : 0)
                if !losing.contains(part) { video.sendRaw(packet, to: seat.reservation.video!.port) }
            }
        }

        private func readFeedback() {
            let video = seat.video!
            for message in video.rtcpMessages[messagesSeen...] {
                switch message {
                case .pictureLossIndication:
                    keyframeRequests += 1
                    keyframeWanted = true
                case .genericNACK(_, let media, let first, let following):
                    #expect(media == video.ssrc)
                    let numbers =
                        [first] + (0..<16).filter { following & 1 << $0 != 0 }.map { first &+ 1 &+ UInt16($0) }
                    timesAsked += numbers.count
                    if answersNACKs { for number in numbers { sendAgain(number) } }
                default: break
                }
            }
            messagesSeen = video.rtcpMessages.count
        }

        func sendAgain(_ number: UInt16) {
            let video = seat.video!
            guard let old = sent[number] else { return }
            let packet: [UInt8]
            if let type = video.retransmissionType {
                packet = video.packet(
                    [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] + old.payload, marker: old.marker, type,
                    retransmissions, old.timestamp, video.retransmissionSSRC)
                retransmissions &+= 1
            } else {
                packet = video.packet(
                    old.payload, marker: old.marker, video.payloadType, number, old.timestamp, video.ssrc)
            }
            video.sendRaw(packet, to: seat.reservation.video!.port)
        }
    }

    private func seats(
        in room: TestRoom, rtx: Bool, suite: SRTPSuite? = .aeadAES128GCM, feedback: FeedbackSupport? = nil
    ) async throws -> (camera: Camera, viewer: TestRoom.Seat) {
        var seats: [TestRoom.Seat] = []
        for _ in 0..<2 {
            let video = try TestEndpoint(.vp8, payloadType: 100, suite: suite)
            if rtx { video.retransmissionType = 101 }
            if let feedback { video.feedback = feedback }
            seats.append(try await room.join(video: video))
        }
        return (Camera(seats[0]), seats[1])
    }

    /// What a viewer can decode: every packet from the first keyframe on, in whatever order they came.
    private func expectWhole(_ viewer: TestEndpoint, frames: ClosedRange<Int>) {
        let main = viewer.received.filter { $0.info.payloadType == viewer.payloadType }
        let numbers = Set(main.map { Int($0.info.sequenceNumber) })
        #expect(numbers.count == main.count, "a packet came twice")
        if let low = numbers.min(), let high = numbers.max() {
            #expect(high - low + 1 == numbers.count, "\(high - low + 1 - numbers.count) packets are missing")
        }
        #expect(frames.contains(numbers.count / 3), "\(numbers.count / 3) frames")
    }

    @Test(arguments: [false, true], [SRTPSuite.aeadAES128GCM, nil])
    func whatASourceLosesIsAskedForAndReachesTheViewer(rtx: Bool, suite: SRTPSuite?) async throws {
        let room = try TestRoom()
        let (camera, viewer) = try await seats(in: room, rtx: rtx, suite: suite)
        room.pace(frames: 150) { frame in
            // The end of the test has no losses, for each has to be found by what follows it.
            camera.film(losing: frame > 25 && frame < 125 && frame.isMultiple(of: 5) ? [frame / 5 % 3] : [])
        }
        expectWhole(viewer.video!, frames: 120...150)
        #expect(camera.timesAsked >= 19)
        let before = camera.keyframeRequests
        #expect(before <= 2, "\(before) keyframes although nothing was lost for good")
        let statistics = await room.plane.statistics(of: room.room)
        let lossy = try #require(statistics.first { $0.leg == camera.seat.reservation.id })
        #expect((19...20).contains(lossy.video.packetsRecovered), "\(lossy.video.packetsRecovered) recovered")
        #expect(lossy.video.unauthenticated == 0 && lossy.video.malformed == 0)
    }

    @Test func whatASourceCannotGiveAgainMakesAKeyframeNecessary() async throws {
        let room = try TestRoom()
        let (camera, viewer) = try await seats(in: room, rtx: false)
        camera.answersNACKs = false
        var before = 0
        room.pace(frames: 150) { frame in
            if frame == 50 { before = camera.keyframeRequests }
            camera.film(losing: frame == 50 ? [1] : [])
        }
        #expect(camera.timesAsked > 2)
        #expect(camera.keyframeRequests == before + 1)
        #expect(!viewer.video!.received.isEmpty)
    }

    @Test func aSourceThatCannotBeAskedIsAskedForAKeyframe() async throws {
        let room = try TestRoom()
        let (camera, _) = try await seats(in: room, rtx: false, feedback: [.pictureLossIndication])
        var before = 0
        room.pace(frames: 100) { frame in
            if frame == 75 { before = camera.keyframeRequests }
            camera.film(losing: frame == 75 ? [1] : [])
        }
        #expect(camera.timesAsked == 0)
        #expect(camera.keyframeRequests == before + 1)
    }

    @Test(arguments: [false, true])
    func aViewerGetsAgainWhatItMissed(rtx: Bool) async throws {
        let room = try TestRoom()
        let (camera, viewer) = try await seats(in: room, rtx: rtx)
        let video = viewer.video!
        room.pace(frames: 60) { _ in camera.film() }
        let whole = video.received
        let missed =
            whole.suffix(20).prefix(5).map(\.info.sequenceNumber) + [whole[whole.count - 2].info.sequenceNumber]
        let media = try #require(whole.first?.info.ssrc)
        room.pace(frames: 10) { frame in
            guard frame == 0 else { return }
            video.sendRTCP(to: viewer.reservation.video!.port + 1) {
                $0.receiverReport(ssrc: video.ssrc)
                $0.genericNACK(sender: video.ssrc, media: media, lost: missed)
                // Not ours, and never sent.
                $0.genericNACK(sender: video.ssrc, media: media &+ 1, lost: [missed[0]])
                $0.genericNACK(sender: video.ssrc, media: media, lost: [missed[0] &- 10_000, missed[0] &+ 10_000])
            }
        }
        let again = Array(video.received[whole.count...])
        // A packet that is repeated as it was is dropped by the receiver's own replay protection, which has it already.
        guard rtx else {
            #expect(again.isEmpty && video.unreadable == missed.count)
            return
        }
        #expect(again.count == missed.count && video.unreadable == 0)
        for (packet, number) in zip(again, missed) {
            let original = try #require(whole.first { $0.info.sequenceNumber == number })
            #expect(packet.info.payloadType == 101 && packet.info.ssrc != media)
            #expect(packet.payload.prefix(2) == [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)])
            #expect(Array(packet.payload.dropFirst(2)) == original.payload)
            #expect(packet.info.timestamp == original.info.timestamp && packet.info.marker == original.info.marker)
        }
        let numbers = again.map(\.info.sequenceNumber)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
    }

    @Test func aRepeatedPacketIsTheSamePacketToTheByte() async throws {
        let room = try TestRoom()
        let (camera, viewer) = try await seats(in: room, rtx: false, suite: nil)
        let video = viewer.video!
        room.pace(frames: 30) { _ in camera.film() }
        let whole = video.received
        let missed = whole.suffix(10).prefix(3)
        room.pace(frames: 5) { frame in
            guard frame == 0 else { return }
            video.sendRTCP(to: viewer.reservation.video!.port + 1) {
                $0.receiverReport(ssrc: video.ssrc)
                $0.genericNACK(
                    sender: video.ssrc, media: whole[0].info.ssrc, lost: missed.map(\.info.sequenceNumber))
            }
        }
        let again = video.received[whole.count...]
        #expect(again.count == 3)
        for (first, second) in zip(missed, again) {
            #expect(first.info == second.info && first.payload == second.payload)
        }
    }

    @Test func nobodyMakesTheBridgeFloodALineByAsking() async throws {
        let room = try TestRoom()
        let (camera, viewer) = try await seats(in: room, rtx: true)
        let video = viewer.video!
        room.pace(frames: 60) { _ in camera.film() }
        let whole = video.received
        let last = whole[whole.count - 1].info
        let frames = 25
        room.pace(frames: frames) { _ in
            for _ in 0..<20 {
                video.sendRTCP(to: viewer.reservation.video!.port + 1) {
                    $0.receiverReport(ssrc: video.ssrc)
                    $0.genericNACK(
                        sender: video.ssrc, media: last.ssrc,
                        lost: (1...60).reversed().map { last.sequenceNumber &- $0 })
                }
            }
        }
        let again = video.received.count - whole.count
        #expect(again > 128 && again <= 128 * (frames / 5 + 3), "\(again) packets sent again")
    }

    @Test func aHistoryKeepsWhatFitsAndGrowsWhenAskedForMore() {
        var history = PacketHistory()
        func packet(_ sequence: UInt16) -> [UInt8] {
            [UInt8](repeating: UInt8(truncatingIfNeeded: sequence), count: 1_000 + Int(sequence) % 200)
        }
        func areThere(_ sequences: UInt16...) -> [Bool] {
            sequences.map { sequence in history.find(sequence).map { Array($0) == packet(sequence) } ?? false }
        }
        for sequence in 0..<UInt16(300) { packet(sequence).withUnsafeBytes { history.store(sequence, $0) } }
        #expect(areThere(299, 260, 230, 20, 300) == [true, true, false, false, false])
        for sequence in 300..<UInt16(600) { packet(sequence).withUnsafeBytes { history.store(sequence, $0) } }
        #expect(history.capacity == 2 * PacketHistory.firstCapacity)
        for round in 0..<10 {
            let first = UInt16(600 + round * 300)
            for sequence in first..<first + 300 { packet(sequence).withUnsafeBytes { history.store(sequence, $0) } }
            _ = areThere(first + 60)
        }
        #expect(history.capacity == PacketHistory.mostCapacity)
        #expect(areThere(3_599, 3_599 - 255, 3_599 - 256) == [true, true, false])
    }
}
