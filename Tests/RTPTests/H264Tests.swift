import RTP
import Testing

private func bytes(_ hexadecimal: String) -> [UInt8] {
    hexadecimal.split(separator: " ").compactMap { UInt8($0, radix: 16) }
}

@Suite struct H264Tests {
    /// Written by x264 (ffmpeg 5.1): baseline, High, High cropped on both sides, High 4:4:4 and High interlaced.
    static let parameterSets: [(String, Int, Int)] = [
        ("67 42 c0 0d d9 01 60 96 c0 44 00 00 03 00 04 00 00 03 00 c8 3c 50 a9 20", 352, 288),
        ("67 64 00 28 ac d9 40 78 02 27 e5 c0 44 00 00 03 00 04 00 00 03 00 c8 3c 60 c6 58", 1920, 1080),
        ("67 64 00 20 ac d9 40 56 06 1e 6f 01 10 00 00 03 00 10 00 00 03 03 20 f1 83 19 60", 1366, 768),
        ("67 f4 00 1e 91 9b 28 14 85 fc 7c f8 08 80 00 00 03 00 80 00 00 19 07 8b 16 cb", 642, 362),
        ("67 64 00 28 ac d9 40 78 04 4f de 02 20 00 00 03 00 20 00 00 06 43 e2 c5 b2 c0", 1920, 1080),
    ]
    static let sps = bytes(parameterSets[0].0)
    static let pps = bytes("68 cb 83 cb 20")
    static let idr: [UInt8] = [0x65] + (0..<500).map { UInt8(truncatingIfNeeded: $0) }
    static let slice: [UInt8] = [0x41] + Array(repeating: 9, count: 30)

    static func fragments(_ unit: [UInt8], size: Int) -> [[UInt8]] {
        let body = Array(unit.dropFirst())
        return stride(from: 0, to: body.count, by: size).map { start in
            let end = min(body.count, start + size)
            let head = unit[0] & 0x1f | (start == 0 ? 0x80 : 0) | (end == body.count ? 0x40 : 0)
            return [unit[0] & 0xe0 | 28, head] + body[start..<end]
        }
    }

    static var aggregate: [UInt8] { [24, 0, UInt8(sps.count)] + sps + [0, UInt8(pps.count)] + pps }

    @Test(arguments: parameterSets) func readsPictureSize(hexadecimal: String, width: Int, height: Int) throws {
        let parameters = try #require(H264SequenceParameters(parsing: bytes(hexadecimal)))
        #expect(parameters.width == width && parameters.height == height)
    }

    @Test func parameterSetsCutShortOrDamagedNeverTrap() {
        var generator = SeededGenerator(seed: 5)
        for (text, _, _) in Self.parameterSets {
            let whole = bytes(text)
            for count in 0...whole.count { _ = H264SequenceParameters(parsing: Array(whole.prefix(count))) }
            for _ in 0..<5000 {
                var damaged = whole
                for _ in 0..<3 {
                    let index = Int.random(in: 1..<damaged.count, using: &generator)
                    damaged[index] = .random(in: 0...255, using: &generator)
                }
                if let parameters = H264SequenceParameters(parsing: damaged) {
                    #expect((1...16_384).contains(parameters.width) && (1...16_384).contains(parameters.height))
                }
            }
        }
        #expect(H264SequenceParameters(parsing: Array(Self.sps.prefix(7))) == nil)
    }

    @Test func assemblesAccessUnitsFromEveryPacketKind() throws {
        for format in [H264Depacketizer.Format.annexB, .lengthPrefixed] {
            var depacketizer = H264Depacketizer(format: format)
            let payloads = [Self.aggregate] + Self.fragments(Self.idr, size: 120)
            var frame: VideoFrame?
            for (index, payload) in payloads.enumerated() {
                let output = payload.withUnsafeBytes {
                    depacketizer.push(
                        $0, sequenceNumber: 65_534 &+ UInt16(index), timestamp: 1, marker: index == payloads.count - 1)
                }
                #expect(output.droppedFrames == 0)
                frame = output.frame ?? frame
            }
            let unit = try #require(frame)
            let prefix = { (unit: [UInt8]) -> [UInt8] in
                format == .annexB ? [0, 0, 0, 1] : [0, 0, UInt8(unit.count >> 8), UInt8(unit.count & 255)]
            }
            let expected = [Self.sps, Self.pps, Self.idr].flatMap { prefix($0) + $0 }
            #expect(unit.bytes == expected)
            #expect(unit.isKeyframe && unit.width == 352 && unit.height == 288 && !unit.followsLoss)
            #expect(depacketizer.sequenceParameters == Self.sps && depacketizer.pictureParameters == Self.pps)
        }
    }

