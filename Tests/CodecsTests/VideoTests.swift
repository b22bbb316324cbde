import Codecs
import Foundation
import Testing

@Suite struct VideoTests {
    /// A moving picture: a bright square on a slope.
    static func picture(_ index: Int, width: Int = 320, height: Int = 180) throws -> I420Picture {
        let picture = try I420Picture(width: width, height: height)
        for band in 0..<8 {
            picture.fill(
                PictureRectangle(x: band * width / 8, y: 0, width: width / 8, height: height),
                with: YUVColor(y: UInt8(40 + band * 20), u: UInt8(100 + band * 6), v: 128))
        }
        picture.fill(
            PictureRectangle(x: index * 6 % (width - 40), y: 60, width: 40, height: 40),
            with: YUVColor(y: 235, u: 90, v: 200))
        return picture
    }

    static func packets(_ codec: VPXCodec, count: Int = 20, width: Int = 320, height: Int = 180) throws -> [[UInt8]] {
        let encoder = try VPXEncoder(
            codec, VPXEncoderConfiguration(width: width, height: height, rate: .bitrate(500_000)))
        var packets: [[UInt8]] = []
        for index in 0..<count {
            try encoder.encode(
                picture(index, width: width, height: height).view, timestampMicroseconds: Int64(index) * 40_000,
                durationMicroseconds: 40_000
            ) { packets.append(Array($0.bytes)) }
        }
        try encoder.finish { packets.append(Array($0.bytes)) }
        return packets
    }

    /// The mean square error of luma as a peak signal-to-noise ratio in dB.
    static func peakSignalToNoise(_ a: I420View, _ b: I420View) -> Double {
        guard a.width == b.width, a.height == b.height else { return 0 }
        var error = 0.0
        for row in 0..<a.height {
            for column in 0..<a.width {
                let difference = Double(a.y[row * a.lumaStride + column]) - Double(b.y[row * b.lumaStride + column])
                error += difference * difference
            }
        }
        return 10 * log10(255 * 255 / max(1e-9, error / Double(a.width * a.height)))
    }

    @Test(arguments: [VPXCodec.vp8, .vp9]) func picturesComeBackLikeThemselves(codec: VPXCodec) throws {
        let packets = try Self.packets(codec)
        #expect(packets.count == 20)
        let decoder = try VPXDecoder(codec)
        for (index, packet) in packets.enumerated() {
            #expect(try packet.withUnsafeBytes { try decoder.decode($0) })
            let original = try Self.picture(index)
            let ratio = try #require(decoder.withPicture { Self.peakSignalToNoise($0, original.view) })
            #expect(ratio > 28)
            #expect(packet.withUnsafeBytes { VPXDecoder.isKeyframe($0, codec) } == (index == 0))
        }
    }

    @Test(arguments: [VPXCodec.vp8, .vp9]) func resolutionMayChangeAtAKeyframe(codec: VPXCodec) throws {
        let decoder = try VPXDecoder(codec)
        for (width, height) in [(320, 180), (640, 360), (160, 90)] {
            for packet in try Self.packets(codec, count: 3, width: width, height: height) {
                #expect(try packet.withUnsafeBytes { try decoder.decode($0) })
                #expect(decoder.withPicture { [$0.width, $0.height] } == [width, height])
            }
        }
    }

    @Test func keyframesComeWhenForced() throws {
        let encoder = try VPXEncoder(
            .vp9, VPXEncoderConfiguration(width: 320, height: 180, rate: .quality(32, ceiling: 800_000), threads: 2))
        var keys: [Bool] = []
        for index in 0..<6 {
            try encoder.encode(
                Self.picture(index).view, timestampMicroseconds: Int64(index) * 40_000, durationMicroseconds: 40_000,
                forceKeyframe: index == 4
            ) { keys.append($0.isKeyframe) }
        }
        #expect(keys == [true, false, false, false, true, false])
    }

    @Test func lookaheadGivesEveryPictureInTheEnd() throws {
        let encoder = try VPXEncoder(
            .vp9,
            VPXEncoderConfiguration(
                width: 160, height: 90, rate: .quality(40, ceiling: 300_000), effort: .good(speed: 5, lag: 8)))
        var stamps: [Int64] = []
        for index in 0..<20 {
            try encoder.encode(
                Self.picture(index, width: 160, height: 90).view, timestampMicroseconds: Int64(index) * 40_000,
                durationMicroseconds: 40_000
            ) { stamps.append($0.timestampMicroseconds) }
        }
        try encoder.finish { stamps.append($0.timestampMicroseconds) }
        #expect(stamps == (0..<20).map { $0 * 40_000 })
    }

