import RTP
import Testing

private func parse(_ bytes: [UInt8]) throws(RTPMalformed) -> RTPPacketInfo {
    let result = bytes.withUnsafeBytes { buffer -> Result<RTPPacketInfo, RTPMalformed> in
        do throws(RTPMalformed) { return .success(try RTPPacketInfo(parsing: buffer)) } catch { return .failure(error) }
    }
    return try result.get()
}

@Suite struct RTPHeaderTests {
    /// Two contributors, a one-byte extension with elements 1 (one octet) and 3 (two octets), padding of 4.
    static let packet: [UInt8] = [
        0xb2, 0xe0, 0x12, 0x34, 0, 0, 0x10, 0x01, 0xde, 0xad, 0xbe, 0xef,
        0, 0, 0, 1, 0, 0, 0, 2,
        0xbe, 0xde, 0, 2, 0x10, 0x55, 0x31, 0xaa, 0xbb, 0, 0, 0,
        1, 2, 3, 4, 5, 0, 0, 0, 4,
    ]

    @Test func readsEveryField() throws {
        let info = try parse(Self.packet)
        #expect(info.marker && info.payloadType == 96 && info.sequenceNumber == 0x1234)
        #expect(info.timestamp == 0x1001 && info.ssrc == 0xdead_beef && info.contributorCount == 2)
        #expect(info.payloadRange == 32..<37 && info.paddingLength == 4)
        Self.packet.withUnsafeBytes { bytes in
            #expect(info.payload(of: bytes).elementsEqual([1, 2, 3, 4, 5]))
            #expect(info.headerExtension(1, of: bytes)?.elementsEqual([0x55]) == true)
            #expect(info.headerExtension(3, of: bytes)?.elementsEqual([0xaa, 0xbb]) == true)
            #expect(info.headerExtension(2, of: bytes) == nil)
        }
    }

    @Test func viewAgreesWithInfo() throws {
        let bytes = Self.packet
        let header = try RTPHeader(parsing: bytes.span.bytes)
        #expect(header.version == 2 && header.hasPadding && header.hasExtension)
        #expect(header.contributor(1) == 2 && header.contributor(2) == nil && header.contributor(-1) == nil)
        #expect(header.payload.byteCount == 5)
        #expect(header.headerExtensionRange(3) == 27..<29)
    }

    @Test func readsTwoByteExtensions() throws {
        var bytes: [UInt8] = [0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]
        bytes += [0x10, 0x00, 0, 2, 0, 20, 3, 7, 8, 9, 21, 0]
        let info = try parse(bytes)
        bytes.withUnsafeBytes {
            #expect(info.headerExtension(20, of: $0)?.elementsEqual([7, 8, 9]) == true)
            #expect(info.headerExtension(21, of: $0)?.isEmpty == true)
        }
        #expect(info.payloadLength == 0)
    }

    @Test(arguments: [
        ([UInt8](repeating: 0x80, count: 11), RTPMalformed.shorterThanHeader),
        ([UInt8](repeating: 0x40, count: 12), .notVersion2),
        ([0x81] + [UInt8](repeating: 0, count: 14), .contributorsPastEnd),
        ([0x90] + [UInt8](repeating: 0, count: 13), .extensionPastEnd),
        ([0x90] + [UInt8](repeating: 0, count: 13) + [0, 1, 0, 0, 0], .extensionPastEnd),
        ([0xa0] + [UInt8](repeating: 0, count: 12), .paddingPastEnd),
        ([0xa0] + [UInt8](repeating: 0, count: 11), .paddingPastEnd),
        ([0xa0] + [UInt8](repeating: 0, count: 11) + [2], .paddingPastEnd),
    ])
    func refusesMalformed(bytes: [UInt8], error: RTPMalformed) {
        #expect(throws: error) { try parse(bytes) }
    }

    @Test func randomBytesNeverTrapAndStayInside() {
        var generator = SeededGenerator(seed: 1)
        var accepted = 0
        for _ in 0..<50_000 {
            var bytes = generator.bytes(Int.random(in: 0...60, using: &generator))
            if !bytes.isEmpty { bytes[0] = bytes[0] & 0x3f | 0x80 }
            guard let info = try? parse(bytes) else { continue }
            accepted += 1
            #expect(info.payloadRange.upperBound + Int(info.paddingLength) == bytes.count)
            bytes.withUnsafeBytes { for id in UInt8(0)...20 { _ = info.headerExtension(id, of: $0) } }
        }
        #expect(accepted > 1000)
    }

    @Test func rewritesInPlace() throws {
        var bytes = Self.packet
        bytes.withUnsafeMutableBytes {
            RTPHeaderWriter.rewrite($0.baseAddress!, payloadType: 100, sequenceNumber: 7, timestamp: 8, ssrc: 9)
        }
        let info = try parse(bytes)
        #expect(info.marker && info.payloadType == 100 && info.sequenceNumber == 7)
        #expect(info.timestamp == 8 && info.ssrc == 9 && info.contributorCount == 2)
        #expect(bytes[12...] == Self.packet[12...])
    }

    @Test(
        arguments: [
            ([0x00, 0x01], PacketKind.stun), ([20, 254], .dtls), ([63, 0], .dtls), ([64, 0], .turnChannel),
            ([16, 0], .zrtp),
            ([0x80, 0], .rtp), ([0x80, 0xe0], .rtp), ([0x80, 200], .rtcp), ([0x81, 192], .rtcp), ([0xbf, 223], .rtcp),
            ([0x80, 224], .rtp), ([0xc0, 0], .unknown), ([0x80], .unknown), ([], .unknown),
        ] as [([UInt8], PacketKind)])
    func tellsPacketsApart(bytes: [UInt8], kind: PacketKind) {
        #expect(bytes.withUnsafeBytes { PacketKind(of: $0) } == kind)
    }
}
