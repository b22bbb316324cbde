import RTP
import Testing

private func descriptor(_ bytes: [UInt8]) -> VP8PayloadDescriptor? {
    bytes.withUnsafeBytes { VP8PayloadDescriptor(parsing: $0) }
}

@Suite struct VP8Tests {
    static let keyframe: [UInt8] = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x60, 0x01, 0x20, 0x41] + Array(0..<200)
    static let interframe: [UInt8] = [0x31, 0x02, 0x00] + Array(repeating: 7, count: 50)

    /// Cuts a frame into packets of at most `size` octets, with a 15-bit picture id.
    static func packets(_ frame: [UInt8], size: Int, picture: UInt16) -> [(payload: [UInt8], marker: Bool)] {
        stride(from: 0, to: frame.count, by: size).map { start in
            let end = min(frame.count, start + size)
            let head: [UInt8] = [
                start == 0 ? 0x90 : 0x80, 0x80, UInt8(0x80 | picture >> 8), UInt8(truncatingIfNeeded: picture),
            ]
            return (head + frame[start..<end], end == frame.count)
        }
    }

    @Test func readsEveryFieldOfTheDescriptor() throws {
        let full = try #require(descriptor([0xb3, 0xf0, 0x92, 0x34, 0x56, 0xbf, 0]))
        #expect(full.length == 6 && full.startsPartition && full.partitionIndex == 3 && full.isNonReference)
        #expect(full.pictureID == 0x1234 && full.pictureIDBits == 15 && full.tl0PictureIndex == 0x56)
        #expect(full.temporalLayer == 2 && full.layerSync && full.keyIndex == 31)
        let short = try #require(descriptor([0x90, 0x80, 0x7f, 0]))
        #expect(short.pictureID == 127 && short.pictureIDBits == 7 && short.length == 3 && short.startsFrame)
        #expect(descriptor([0x10, 1])?.length == 1)
        for truncated in [[], [0x80], [0x80, 0x80], [0x80, 0x80, 0x80], [0x80, 0x40], [0x80, 0x10]] as [[UInt8]] {
            #expect(descriptor(truncated) == nil)
        }
    }

    @Test func rewritesIdsInTheirWidth() throws {
        var bytes: [UInt8] = [0x90, 0xc0, 0x92, 0x34, 0x56, 0xaa]
        let long = try #require(descriptor(bytes))
        bytes.withUnsafeMutableBytes { long.rewrite($0.baseAddress!, pictureID: 0x7fff, tl0PictureIndex: 9) }
        #expect(bytes == [0x90, 0xc0, 0xff, 0xff, 9, 0xaa])
        var short: [UInt8] = [0x90, 0x80, 0x05, 0xaa]
        let parsed = try #require(descriptor(short))
        short.withUnsafeMutableBytes { parsed.rewrite($0.baseAddress!, pictureID: 0x1ff, tl0PictureIndex: 9) }
        #expect(short == [0x90, 0x80, 0x7f, 0xaa])
    }

    @Test func tellsKeyframesAndTheirSize() {
        let header = Self.keyframe.withUnsafeBytes { VP8FrameHeader(parsing: $0) }
        #expect(header?.isKeyframe == true && header?.width == 352 && header?.height == 288)
        let packets = Self.packets(Self.keyframe, size: 100, picture: 1)
        #expect(packets[0].payload.withUnsafeBytes { VP8FrameHeader.beginsKeyframe($0) })
        #expect(!packets[1].payload.withUnsafeBytes { VP8FrameHeader.beginsKeyframe($0) })
        let inter = Self.packets(Self.interframe, size: 100, picture: 2)
        #expect(!inter[0].payload.withUnsafeBytes { VP8FrameHeader.beginsKeyframe($0) })
    }

    @Test func assemblesFramesAndReportsWhatIsMissing() {
        var depacketizer = VP8Depacketizer()
        var sequence: UInt16 = 65_533
        var frames: [VideoFrame] = []
        var dropped = 0
        let send = { (frame: [UInt8], timestamp: UInt32, losing: Int?) in
            for (index, packet) in Self.packets(frame, size: 60, picture: 1).enumerated() {
                defer { sequence &+= 1 }
                if index == losing { continue }
                let output = packet.payload.withUnsafeBytes {
                    depacketizer.push($0, sequenceNumber: sequence, timestamp: timestamp, marker: packet.marker)
                }
                dropped += output.droppedFrames
                if let frame = output.frame { frames.append(frame) }
            }
        }
        send(Self.keyframe, 1000, nil)
        send(Self.interframe, 4000, nil)
        send(Self.keyframe, 7000, 1)
        send(Self.interframe, 10_000, nil)
        send(Self.keyframe, 13_000, 3)
        send(Self.interframe, 16_000, nil)
        send(Self.keyframe, 19_000, nil)
        #expect(dropped == 2)
        #expect(frames.map(\.rtpTimestamp) == [1000, 4000, 10_000, 16_000, 19_000])
        #expect(frames.map(\.isKeyframe) == [true, false, false, false, true])
        #expect(frames.map(\.followsLoss) == [false, false, true, true, false])
        #expect(frames[0].bytes == Self.keyframe && frames[0].width == 352 && frames[1].bytes == Self.interframe)
    }

    @Test func framesAreBounded() {
        var depacketizer = VP8Depacketizer(maximumFrameSize: 150)
        var dropped = 0
        for (index, packet) in Self.packets(Self.keyframe, size: 60, picture: 1).enumerated() {
            let output = packet.payload.withUnsafeBytes {
                depacketizer.push($0, sequenceNumber: UInt16(index), timestamp: 1, marker: packet.marker)
            }
            #expect(output.frame == nil)
            dropped += output.droppedFrames
        }
        #expect(dropped == 1)
    }

    @Test func randomPayloadsNeverTrap() {
        var generator = SeededGenerator(seed: 4)
        var depacketizer = VP8Depacketizer(maximumFrameSize: 500)
        for index in 0..<50_000 {
            var bytes = generator.bytes(Int.random(in: 0...40, using: &generator))
            if let parsed = descriptor(bytes) {
                #expect(parsed.length <= bytes.count)
                bytes.withUnsafeMutableBytes { parsed.rewrite($0.baseAddress!, pictureID: 77, tl0PictureIndex: 1) }
                #expect(descriptor(bytes)?.length == parsed.length)
            }
            bytes.withUnsafeBytes {
                _ = depacketizer.push(
                    $0, sequenceNumber: UInt16(truncatingIfNeeded: index + Int.random(in: -2...2, using: &generator)),
                    timestamp: UInt32(index / 3), marker: Bool.random(using: &generator))
            }
        }
    }
}