    @Test func oversizePicturesAreRefusedBeforeTheyAreDecoded() throws {
        // A VP8 keyframe header that announces 16,383 × 16,383.
        let header: [UInt8] = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F, 0, 0, 0, 0]
        let decoder = try VPXDecoder(.vp8)
        #expect(throws: CodecError.tooLarge(codec: "VP8", reason: "pictures of 16383 × 16383")) {
            try header.withUnsafeBytes { try decoder.decode($0) }
        }
        #expect(throws: CodecError.self) { try I420Picture(width: 5_000, height: 100) }
        #expect(!I420Picture.allows(width: 4_096, height: 2_306))
        #expect(I420Picture.allows(width: 2_304, height: 4_096))
    }

    @Test(arguments: [VPXCodec.vp8, .vp9]) func hostilePacketsNeverTrap(codec: VPXCodec) throws {
        let valid = try Self.packets(codec)
        var generator = SeededGenerator(seed: 5)
        let decoder = try VPXDecoder(codec)
        for round in 0..<1_500 {
            let packet =
                switch round % 4 {
                case 0: generator.bytes(Int.random(in: 0...400, using: &generator))
                case 1: valid[0]
                default: generator.mutated(valid[round % valid.count])
                }
            if (try? packet.withUnsafeBytes({ try decoder.decode($0) })) == true {
                #expect(decoder.withPicture { I420Picture.allows(width: $0.width, height: $0.height) } == true)
            }
        }
        // And it still decodes what is sound.
        #expect(try valid[0].withUnsafeBytes { try decoder.decode($0) })
    }

    @Test(.enabled(if: ExternalTool.hasFFmpeg), arguments: ["baseline", "main", "high"])
    func h264OfFFmpegDecodesPictureByPicture(profile: String) throws {
        let stream = try H264Stream.made(profile: profile)
        let decoder = try H264Decoder()
        var shown = 0
        for unit in stream.accessUnits {
            #expect(try unit.withUnsafeBytes { try decoder.decode($0) })
            shown += 1
            #expect(decoder.withPicture { [$0.width, $0.height] } == [320, 180])
        }
        #expect(shown == 25)
    }

    @Test(.enabled(if: ExternalTool.hasFFmpeg)) func lengthPrefixedSamplesDecodeWithTheirConfiguration() throws {
        let stream = try H264Stream.made()
        let units = stream.accessUnits.map(H264Stream.nalUnits)
        let sets = units[0].filter { [7, 8].contains($0[0] & 0x1F) }
        let record: [UInt8] =
            [1, 0x42, 0xC0, 0x0D, 0xFF, 0xE1] + H264Stream.prefixed(sets[0], 2) + [1] + H264Stream.prefixed(sets[1], 2)
        let decoder = try H264Decoder(configuration: record.withUnsafeBytes { try AVCConfiguration(parsing: $0) })
        var shown = 0
        for unit in units {
            let sample = unit.filter { ![7, 8].contains($0[0] & 0x1F) }.flatMap { H264Stream.prefixed($0, 4) }
            if try sample.withUnsafeBytes({ try decoder.decode($0) }) { shown += 1 }
        }
        #expect(shown == 25)
    }

    @Test(.enabled(if: ExternalTool.hasFFmpeg)) func hostileH264NeverTraps() throws {
        let stream = try H264Stream.made()
        var generator = SeededGenerator(seed: 6)
        let decoder = try H264Decoder()
        for round in 0..<1_500 {
            let unit = stream.accessUnits[round % stream.accessUnits.count]
            let packet =
                round % 4 == 0 ? generator.bytes(Int.random(in: 0...400, using: &generator)) : generator.mutated(unit)
            _ = try? packet.withUnsafeBytes { try decoder.decode($0) }
        }
        for _ in 0..<500 {
            let bytes = [1] + generator.bytes(Int.random(in: 0...40, using: &generator))
            guard let configuration = try? bytes.withUnsafeBytes({ try AVCConfiguration(parsing: $0) }) else {
                continue
            }
            var output: [UInt8] = []
            try? generator.bytes(60).withUnsafeBytes { try configuration.convertToAnnexB($0, into: &output) }
        }
    }

    @Test func drawingStaysInsideAndBlendsByAlpha() throws {
        let canvas = try I420Picture(width: 64, height: 48)
        canvas.fill(
            PictureRectangle(x: -100, y: -100, width: 1_000, height: 1_000), with: YUVColor(y: 50, u: 128, v: 128))
        #expect((canvas.y[0], canvas.y[47 * canvas.lumaStride + 63]) == (50, 50))
        let overlay = try I420Picture(width: 16, height: 16)
        overlay.fill(overlay.bounds, with: YUVColor(y: 200, u: 128, v: 128))
        var alpha = [UInt8](repeating: 0, count: 256)
        for index in 0..<128 { alpha[index] = 255 }
        canvas.blend(overlay.view, alpha: alpha, alphaStride: 16, x: 32, y: 16)
        #expect(canvas.y[18 * canvas.lumaStride + 36] >= 198)
        #expect(canvas.y[30 * canvas.lumaStride + 36] == 50)
        canvas.blend(overlay.view, alpha: alpha, alphaStride: 16, x: 60, y: 16)
        canvas.draw(overlay.view, in: PictureRectangle(x: 60, y: 0, width: 20, height: 20))
        #expect(canvas.y[10 * canvas.lumaStride + 62] == 50)
        canvas.draw(overlay.view, in: PictureRectangle(x: 0, y: 0, width: 32, height: 32))
        #expect(canvas.y[31 * canvas.lumaStride + 31] == 200)
        canvas.stroke(canvas.bounds, thickness: 4, with: YUVColor(y: 90, u: 128, v: 128))
        #expect((canvas.y[2], canvas.y[20 * canvas.lumaStride + 62]) == (90, 90))
    }

    @Test func whatLiesAroundAPictureIsPaintedAndThePictureIsNot() throws {
        let outer = PictureRectangle(x: 8, y: 4, width: 40, height: 30)
        for inner in [
            PictureRectangle(x: 16, y: 10, width: 20, height: 12), outer,
            PictureRectangle(x: 8, y: 10, width: 40, height: 12), PictureRectangle(x: 16, y: 4, width: 20, height: 30),
        ] {
            let canvas = try I420Picture(width: 64, height: 48)
            canvas.fill(outer, around: inner, with: YUVColor(y: 200, u: 90, v: 90))
            for y in 0..<48 {
                for x in 0..<64 {
                    func isIn(_ r: PictureRectangle) -> Bool {
                        (r.x..<r.x + r.width).contains(x) && (r.y..<r.y + r.height).contains(y)
                    }
                    let wanted: UInt8 = isIn(outer) && !isIn(inner) ? 200 : 16
                    guard canvas.y[y * canvas.lumaStride + x] == wanted else {
                        Issue.record("(\(x), \(y)) with \(inner)")
                        return
                    }
                }
            }
        }
    }

    @Test func picturesFitWithTheirProportions() {
        let tile = PictureRectangle(x: 10, y: 20, width: 400, height: 300)
        #expect(tile.fitting(width: 1_280, height: 720) == PictureRectangle(x: 10, y: 58, width: 400, height: 224))
        #expect(tile.fitting(width: 720, height: 1_280) == PictureRectangle(x: 126, y: 20, width: 168, height: 300))
    }
}