    @Test func lossDropsOnlyTheDamagedUnitAndMarksWhatFollows() {
        var depacketizer = H264Depacketizer()
        var sequence: UInt16 = 0
        var frames: [VideoFrame] = []
        var dropped = 0
        let send = { (payloads: [[UInt8]], timestamp: UInt32, losing: Int?) in
            for (index, payload) in payloads.enumerated() {
                defer { sequence &+= 1 }
                if index == losing { continue }
                let output = payload.withUnsafeBytes {
                    depacketizer.push(
                        $0, sequenceNumber: sequence, timestamp: timestamp, marker: index == payloads.count - 1)
                }
                dropped += output.droppedFrames
                if let frame = output.frame { frames.append(frame) }
            }
        }
        let key = [Self.aggregate] + Self.fragments(Self.idr, size: 120)
        send(key, 1, nil)
        send([Self.slice], 2, nil)
        for (round, lost) in [1, 3, key.count - 1].enumerated() {
            send(key, UInt32(10 + round * 10), lost)
            send([Self.slice], UInt32(11 + round * 10), nil)
        }
        send(key, 100, nil)
        #expect(dropped == 3)
        #expect(frames.map(\.rtpTimestamp) == [1, 2, 11, 21, 31, 100])
        #expect(frames.map(\.followsLoss) == [false, false, true, true, true, false])
    }

    @Test func unitWithoutMarkerEndsAtTheNextTimestamp() {
        var depacketizer = H264Depacketizer()
        let first = Self.slice.withUnsafeBytes {
            depacketizer.push($0, sequenceNumber: 1, timestamp: 1, marker: false)
        }
        #expect(first.frame == nil)
        let second = Self.slice.withUnsafeBytes {
            depacketizer.push($0, sequenceNumber: 2, timestamp: 2, marker: false)
        }
        #expect(second.frame?.rtpTimestamp == 1)
    }

    @Test func tellsKeyframes() {
        let begins = { (payload: [UInt8]) in payload.withUnsafeBytes { H264Payload.beginsKeyframe($0) } }
        #expect(begins(Self.sps) && begins(Self.idr) && begins(Self.aggregate))
        let fragments = Self.fragments(Self.idr, size: 200)
        #expect(begins(fragments[0]) && !begins(fragments[1]))
        #expect(!begins(Self.slice) && !begins([]) && !begins([24, 0, 9, 0x65]))
    }

    @Test func writesTheDecoderConfiguration() throws {
        let record = try #require(
            H264DecoderConfiguration.record(sequenceParameters: Self.sps, pictureParameters: Self.pps))
        #expect(Array(record.prefix(8)) == [1, 0x42, 0xc0, 0x0d, 0xff, 0xe1, 0, 24])
        #expect(Array(record.suffix(8)) == [1, 0, 5] + Self.pps)
    }

    @Test func randomPayloadsNeverTrap() {
        var generator = SeededGenerator(seed: 6)
        var depacketizer = H264Depacketizer(maximumFrameSize: 400)
        for index in 0..<50_000 {
            var payload = generator.bytes(Int.random(in: 0...30, using: &generator))
            if !payload.isEmpty, Bool.random(using: &generator) {
                payload[0] = [24, 28, 0x65, 0x67, 0x7c].randomElement(using: &generator) ?? 0
            }
            payload.withUnsafeBytes {
                let output = depacketizer.push(
                    $0, sequenceNumber: UInt16(truncatingIfNeeded: index), timestamp: UInt32(index / 4),
                    marker: Int.random(in: 0..<4, using: &generator) == 0)
                #expect((output.frame?.bytes.count ?? 0) <= 400)
            }
        }
    }
}
