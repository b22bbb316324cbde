import Codecs
import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Real VP8, coded and decoded: whatever a viewer is shown is, to the last bit, a picture that its source coded. A
/// decoder that was given a frame without the frames it refers to would show another.
@Suite(.serialized) struct WholePictureTests {
    /// A camera that films a pattern of its own.
    private final class Camera {
        let seat: TestRoom.Seat
        private let name: Int
        private let encoder: VPXEncoder
        private let decoder: VPXDecoder
        private let picture: I420Picture
        private let tone: ToneSource
        private var frame = 0
        private var number: UInt16 = 0
        private var messagesSeen = 0
        private var keyframeWanted = true
        private var sent: [UInt16: (payload: [UInt8], marker: Bool, timestamp: UInt32)] = [:]
        /// What a decoder that got everything showed, frame by frame.
        private(set) var shown: Set<Int> = []
        private(set) var keyframeRequests = 0

        init(_ seat: TestRoom.Seat, name: Int) throws {
            self.seat = seat
            self.name = name
            encoder = try VPXEncoder(
                .vp8,
                VPXEncoderConfiguration(
                    width: 176, height: 144, rate: .bitrate(400_000), effort: .realtime(speed: 8),
                    keyframeInterval: 100_000))
            decoder = try VPXDecoder(.vp8)
            picture = try I420Picture(width: 176, height: 144)
            tone = try ToneSource(440, .opus)
        }

        func speak() throws {
            seat.audio!.send(try tone.frame(), advancing: 960, to: seat.reservation.audio.port)
        }

        func film(losing isLost: () -> Bool) throws {
            readFeedback()
            frame += 1
            for row in 0..<144 {
                for column in 0..<176 {
                    let value = (row * (name + 1) + column * (4 - name) + frame * 7) ^ (row * column / 64)
                    picture.y[row * picture.lumaStride + column] = UInt8(truncatingIfNeeded: value)
                }
            }
            var coded: [UInt8] = []
            try encoder.encode(
                picture.view, timestampMicroseconds: Int64(frame) * 40_000, durationMicroseconds: 40_000,
                forceKeyframe: keyframeWanted
            ) { coded = Array($0.bytes) }
            keyframeWanted = false
            guard !coded.isEmpty else { return }
            _ = try coded.withUnsafeBytes { try decoder.decode($0) }
            if let print = decoder.fingerprint { shown.insert(print) }
            send(coded, losing: isLost)
        }

        private func send(_ coded: [UInt8], losing isLost: () -> Bool) {
            let video = seat.video!
            number = (number + 1) & 0x7FFF
            for start in stride(from: 0, to: coded.count, by: 500) {
                let end = min(start + 500, coded.count)
                let payload =
                    [start == 0 ? 0x90 : 0x80, 0x80, 0x80 | UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
                    + coded[start..<end]
                let isLast = end == coded.count
                sent[video.sequence] = (payload, isLast, video.timestamp)
                let packet = video.packet(payload, marker: isLast, advancing: isLast ? 3_600 : 0)
                if !isLost() { video.sendRaw(packet, to: seat.reservation.video!.port) }
            }
        }

        private func readFeedback() {
            let video = seat.video!
            for message in video.rtcpMessages[messagesSeen...] {
                switch message {
                case .pictureLossIndication:
                    keyframeRequests += 1
                    keyframeWanted = true
                case .genericNACK(_, _, let first, let following):
                    for step in [0] + (0..<16).filter({ following & 1 << $0 != 0 }).map({ $0 + 1 }) {
                        let missed = first &+ UInt16(step)
                        guard let old = sent[missed] else { continue }
                        let packet = video.packet(
                            old.payload, marker: old.marker, video.payloadType, missed, old.timestamp, video.ssrc)
                        video.sendRaw(packet, to: seat.reservation.video!.port)
                    }
                default: break
                }
            }
            messagesSeen = video.rtcpMessages.count
        }

        /// What this seat's own decoder shows of what it was sent: fingerprints of whole frames, in order, and how many
        /// frames were not to be had whole.
        func watched() throws -> (pictures: [Int], broken: Int) {
            var depacketizer = VP8Depacketizer()
            let decoder = try VPXDecoder(.vp8)
            let packets = seat.video!.received.sorted {
                Int16(bitPattern: $0.info.sequenceNumber &- $1.info.sequenceNumber) < 0
            }
            var pictures: [Int] = []
            var broken = 0
            for packet in packets {
                let output = packet.payload.withUnsafeBytes {
                    depacketizer.push(
                        $0, sequenceNumber: packet.info.sequenceNumber, timestamp: packet.info.timestamp,
                        marker: packet.info.marker)
                }
                broken += output.droppedFrames
                guard let frame = output.frame else { continue }
                _ = try frame.bytes.withUnsafeBytes { try decoder.decode($0) }
                if let print = decoder.fingerprint { pictures.append(print) }
            }
            return (pictures, broken)
        }
    }

