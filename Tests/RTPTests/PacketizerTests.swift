import Testing

@testable import RTP

@Suite struct PacketizerTests {
    @Test func vp8FramesComeOutAsTheyWentIn() {
        var random = SystemRandomNumberGenerator()
        var packetizer = VP8Packetizer(longestPayload: 100, firstPictureID: 0x7FFE)
        var depacketizer = VP8Depacketizer()
        var sequence: UInt16 = 65_530
        var ids: [UInt16] = []
        for number in 0..<200 {
            var frame = (0..<Int.random(in: 10...1_000, using: &random)).map { _ in UInt8.random(in: 0 ... .max) }
            frame.replaceSubrange(0..<10, with: [number == 0 ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0])
            var out: [UInt8]?
            frame.withUnsafeBytes {
                packetizer.packetize($0) { payload, isLast in
                    #expect(payload.count <= 100)
                    if out == nil, let id = VP8PayloadDescriptor(parsing: payload)?.pictureID, ids.last != id {
                        ids.append(id)
                    }
                    let output = depacketizer.push(
                        payload, sequenceNumber: sequence, timestamp: UInt32(number) &* 3_000, marker: isLast)
                    #expect(output.droppedFrames == 0)
                    if isLast { out = output.frame?.bytes }
                    sequence &+= 1
                }
            }
            #expect(out == frame)
        }
        #expect(ids == (0..<200).map { (0x7FFE &+ UInt16($0)) & 0x7FFF })
    }

    @Test func h264UnitsComeOutOneByOne() {
        let units: [[UInt8]] = [[0x67, 66, 0, 30, 1], [0x68, 0xCE, 6], [0x65, 0x88, 0, 0, 3, 1, 9]]
        for prefix in [[0, 0, 0, 1], [0, 0, 1]] as [[UInt8]] {
            var got: [[UInt8]] = []
            var lasts: [Bool] = []
            let isWhole = units.flatMap { prefix + $0 }.withUnsafeBytes {
                H264Packetizer.packetize($0, longestPayload: 7) {
                    got.append(Array($0))
                    lasts.append($1)
                }
            }
            #expect(isWhole)
            #expect(got == units)
            #expect(lasts == [false, false, true])
        }
    }

    @Test func h264UnitsThatDoNotFitAreNotSent() {
        var calls = 0
        let bytes: [UInt8] = [0, 0, 1, 0x65] + [UInt8](repeating: 7, count: 50)
        #expect(!bytes.withUnsafeBytes { H264Packetizer.packetize($0, longestPayload: 50) { _, _ in calls += 1 } })
        #expect(![UInt8]().withUnsafeBytes { H264Packetizer.packetize($0, longestPayload: 50) { _, _ in calls += 1 } })
        #expect(calls == 0)
    }
}