/// An H.264 stream that ffmpeg made, cut at its access unit delimiters.
private struct H264Stream {
    var accessUnits: [[UInt8]]

    static func made(profile: String = "high") throws -> H264Stream {
        let bytes = try ExternalTool.ffmpeg(
            [
                "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1", "-c:v", "libx264", "-profile:v",
                profile,
                "-pix_fmt", "yuv420p", "-x264-params", "aud=1:bframes=0", "-f", "h264", "OUT",
            ])
        var units: [[UInt8]] = []
        for unit in nalUnits(Array(bytes)) {
            if unit[0] & 0x1F == 9 { units.append([]) }
            guard !units.isEmpty else { continue }
            units[units.count - 1] += [0, 0, 0, 1] + unit
        }
        return H264Stream(accessUnits: units)
    }

    /// What lies between start codes (H.264 Annex B).
    static func nalUnits(_ bytes: [UInt8]) -> [[UInt8]] {
        var units: [[UInt8]] = []
        var start: Int?
        var index = 0
        while index + 2 < bytes.count {
            if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                if let start { units.append(trimmed(bytes[start..<index])) }
                start = index + 3
                index += 3
            } else {
                index += 1
            }
        }
        if let start { units.append(trimmed(bytes[start...])) }
        return units.filter { !$0.isEmpty }
    }

    private static func trimmed(_ unit: ArraySlice<UInt8>) -> [UInt8] {
        Array(unit.prefix(unit.count - unit.reversed().prefix { $0 == 0 }.count))
    }

    static func prefixed(_ unit: [UInt8], _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: unit.count >> ($0 * 8)) } + unit
    }
}

@Suite struct H264EncodingTests {
    @Test func noUnitIsLongerThanAskedForAndPicturesComeBack() throws {
        let configuration = H264EncoderConfiguration(
            width: 640, height: 360, bitsPerSecond: 2_000_000, frameRate: 15, longestUnit: 900)
        let encoder = try H264Encoder(configuration)
        let decoder = try H264Decoder()
        let picture = try I420Picture(width: 640, height: 360)
        var random = SystemRandomNumberGenerator()
        var keyframes: [Int] = []
        for number in 0..<20 {
            picture.fill(picture.bounds, with: YUVColor(y: UInt8(60 + number * 5), u: 90, v: 160))
            for row in 0..<120 {
                for column in 0..<640 {
                    picture.y[row * picture.lumaStride + column] = .random(in: 16...235, using: &random)
                }
            }
            var coded: [UInt8] = []
            try encoder.encode(
                picture.view, timestampMicroseconds: Int64(number) * 66_667, durationMicroseconds: 66_667,
                forceKeyframe: number == 10
            ) {
                coded = Array($0.bytes)
                if $0.isKeyframe { keyframes.append(number) }
            }
            // Left out for the rate.
            guard !coded.isEmpty else { continue }
            #expect(H264Stream.nalUnits(coded).allSatisfy { $0.count <= 900 })
            #expect(try coded.withUnsafeBytes { try decoder.decode($0) })
            let luma = decoder.withPicture { Int($0.y[300 * $0.lumaStride + 320]) }
            #expect(abs(try #require(luma) - (60 + number * 5)) < 12)
        }
        #expect(keyframes.first == 0)
        #expect(keyframes.count == 2)
    }
}