    private func cameras(_ count: Int, in room: TestRoom) async throws -> [Camera] {
        var cameras: [Camera] = []
        for name in 0..<count {
            let seat = try await room.join(
                audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM),
                video: TestEndpoint(.vp8, payloadType: 100, suite: .aeadAES128GCM))
            cameras.append(try Camera(seat, name: name))
        }
        return cameras
    }

    @Test(arguments: [0, 5]) func whoeverSpeaksEveryPictureShownIsOneThatWasFilmed(lossPercent: Int) async throws {
        let room = try TestRoom()
        let cameras = try await cameras(3, in: room)
        var random = SystemRandomNumberGenerator()
        try room.pace(frames: 500) { frame in
            if frame.isMultiple(of: 2) {
                for camera in cameras {
                    try camera.film {
                        (50..<420).contains(frame) && Int.random(in: 0..<100, using: &random) < lossPercent
                    }
                }
            }
            try cameras[frame / 100 % 3].speak()
        }
        let everything = cameras.map(\.shown)
        for (index, camera) in cameras.enumerated() {
            let (pictures, broken) = try camera.watched()
            // Where the source changes, the last frame of the one before may end early; no decoder shows it.
            #expect(broken <= (lossPercent == 0 ? 0 : 5), "camera \(index) was shown \(broken) broken frames")
            #expect(pictures.count > 150, "camera \(index) was shown \(pictures.count) pictures")
            let others = everything.indices.filter { $0 != index }
            let strange = pictures.filter { print in !others.contains { everything[$0].contains(print) } }
            #expect(strange.isEmpty, "camera \(index) was shown \(strange.count) pictures that nobody filmed")
            for other in others {
                #expect(pictures.contains { everything[other].contains($0) }, "\(index) never saw \(other)")
            }
        }
    }

    /// The measure itself: a decoder that missed a frame shows what nobody filmed.
    @Test func aFrameWithoutItsReferenceIsTold() async throws {
        let room = try TestRoom()
        let camera = try await cameras(1, in: room)[0]
        let encoder = try VPXEncoder(
            .vp8, VPXEncoderConfiguration(width: 176, height: 144, rate: .bitrate(400_000), keyframeInterval: 100_000))
        let picture = try I420Picture(width: 176, height: 144)
        let (whole, broken) = (try VPXDecoder(.vp8), try VPXDecoder(.vp8))
        for frame in 0..<10 {
            for row in 0..<144 {
                for column in 0..<176 {
                    picture.y[row * picture.lumaStride + column] = UInt8(truncatingIfNeeded: row * column + frame * 9)
                }
            }
            try encoder.encode(
                picture.view, timestampMicroseconds: Int64(frame) * 40_000, durationMicroseconds: 40_000
            ) { coded in
                _ = try? whole.decode(coded.bytes)
                if frame != 5 { _ = try? broken.decode(coded.bytes) }
            }
            if frame != 5 { #expect((whole.fingerprint == broken.fingerprint) == (frame < 5)) }
        }
        #expect(camera.shown.isEmpty)
    }
}

extension VideoDecoder {
    /// Tells the newest picture from any other.
    var fingerprint: Int? {
        withPicture { view in
            var hasher = Hasher()
            for row in 0..<view.height {
                hasher.combine(bytes: UnsafeRawBufferPointer(start: view.y + row * view.lumaStride, count: view.width))
            }
            for row in 0..<view.height / 2 {
                for plane in [view.u, view.v] {
                    hasher.combine(
                        bytes: UnsafeRawBufferPointer(start: plane + row * view.chromaStride, count: view.width / 2))
                }
            }
            return hasher.finalize()
        }
    }
}
