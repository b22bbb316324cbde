import Testing

@testable import SRTP

/// Each engine's sender against each engine's receiver, over packets of every shape and a line that loses, repeats and
/// reorders them.
@Suite struct DifferentialTests {
    /// What a sender sent, and the index it has.
    private struct Sent {
        var index: UInt64
        var stream: Int
        var plain: [UInt8]
        var protected: [UInt8]
    }

    @Test(arguments: SRTPSuite.allCases)
    func allEnginesProtectRTPToTheSameBytes(suite: SRTPSuite) throws {
        let packets = Self.source(seed: 11).map(\.plain)
        let expected = try Self.protect(packets, suite, .libsrtp2)
        for choice in SRTPEngineChoice.own { #expect(try Self.protect(packets, suite, choice) == expected) }
    }

    @Test(arguments: SRTPSuite.allCases, SRTPEngineChoice.runnable)
    func everyReceiverTakesWhatIsNewAndNothingTwice(suite: SRTPSuite, sender: SRTPEngineChoice) throws {
        for receiver in SRTPEngineChoice.runnable {
            var generator = SeededGenerator(UInt64(suite.rawValue) + 100)
            var sent = Self.source(seed: 23)
            let outcomes = try Self.protect(sent.map(\.plain), suite, sender)
            for index in sent.indices { sent[index].protected = outcomes[index] }
            let line = Self.disturb(sent, sparing: 40, using: &generator)
            let receiving = try Receiving(SRTPEngine(receiver), Sample.key(suite))
            var seen = [Set<UInt64>](repeating: [], count: 2)
            var highest = [UInt64](repeating: 0, count: 2)
            var counts: [SRTPStatus: Int] = [:]
            var next = 0
            while next < line.count {
                let batch = line[next..<min(line.count, next + Int.random(in: 1...150, using: &generator))]
                next = batch.endIndex
                let results = receiving.unprotect(batch.map(\.protected))
                for (packet, result) in zip(batch, results) {
                    let old = packet.index + 512 <= highest[packet.stream]
                    let expected: SRTPStatus =
                        old || seen[packet.stream].contains(packet.index) ? .replayed : .ok
                    if result.status != expected || expected == .ok && result.bytes != packet.plain {
                        let place = "\(sender) to \(receiver), index \(packet.index)"
                        Issue.record("\(place): \(result.status), not \(expected)")
                        return
                    }
                    counts[expected, default: 0] += 1
                    if expected == .ok {
                        seen[packet.stream].insert(packet.index)
                        highest[packet.stream] = max(highest[packet.stream], packet.index)
                    }
                }
            }
            // The line was worth going over: rollovers, repetitions, and most packets arrived.
            #expect(highest.allSatisfy { $0 > 3 << 16 })
            #expect(counts[.replayed, default: 0] > 50 && counts[.ok, default: 0] > 700, "\(counts)")
        }
    }

    @Test(arguments: SRTPSuite.allCases, SRTPEngineChoice.runnable)
    func everyReceiverTakesEachRTCPPacketOnce(suite: SRTPSuite, sender: SRTPEngineChoice) throws {
        for receiver in SRTPEngineChoice.runnable {
            var generator = SeededGenerator(UInt64(suite.rawValue) + 200)
            let engine = try SRTPEngine(sender)
            let sending = try Sending(engine, Sample.key(suite))
            var line: [(index: Int, plain: [UInt8], protected: [UInt8])] = []
            for index in 0..<300 {
                let plain = Sample.rtcp(
                    ssrc: UInt32(index % 2), words: Int.random(in: 0...300, using: &generator), using: &generator)
                let outcome = sending.protectRTCP(plain)
                #expect(outcome.status == .ok && outcome.bytes.count == plain.count + suite.rtcpOverhead)
                // The first eight bytes are authenticated only; the rest must not show.
                #expect(outcome.bytes.prefix(8) == plain.prefix(8))
                #expect(plain.count < 24 || outcome.bytes.dropFirst(8).prefix(16) != plain.dropFirst(8).prefix(16))
                for _ in 0..<Int.random(in: 0...2, using: &generator) {
                    let back = Int.random(in: 0...20, using: &generator)
                    line.insert((index, plain, outcome.bytes), at: max(0, line.count - back))
                }
            }
            let receiving = try Receiving(SRTPEngine(receiver), Sample.key(suite))
            var seen: Set<Int> = []
            for packet in line {
                let result = receiving.unprotectRTCP(packet.protected)
                let expected: Outcome =
                    seen.insert(packet.index).inserted
                    ? Outcome(status: .ok, bytes: packet.plain) : Outcome(status: .replayed, bytes: [])
                if result != expected {
                    let place = "\(sender) to \(receiver), index \(packet.index)"
                    Issue.record("\(place): \(result.status), not \(expected.status)")
                    return
                }
            }
            #expect(seen.count > 150)
        }
    }

    /// Streams of every suite in one batch, in any order: no stream's keys reach another's packet.
    @Test(arguments: SRTPEngineChoice.runnable)
    func aBatchMayMixStreamsOfAllSuites(choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(31)
        let engine = try SRTPEngine(choice)
        let keys = (0..<15).map { Sample.key(SRTPSuite.allCases[$0 % 5], seed: UInt64($0)) }
        let senders = try keys.map { try Sending(engine, $0) }
        let receivers = try keys.map { try Receiving(engine, $0) }
        let turns = (0..<200).map { _ in Int.random(in: 0..<15, using: &generator) }
        let plain = turns.indices.map {
            Sample.rtp(sequence: UInt16($0), payload: Int.random(in: 0...1_200, using: &generator), using: &generator)
        }
        let buffers = plain.map { packet in
            let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 1_500)
            buffer.initialize(repeating: 0, count: 1_500)
            _ = UnsafeMutableBufferPointer(start: buffer, count: 1_500).update(from: packet)
            return buffer
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        var jobs = turns.indices.map {
            SRTPJob(
                sender: senders[turns[$0]].sender, packet: buffers[$0], length: Int32(plain[$0].count), capacity: 1_500)
        }
        jobs.withUnsafeMutableBufferPointer { engine.protect($0) }
        for (index, job) in jobs.enumerated() {
            #expect(job.status == .ok)
            #expect(Int(job.length) - keys[turns[index]].suite.rtpOverhead == plain[index].count)
        }
        jobs = turns.indices.map {
            SRTPJob(
                receiver: receivers[turns[$0]].receiver, packet: buffers[$0], length: jobs[$0].length, capacity: 1_500)
        }
        jobs.withUnsafeMutableBufferPointer { engine.unprotect($0) }
        for (index, job) in jobs.enumerated() {
            #expect(job.status == .ok)
            #expect(Array(UnsafeBufferPointer(start: job.packet, count: Int(job.length))) == plain[index])
        }
    }

    // MARK: The source and the line

    /// Two streams whose sequence numbers now go by one, now leap, past several rollovers.
    private static func source(seed: UInt64) -> [Sent] {
        var generator = SeededGenerator(seed)
        var indices: [UInt64] = [65_400, 12]
        return (0..<1_400).map { position in
            let stream = Int.random(in: 0...1, using: &generator)
            let leaps = position > 100 && position / 200 % 2 == 0
            indices[stream] += leaps ? UInt64.random(in: 1...1_200, using: &generator) : 1
            let plain = Sample.rtp(
                ssrc: UInt32(stream) + 0xfeed_0000, sequence: UInt16(truncatingIfNeeded: indices[stream]),
                payload: Int.random(in: 0...1_400, using: &generator), csrcs: Int.random(in: 0...15, using: &generator),
                extensionWords: Bool.random(using: &generator) ? Int.random(in: 0...8, using: &generator) : nil,
                using: &generator)
            return Sent(index: indices[stream], stream: stream, plain: plain, protected: [])
        }
    }

    private static func protect(
        _ packets: [[UInt8]], _ suite: SRTPSuite, _ choice: SRTPEngineChoice
    ) throws -> [[UInt8]] {
        var generator = SeededGenerator(5)
        let sending = try Sending(SRTPEngine(choice), Sample.key(suite))
        var protected: [[UInt8]] = []
        while protected.count < packets.count {
            let end = min(packets.count, protected.count + Int.random(in: 1...150, using: &generator))
            let outcomes = sending.protect(Array(packets[protected.count..<end]))
            let sizes = zip(outcomes, packets[protected.count...]).allSatisfy { outcome, packet in
                outcome.status == .ok && outcome.bytes.count == packet.count + suite.rtpOverhead
            }
            #expect(sizes)
            protected += outcomes.map(\.bytes)
        }
        return protected
    }

    /// Loses one in ten, repeats one in ten, and moves one in five up to 25 places back; the first ones come as sent.
    private static func disturb(_ sent: [Sent], sparing: Int, using generator: inout SeededGenerator) -> [Sent] {
        var line = Array(sent[..<sparing])
        for packet in sent[sparing...] {
            let chance = Int.random(in: 0..<10, using: &generator)
            if chance == 0 { continue }
            let back = chance < 3 ? Int.random(in: 0...25, using: &generator) : 0
            line.insert(packet, at: max(sparing, line.count - back))
            guard chance == 9 else { continue }
            line.insert(packet, at: max(sparing, line.count - Int.random(in: 0...25, using: &generator)))
        }
        return line
    }
}
