import RTP
import Testing

private func messages(_ bytes: [UInt8]) throws(RTCPMalformed) -> [RTCPMessage] {
    var reader = try RTCPReader(parsing: bytes.span.bytes)
    var all: [RTCPMessage] = []
    while let message = reader.next() { all.append(message) }
    return all
}

private func build(_ capacity: Int = 512, _ body: (inout RTCPBuilder) -> Void) -> [UInt8] {
    withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
        var builder = RTCPBuilder(into: buffer)
        body(&builder)
        return Array(buffer.prefix(builder.count))
    }
}

/// `#expect` cannot hold a call that changes an inout argument.
private func check(_ condition: Bool, _ location: SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: location)
}

@Suite struct RTCPTests {
    static let block = RTCPReportBlock(
        ssrc: 0x1111_2222, fractionLost: 26, cumulativeLost: -3, extendedHighestSequence: 0x0002_1234, jitter: 77,
        lastSenderReport: 0xaabb_ccdd, delaySinceLastSenderReport: 65_536)
    static let info = RTCPSenderInfo(
        ssrc: 5, ntp: NTPTime(rawValue: 0x0102_0304_0506_0708), rtpTimestamp: 9, packetCount: 10, octetCount: 11)

    @Test func whatIsBuiltIsReadBack() throws {
        let bytes = build {
            check($0.senderReport(Self.info))
            check($0.addReportBlock(Self.block))
            check($0.addReportBlock(RTCPReportBlock(ssrc: 3)))
            check($0.canonicalName(ssrc: 5, "điểm-cầu@causeway"))
            check($0.request(.pictureLossIndication, sender: 5, media: 6))
            check($0.request(.fullIntraRequest(sequenceNumber: 9), sender: 5, media: 6))
            check($0.genericNACK(sender: 5, media: 6, lost: [65_535, 0, 15]))
            check($0.bye(ssrc: 5, reason: "meeting closed"))
        }
        #expect(bytes.count % 4 == 0)
        let all = try messages(bytes)
        #expect(all.count == 8)
        #expect(all[0] == .senderReport(Self.info))
        #expect(all[1] == .reportBlock(reporter: 5, Self.block))
        guard case .canonicalName(5, let range) = all[3] else {
            Issue.record("no CNAME")
            return
        }
        #expect(String(decoding: bytes[range], as: UTF8.self) == "điểm-cầu@causeway")
        #expect(all[4] == .pictureLossIndication(sender: 5, media: 6))
        #expect(all[5] == .fullIntraRequest(sender: 5, media: 6, sequenceNumber: 9))
        #expect(all[6] == .genericNACK(sender: 5, media: 6, packetID: 65_535, followingLost: 0x8001))
        #expect(all[7] == .bye(ssrc: 5))
    }

