import RTP
import Testing

private typealias Item = TransportFeedbackReader.Item

private func items(_ octets: [UInt8]) throws -> [Item] {
    let bytes = octets.span.bytes
    var compound = try RTCPReader(parsing: bytes)
    var all: [Item] = []
    while let message = compound.next() {
        guard case .transportFeedback(_, _, let range) = message else { continue }
        var reader = try TransportFeedbackReader(parsing: bytes.extracting(range))
        while let item = reader.next() { all.append(item) }
    }
    return all
}

private func feedback(_ body: [UInt8]) -> [UInt8] {
    let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
    return [0x8f, 205, 0, UInt8(padded.count / 4 + 2), 0, 0, 0, 1, 0, 0, 0, 2] + padded
}

@Suite struct TransportFeedbackTests {
    /// A feedback of Chrome's as captured in olivermichel/webrtc-analysis, test/include/data.h (`twcc_pkt1`), with what
    /// Wireshark says of it there: nine packets from 1 on, small deltas of 7, 3, 11, 14, 0, 1, 0, 2 and 6 ms, padded.
    @Test func readsAFeedbackOfChromes() throws {
        let octets: [UInt8] = [
            0xaf, 0xcd, 0x00, 0x07, 0x00, 0x00, 0x00, 0x01, 0xdd, 0x58, 0x6e, 0xb6, 0x00, 0x01, 0x00, 0x09,
            0x5e, 0x91, 0x10, 0x00, 0x20, 0x09, 0x1c, 0x0c, 0x2c, 0x38, 0x00, 0x04, 0x00, 0x08, 0x18, 0x01,
        ]
        var ticks = Int64(6_197_520) * 256
        var expected: [Item] = []
        for (index, milliseconds) in [7, 3, 11, 14, 0, 1, 0, 2, 6].enumerated() {
            ticks += Int64(milliseconds * 4)
            expected.append(.received(sequence: UInt16(1 + index), ticks: ticks))
        }
        #expect(try items(octets) == expected)
        // libwebrtc puts several of them into one datagram, each with its padding.
        #expect(try items(octets + octets) == expected + expected)
    }

    /// The chunks of the draft's own figures (§3.1.3, §3.1.4): a run of 221 packets that did not come, one of 24 that did
    /// with small deltas, and vectors of fourteen and seven.
    @Test func readsTheDraftsChunks() throws {
        let base: [UInt8] = [0xff, 0xf0]
        let run = try items(feedback(base + [0, 222, 0, 0, 1, 7, 0x00, 0xdd, 0x20, 0x01, 9]))
        let last = Item.received(sequence: 0xcd, ticks: 265)
        #expect(run == [.notReceived(sequence: 0xfff0, count: 221), last])
        // 0 11111 0 0 0 111 00 in fourteen symbols of one bit: 0x9f1c.
        let ones = try items(feedback(base + [0, 14, 0, 0, 0, 7, 0x9f, 0x1c, 1, 1, 1, 1, 1, 1, 1, 1]))
        #expect(ones.filter { if case .received = $0 { true } else { false } }.count == 8)
        #expect(ones.first == .notReceived(sequence: 0xfff0, count: 1))
        // 00 01 10 11 01 01 00: small, large and reserved ones.
        let twos = try items(feedback(base + [0, 7, 0xff, 0xff, 0xff, 7, 0xc6, 0xd4, 4, 0xff, 0xfe, 1, 1]))
        let expected: [Item] = [
            .notReceived(sequence: 0xfff0, count: 1), .received(sequence: 0xfff1, ticks: -252),
            .received(sequence: 0xfff2, ticks: -254), .notReceived(sequence: 0xfff3, count: 1),
            .received(sequence: 0xfff4, ticks: -253), .received(sequence: 0xfff5, ticks: -252),
            .notReceived(sequence: 0xfff6, count: 1),
        ]
        #expect(twos == expected)
    }

