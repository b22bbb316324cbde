import Codecs
import Glibc
import LossyLine
import RTP
import SRTP
import Testing

@testable import MediaPlane

/// What becomes of pictures between two bridges.
@Suite(.serialized) struct CarriedPicturesTests {
    /// The picture as the point's encoder made it, whole, in the far bridge's recording, though packets were lost on both ways.
    @Test func pictureForPictureIsTheSameOverALineThatLosesPackets() async throws {
        let tap = TapRing(capacity: 16 << 20)
        let (here, there) = (try TestRoom(), try TestRoom(tap: tap))
        let source = try await LinedPoint(in: here, number: 0)
        let viewer = try await LinedPoint(in: there, number: 1)
        let line = try LossyLine(up: .init(loss: .random(0.15)), seed: 3)
        defer { line.end() }
        let trunk = try await Trunk(carrying: source.seat.reservation.id, from: here, to: there, line: line)
        let film = try Film(source)
        let screen = try Screen(viewer)
        var keyframes = 0
        try here.pace(frames: 260) { frame in
            there.poll()
            if frame == 60 { keyframes = film.keyframes }
            // So that what is lost of the last picture is missed.
            if frame == 230 { line.set(up: .clear) }
            film.listen()
            if frame.isMultiple(of: 2) { try film.shoot() }
            try source.speak()
            screen.look()
        }
        #expect(line.counters.up.lost > 8)
        let statistics = try await trunk.received
        #expect(statistics.video.packetsRecovered >= UInt64(line.counters.up.lost * 8 / 10))
        #expect(try await trunk.sent.video.packetsRetransmitted > 8)
        // Nothing had to begin anew for it.
        #expect(film.keyframes <= keyframes + 1, "\(film.keyframes) keyframes, \(keyframes) before")
        #expect(screen.shownAt.count > 100, "\(screen.shownAt.count) pictures shown")
        let pictures = Self.pictures(Recorded(tap).packets[trunk.mirror.videoTrack, default: []])
        let first = try #require(film.pictures.firstIndex { $0 == pictures.first })
        #expect(pictures.count > 115)
        let isSame = pictures == Array(film.pictures[first...].prefix(pictures.count))
        #expect(isSame)
    }

    /// Pictures as an encoder made them, out of packets in any order.
    private static func pictures(_ packets: [Recorded.Packet]) -> [[UInt8]] {
        var depacketizer = VP8Depacketizer()
        var pictures: [[UInt8]] = []
        guard let first = packets.first?.info.sequenceNumber else { return [] }
        for packet in packets.sorted(by: { $0.info.sequenceNumber &- first < $1.info.sequenceNumber &- first }) {
            let output = packet.payload.withUnsafeBytes {
                depacketizer.push(
                    $0, sequenceNumber: packet.info.sequenceNumber, timestamp: packet.info.timestamp,
                    marker: packet.info.marker)
            }
            if let frame = output.frame { pictures.append(Array(frame.bytes)) }
        }
        return pictures
    }

    @Test func ofSeveralSizesTheBestCrossesAlone() async throws {
        let (here, there) = (try TestRoom(), try TestRoom())
        let source = try await LinedPoint(in: here, number: 0, layers: true)
        let video = try TestEndpoint(.vp8, payloadType: 100, suite: nil)
        let viewer = try await there.join(video: video)
        let trunk = try await Trunk(carrying: source.seat.reservation.id, from: here, to: there)
        let camera = PaintedLayers(
            source,
            [(150, "l"), (500, "m"), (1_500, "h")].map {
                PaintedLayers.Size(bitsPerSecond: $0.0 * 1_000, rid: $0.1)
            })
        here.pace(frames: 140) { frame in
            if frame.isMultiple(of: 2) { camera.shoot() }
            there.poll()
        }
        there.poll()
        #expect(viewer.video?.shown.last == 3, "\(video.shown)")
        expectSoundStream(video)
        #expect(video.received.suffix(100).allSatisfy { $0.payload.last == 3 })
        #expect(try await trunk.received.video.packetsLost == 0)
    }

    /// A point whose clock is hours off, and whose pictures take 200 ms longer than its sound before they leave.
    @Test(arguments: [true, false]) func soundAndPictureArriveAsFarApartAsTheyLeft(pointReports: Bool) async throws {
        let tap = TapRing(capacity: 16 << 20)
        let (here, there) = (try TestRoom(), try TestRoom(tap: tap))
        let (audio, video) = (
            try TestEndpoint(.opus, payloadType: 96, suite: nil), try TestEndpoint(.vp8, payloadType: 100, suite: nil)
        )
        let seat = try await here.join(audio: audio, video: video)
        let camera = PaintedPictures(video, to: seat.reservation.video!.port, name: 10)
        let tone = try ToneSource(450, .opus)
        let trunk = try await Trunk(carrying: seat.reservation.id, from: here, to: there)
        let hours = UInt64(5 * 3_600) * 1_000_000_000
        // By the point's own clock, however late the machine has it act.
        let start = wallNanoseconds()
        func report(_ endpoint: TestEndpoint, _ timestamp: UInt32, at frame: Int, to port: UInt16) {
            endpoint.sendRTCP(to: port + 1) {
                $0.senderReport(
                    RTCPSenderInfo(
                        ssrc: endpoint.ssrc, ntp: NTPTime(unixNanoseconds: start + hours + UInt64(frame) * 20_000_000),
                        rtpTimestamp: timestamp, packetCount: 1, octetCount: 1))
            }
        }
        // Until each stream was reported on a second time, or once where that says all.
        try here.pace(frames: pointReports ? 190 : 70) { frame in
            let now = (audio: audio.timestamp, video: video.timestamp)
            audio.send(try tone.frame(), advancing: 960, to: seat.reservation.audio.port)
            if frame.isMultiple(of: 2) { camera.send() }
            if pointReports, frame % 50 == 20 { report(audio, now.audio, at: frame, to: seat.reservation.audio.port) }
            // What leaves now was taken 200 ms ago: its clock is further.
            if pointReports, frame % 50 == 40 {
                report(video, now.video &+ 18_000, at: frame, to: seat.reservation.video!.port)
            }
            there.poll()
        }
        let recorded = Recorded(tap)
        /// The instant of the last packet that came, on the clock of the reports.
        func instant(_ track: UInt16, _ rate: Double) throws -> Double {
            let report = try #require(recorded.reports[track]?.last)
            let packet = try #require(recorded.packets[track]?.last)
            let ticks = Int32(bitPattern: packet.info.timestamp &- report.timestamp)
            return Double(report.ntp.unixNanoseconds) / 1e9 + Double(ticks) / rate
        }
        let (heard, seen) = (try instant(trunk.mirror.audioTrack, 48_000), try instant(trunk.mirror.videoTrack, 90_000))
        // The last picture left 20 ms before the last sound.
        let apart = heard - seen - 0.02
        #expect(abs(apart - (pointReports ? 0.2 : 0)) < 0.03, "\(apart) s apart")
        // By the bridge's own clock: that is what the far side measures the round trip by.
        #expect(abs(heard - Double(wallNanoseconds()) / 1e9) < 1)
        let trip = try await trunk.sent.audio.roundTripMilliseconds
        if let trip { #expect(trip < 100) }
    }
}
