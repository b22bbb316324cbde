import Codecs
import RTP
import Testing

@testable import MediaPlane

/// What a studio makes of a source's packets.
@Suite struct StudioCameraTests {
    /// RTP packets of a film of so many pictures, with a keyframe each ten.
    private func film(_ codec: MediaCodec, ssrc: UInt32, pictures: Int) throws -> [[UInt8]] {
        let picture = try I420Picture(width: 176, height: 144)
        let encoder: any VideoEncoder =
            codec == .h264
            ? try H264Encoder(.init(width: 176, height: 144, bitsPerSecond: 300_000, frameRate: 25, longestUnit: 400))
            : try VPXEncoder(.vp8, .init(width: 176, height: 144, rate: .bitrate(300_000)))
        var vp8 = VP8Packetizer(longestPayload: 400, firstPictureID: 1)
        var packets: [[UInt8]] = []
        for number in 0..<pictures {
            for row in 0..<144 {
                (picture.y + row * picture.lumaStride).update(
                    repeating: UInt8(truncatingIfNeeded: row * 5 + number * 11), count: 176)
            }
            func take(_ payload: UnsafeRawBufferPointer, _ isLast: Bool) {
                var packet = [UInt8](repeating: 0, count: 12)
                packet.withUnsafeMutableBytes {
                    RTPHeaderWriter.write(
                        $0.baseAddress!, payloadType: 96, marker: isLast,
                        sequenceNumber: UInt16(truncatingIfNeeded: packets.count), timestamp: UInt32(number) * 3_600,
                        ssrc: ssrc)
                }
                packets.append(packet + Array(payload))
            }
            try encoder.encode(
                picture.view, timestampMicroseconds: Int64(number) * 40_000, durationMicroseconds: 40_000,
                forceKeyframe: number.isMultiple(of: 10)
            ) { coded in
                if codec == .h264 {
                    _ = H264Packetizer.packetize(coded.bytes, longestPayload: 1_400, take)
                } else {
                    vp8.packetize(coded.bytes, take)
                }
            }
        }
        return packets
    }

    private func feed(_ packet: [UInt8], _ codec: MediaCodec, to camera: Camera, at time: UInt64) {
        packet.withUnsafeBytes { camera.take(codec, $0, arrival: time) }
    }

    @Test(arguments: [MediaCodec.vp8, .h264]) func packetsThatChangedPlacesMakeTheSamePictures(_ codec: MediaCodec)
        throws
    {
        var packets = try film(codec, ssrc: 7, pictures: 30)
        for index in stride(from: 3, to: packets.count - 1, by: 5) { packets.swapAt(index, index + 1) }
        let camera = Camera(isSlides: false)
        for (index, packet) in packets.enumerated() { feed(packet, codec, to: camera, at: UInt64(index) * 5_000_000) }
        #expect(camera.pictureNumber >= 25)
        #expect(camera.tick(at: 1_000_000_000) == nil)
        #expect(camera.withPicture { $0.width } == 176)
    }

    @Test(arguments: [MediaCodec.vp8, .h264]) func afterALossAKeyframeIsAskedForAndHelps(_ codec: MediaCodec) throws {
        let packets = try film(codec, ssrc: 7, pictures: 20)
        let camera = Camera(isSlides: false)
        let second =
            packets.firstIndex {
                UInt32($0[4]) << 24 | UInt32($0[5]) << 16 | UInt32($0[6]) << 8 | UInt32($0[7]) >= 10 * 3_600
            } ?? 0
        var asked = 0
        for (index, packet) in packets.enumerated() where index != second / 2 {
            // Slowly, so that what is missing is given up before the next keyframe.
            let time = UInt64(index) * 300_000_000
            feed(packet, codec, to: camera, at: time)
            if camera.tick(at: time) == .keyframeWanted, index > second / 2, index < second { asked += 1 }
        }
        #expect(asked > 0)
        #expect(camera.isShowing)
        #expect(camera.tick(at: .max / 2) == nil)
    }

    /// Whatever comes, nothing ends but the picture; and the next source shows.
    @Test(arguments: [MediaCodec.vp8, .h264], [1, 2, 3, 4]) func damageCostsThePictureAlone(
        _ codec: MediaCodec, seed: Int
    ) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let camera = Camera(isSlides: seed.isMultiple(of: 2))
        let packets = try film(codec, ssrc: 7, pictures: 40)
        var time: UInt64 = 0
        for _ in 0..<20 {
            for packet in packets {
                var packet = packet
                time += 2_000_000
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    for _ in 0..<Int.random(in: 1...20, using: &random) {
                        let place = Int.random(in: 12..<packet.count, using: &random)
                        packet[place] = UInt8.random(in: 0 ... .max, using: &random)
                    }
                case 1: packet.removeLast(Int.random(in: 0...packet.count, using: &random))
                case 2: packet = (0..<Int.random(in: 0...300, using: &random)).map { _ in .random(in: 0 ... .max) }
                default: break
                }
                feed(packet, Bool.random(using: &random) ? codec : .vp8, to: camera, at: time)
                _ = camera.tick(at: time)
                camera.withPicture { #expect($0.width > 0) }
            }
        }
        for packet in try film(codec, ssrc: 8, pictures: 12) {
            time += 2_000_000
            feed(packet, codec, to: camera, at: time)
        }
        #expect(camera.withPicture { $0.width } == 176)
    }

    @Test func aPictureTooLargeForACameraIsGivenUpSoon() throws {
        let encoder = try VPXEncoder(
            .vp8, .init(width: 2_560, height: 1_440, rate: .bitrate(2_000_000), effort: .realtime(speed: 16)))
        let picture = try I420Picture(width: 2_560, height: 1_440)
        var packetizer = VP8Packetizer(longestPayload: 1_200, firstPictureID: 1)
        let camera = Camera(isSlides: false)
        var needs: [Camera.Need] = []
        var sequence: UInt16 = 0
        for number in 0..<6 {
            try encoder.encode(
                picture.view, timestampMicroseconds: Int64(number) * 40_000, durationMicroseconds: 40_000,
                forceKeyframe: true
            ) { coded in
                packetizer.packetize(coded.bytes) { payload, isLast in
                    var packet = [UInt8](repeating: 0, count: 12)
                    packet.withUnsafeMutableBytes {
                        RTPHeaderWriter.write(
                            $0.baseAddress!, payloadType: 96, marker: isLast, sequenceNumber: sequence,
                            timestamp: UInt32(number) * 3_600, ssrc: 5)
                    }
                    sequence &+= 1
                    feed(packet + Array(payload), .vp8, to: camera, at: UInt64(number) * 1_000_000)
                }
            }
            if let need = camera.tick(at: UInt64(number) * 1_000_000) { needs.append(need) }
        }
        #expect(needs.last == .undecodable)
        #expect(!camera.isDecoding)
        #expect(camera.pictureNumber == 0)
    }
}