    @Test func extendedReportsAreReadBack() throws {
        let delay = RTCPReferenceDelay(ssrc: 7, lastReference: 0x0304_0506, delaySinceLastReference: 32_768)
        let summary = RTCPStatisticsSummary(
            ssrc: 7, beginSequence: 65_530, endSequence: 94, lost: 3, leastJitter: 1, mostJitter: 900, meanJitter: 40,
            deviationOfJitter: 12)
        let bytes = build {
            check($0.receiverReport(ssrc: 5))
            check($0.receiverReferenceTime(ssrc: 5, Self.info.ntp))
            check($0.referenceDelay(ssrc: 5, delay))
            check($0.statisticsSummary(ssrc: 5, summary))
        }
        #expect(
            try messages(bytes) == [
                .receiverReport(ssrc: 5), .receiverReferenceTime(ssrc: 5, Self.info.ntp),
                .referenceDelay(reporter: 5, delay), .statisticsSummary(reporter: 5, summary),
            ])
        // RFC 3611 §4.4: type 4, two more words; §4.5: type 5, three; §4.6: type 6 with the L and J flags, nine.
        #expect(Array(bytes[8..<24]) == [0x80, 207, 0, 4, 0, 0, 0, 5, 4, 0, 0, 2, 1, 2, 3, 4])
        #expect(Array(bytes[28..<40]) == [0x80, 207, 0, 5, 0, 0, 0, 5, 5, 0, 0, 3])
        #expect(Array(bytes[52..<64]) == [0x80, 207, 0, 11, 0, 0, 0, 5, 6, 0xA0, 0, 9])
        // A block that claims more than its packet has ends the reading; one that is not known is passed over.
        #expect(try messages([0x80, 207, 0, 2, 0, 0, 0, 5, 4, 0, 0, 2]).isEmpty)
        #expect(
            try messages([0x80, 207, 0, 5, 0, 0, 0, 5, 99, 0, 0, 0, 4, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2])
                == [.receiverReferenceTime(ssrc: 5, NTPTime(rawValue: 1 << 32 | 2))])
    }

    @Test func everyCNAMELengthFitsItsChunk() throws {
        for length in 0...255 {
            let name = String(repeating: "n", count: length)
            let bytes = build {
                $0.receiverReport(ssrc: 1)
                check($0.canonicalName(ssrc: 1, name))
            }
            guard case .canonicalName(_, let range) = try messages(bytes).last else {
                Issue.record("no CNAME of length \(length)")
                return
            }
            #expect(range.count == length)
        }
        #expect(build { check(!$0.canonicalName(ssrc: 1, String(repeating: "n", count: 256))) }.isEmpty)
    }

    @Test func reportsHoldThirtyOneBlocksAndNeverOverrun() throws {
        let bytes = build(2000) { builder in
            builder.receiverReport(ssrc: 1)
            for index in 0..<31 { check(builder.addReportBlock(RTCPReportBlock(ssrc: UInt32(index)))) }
            check(!builder.addReportBlock(RTCPReportBlock(ssrc: 99)))
        }
        #expect(try messages(bytes).count == 32)
        for capacity in 0..<120 {
            let bytes = build(capacity) {
                $0.senderReport(Self.info)
                $0.addReportBlock(Self.block)
                $0.canonicalName(ssrc: 5, "name")
                $0.bye(ssrc: 5)
            }
            #expect(bytes.count <= capacity)
            if !bytes.isEmpty { _ = try messages(bytes) }
        }
    }

    @Test func readsREMBAndPassesOverTheUnknown() throws {
        // 0x03 << 18 of exponent, mantissa 250,000: 2,000,000 bit/s.
        let word = UInt32(1) << 24 | 3 << 18 | 250_000
        var bytes: [UInt8] = [0x80, 207, 0, 1, 0, 0, 0, 1]
        bytes += [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - $0 * 8)) } + [0, 0, 0, 2]
        bytes += [0x80, 204, 0, 2, 0, 0, 0, 7, 0x61, 0x62, 0x63, 0x64]
        #expect(
            try messages(bytes) == [
                .receiverEstimatedMaximumBitrate(sender: 1, bitsPerSecond: 2_000_000, sources: 28..<32),
                .application(ssrc: 7, subtype: 0, name: 0x6162_6364),
            ])
    }

    @Test func refusesBrokenChains() {
        #expect(throws: RTCPMalformed.shorterThanHeader) { try messages([0x80, 200]) }
        #expect(throws: RTCPMalformed.notVersion2) { try messages([0x40, 200, 0, 0]) }
        #expect(throws: RTCPMalformed.notRTCP) { try messages([0x80, 96, 0, 0]) }
        #expect(throws: RTCPMalformed.lengthPastEnd) { try messages([0x80, 200, 0, 1]) }
        #expect(throws: RTCPMalformed.lengthPastEnd) { try messages([0x80, 201, 0, 0, 1]) }
        #expect(throws: RTCPMalformed.badPadding) { try messages([0xa0, 201, 0, 1, 0, 0, 0, 5]) }
        #expect(throws: RTCPMalformed.badPadding) {
            try messages([0xa0, 201, 0, 1, 0, 0, 0, 4, 0x80, 203, 0, 0])
        }
    }

    @Test func randomCompoundsNeverTrapAndEnd() {
        var generator = SeededGenerator(seed: 2)
        var read = 0
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let words = Int.random(in: 0...9, using: &generator)
                let head = UInt8.random(in: 0x80...0x9f, using: &generator)
                bytes += [head, UInt8.random(in: 199...207, using: &generator), 0, UInt8(words)]
                bytes += generator.bytes(words * 4)
            }
            guard let all = try? messages(bytes) else { continue }
            read += all.count
            #expect(all.count <= bytes.count)
        }
        #expect(read > 10_000)
    }

    @Test func convertsNTPTime() {
        // RFC 868's example, 1 January 1970, and a fraction.
        #expect(NTPTime(unixNanoseconds: 0).seconds == 2_208_988_800)
        let time = NTPTime(unixNanoseconds: 1_700_000_000_500_000_000)
        #expect(time.fraction == 1 << 31)
        #expect(time.unixNanoseconds == 1_700_000_000_500_000_000)
        let later = NTPTime(unixNanoseconds: 1_700_000_002_250_000_000)
        #expect(later.nanoseconds(since: time) == 1_750_000_000)
        #expect(time.nanoseconds(since: later) == -1_750_000_000)
        // Into the era that begins on 7 February 2036.
        let next = NTPTime(unixNanoseconds: 2_100_000_000_000_000_000)
        #expect(next.unixNanoseconds == 2_100_000_000_000_000_000)
        #expect(next.nanoseconds(since: time) == 399_999_999_500_000_000)
        #expect(NTPTime.compact(nanoseconds: 5_250_000_000) == 0x0005_4000)
    }

    @Test func computesRoundTripOfRFC3550Example() {
        // RFC 3550 §6.4.1, figure 2: A 0xb710:8000, DLSR 0x0005:4000, LSR 0xb705:2000 give 6.125 s.
        let block = RTCPReportBlock(
            ssrc: 1, lastSenderReport: 0xb705_2000, delaySinceLastSenderReport: 0x0005_4000)
        #expect(block.roundTripNanoseconds(at: NTPTime(rawValue: 0xb710_8000 << 16)) == 6_125_000_000)
        #expect(block.roundTripNanoseconds(at: NTPTime(rawValue: 0xb705_2000 << 16)) == nil)
    }
}