    @Test func refusesWhatDoesNotHoldTogether() {
        #expect(throws: TransportFeedbackMalformed.badStatusCount) { try items(feedback([0, 1, 0, 0, 0, 0, 0, 0])) }
        #expect(throws: TransportFeedbackMalformed.badStatusCount) {
            try items(feedback([0, 1, 0xff, 0xff, 0, 0, 0, 0, 0x1f, 0xff]))
        }
        // A run of no packets.
        #expect(throws: TransportFeedbackMalformed.badStatusCount) {
            try items(feedback([0, 1, 0, 5, 0, 0, 0, 0, 0x20, 0x00]))
        }
        #expect(throws: TransportFeedbackMalformed.chunksPastEnd) {
            try items(feedback([0, 1, 0x1f, 0xff, 0, 0, 0, 0, 0, 1, 0, 1]))
        }
        #expect(throws: TransportFeedbackMalformed.deltasPastEnd) {
            try items(feedback([0, 1, 0, 9, 0, 0, 0, 0, 0x40, 9, 1, 1]))
        }
        #expect(throws: TransportFeedbackMalformed.shorterThanHeader) { try items(feedback([0, 1, 0, 9])) }
    }

    /// Any pattern of arrivals, written, is read again as it was, in as many feedbacks as it takes.
    @Test(arguments: 1...40) func whatIsWrittenIsReadBack(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<20 {
            let count = Int.random(in: 1...900, using: &generator)
            let loss = Double.random(in: 0...0.9, using: &generator)
            var now: Int64 = .random(in: 0...(1 << 60), using: &generator)
            var arrivals: [UInt64?] = []
            for _ in 0..<count {
                now +=
                    Int.random(in: 0..<50, using: &generator) == 0
                    ? .random(in: -3_000_000_000...9_000_000_000, using: &generator)
                    : .random(in: -2_000_000...30_000_000, using: &generator)
                now = max(now, 0)
                arrivals.append(Double.random(in: 0..<1, using: &generator) < loss ? nil : UInt64(now))
            }
            let base = UInt16.random(in: 0...UInt16.max, using: &generator)
            var read: [UInt16: Int64] = [:]
            var done = 0
            while done < count {
                let capacity = Int.random(in: 60...1200, using: &generator)
                var told = 0
                let octets = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
                    var builder = RTCPBuilder(into: buffer)
                    told = builder.transportFeedback(
                        sender: 1, media: 2, baseSequence: base &+ UInt16(done), feedbackCount: 3, count: count - done
                    ) { arrivals[done + $0] }
                    return Array(buffer.prefix(builder.count))
                }
                guard told > 0 else {
                    // Nothing but loss within reach.
                    #expect(octets.isEmpty)
                    let reach = min(count - done, RTCPBuilder.mostFeedbackStatuses)
                    let next = arrivals[done..<done + reach].firstIndex { $0 != nil }
                    #expect(next == nil || capacity < 250)
                    done = next ?? done + reach
                    continue
                }
                #expect(octets.count <= capacity && octets.count % 4 == 0)
                for item in try items(octets) {
                    if case .received(let sequence, let ticks) = item { read[sequence] = ticks }
                }
                done += told
            }
            var wrong = 0
            for (index, arrival) in arrivals.enumerated() {
                // The reference time wraps at 24 bits of 64 ms.
                let expected = arrival.map { Int32(truncatingIfNeeded: $0 / 250_000) }
                let ticks = read[base &+ UInt16(index)].map { Int32(truncatingIfNeeded: $0) }
                if ticks != expected { wrong += 1 }
            }
            #expect(wrong == 0)
        }
    }

    @Test func randomOctetsNeverTrapAndEnd() {
        var generator = SeededGenerator(seed: 8)
        var read = 0
        for _ in 0..<50_000 {
            var body = generator.bytes(Int.random(in: 0...60, using: &generator))
            if body.count > 3, Bool.random(using: &generator) { body[2] = 0 }
            guard let all = try? items(feedback(body)) else { continue }
            read += 1
            #expect(all.count <= body.count * 7)
        }
        #expect(read > 1000)
    }

    @Test func estimatedMaximumBitratesAreReadBack() throws {
        var generator = SeededGenerator(seed: 9)
        for step in 0..<2000 {
            let rate = step < 2 ? UInt64(step) * .max : generator.next() >> (generator.next() % 64)
            let sources = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                UInt32(truncatingIfNeeded: generator.next())
            }
            let octets = withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { buffer in
                var builder = RTCPBuilder(into: buffer)
                let isWritten = builder.receiverEstimatedMaximumBitrate(
                    sender: 7, bitsPerSecond: rate, sources: sources)
                #expect(isWritten)
                return Array(buffer.prefix(builder.count))
            }
            var reader = try RTCPReader(parsing: octets.span.bytes)
            guard case .receiverEstimatedMaximumBitrate(7, let read, let range) = reader.next() else {
                Issue.record("no REMB")
                return
            }
            // Eighteen bits are kept.
            #expect(read <= rate && rate - read <= rate >> 17)
            let words = stride(from: range.lowerBound, to: range.upperBound, by: 4).map { start in
                octets[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            #expect(words == sources)
        }
    }
}
