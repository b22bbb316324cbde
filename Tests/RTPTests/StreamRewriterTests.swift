import RTP
import Testing

@Suite struct StreamRewriterTests {
    static let frame: UInt64 = 40_000_000

    private func descriptor(_ picture: UInt16, tl0: UInt8, bits: UInt8 = 15) -> VP8PayloadDescriptor? {
        let id =
            bits == 15
            ? [UInt8(0x80 | picture >> 8), UInt8(truncatingIfNeeded: picture)] : [UInt8(picture & 0x7f)]
        return ([0x90, 0xc0] as [UInt8] + id + [tl0, 0]).withUnsafeBytes { VP8PayloadDescriptor(parsing: $0) }
    }

    @Test func inOrderWithLossKeepsTheGap() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 65_530, firstTimestamp: 0xffff_ff00)
        rewriter.switchSource(to: 7)
        for step in 0..<20_000 where step % 13 != 5 {
            let output = rewriter.rewrite(
                source: 7, sequenceNumber: UInt16(truncatingIfNeeded: 40_000 + step),
                timestamp: UInt32(step * 3600), atNanoseconds: UInt64(step) * Self.frame)
            #expect(output?.sequenceNumber == UInt16(truncatingIfNeeded: 65_530 + step))
            #expect(output?.timestamp == 0xffff_ff00 &+ UInt32(step * 3600))
        }
    }

    @Test func reorderedPacketsKeepTheirPlace() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 100, firstTimestamp: 0)
        rewriter.switchSource(to: 7)
        let order: [UInt16] = [0, 2, 1, 5, 3, 4, 6]
        let outputs = order.map {
            rewriter.rewrite(source: 7, sequenceNumber: 1000 + $0, timestamp: 0, atNanoseconds: 0)?.sequenceNumber
        }
        #expect(outputs == order.map { 100 + $0 })
    }

    @Test func otherSourcesAndThoseNotSwitchedToAreSilent() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 1, firstTimestamp: 0)
        let passes = { (source: UInt32) in
            rewriter.rewrite(source: source, sequenceNumber: 1, timestamp: 0, atNanoseconds: 0) != nil
        }
        #expect(!passes(7))
        rewriter.switchSource(to: 7)
        #expect(!passes(8))
        #expect(passes(7))
    }

    @Test func latePacketsAroundASwitch() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 100, firstTimestamp: 0)
        let send = { (source: UInt32, number: UInt16) in
            rewriter.rewrite(source: source, sequenceNumber: number, timestamp: 0, atNanoseconds: 0)?.sequenceNumber
        }
        rewriter.switchSource(to: 1)
        #expect(send(1, 10) == 100)
        #expect(send(1, 12) == 102)
        rewriter.switchSource(to: 2)
        #expect(send(1, 13) == nil)
        #expect(send(2, 500) == 103)
        // Fills the gap that the first source left; what would run into the second's numbers may not pass.
        #expect(send(1, 11) == 101)
        #expect(send(1, 13) == nil)
        // Older than the packet that the switch began with.
        #expect(send(2, 499) == nil)
        #expect(send(2, 501) == 104)
        #expect(rewriter.sourceSequence(of: 104) == 501)
        #expect(rewriter.sourceSequence(of: 102) == nil)
    }

    @Test func timestampGoesOnByTheTimeElapsed() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 1, firstTimestamp: 1000)
        rewriter.switchSource(to: 1)
        _ = rewriter.rewrite(source: 1, sequenceNumber: 1, timestamp: 5, atNanoseconds: 1_000_000_000)
        rewriter.switchSource(to: 2)
        let later = rewriter.rewrite(
            source: 2, sequenceNumber: 9, timestamp: 0x8000_0000, atNanoseconds: 3_000_000_000)
        #expect(later?.timestamp == 181_000)
        rewriter.switchSource(to: 1)
        let atOnce = rewriter.rewrite(source: 1, sequenceNumber: 77, timestamp: 0, atNanoseconds: 3_000_000_000)
        #expect(atOnce?.timestamp == 181_900)
        #expect(rewriter.timestamp(ofSource: 3600) == 185_500)
        #expect(rewriter.timestamp(atNanoseconds: 3_500_000_000) == 226_900)
    }

    @Test func sourceThatBeginsAnewIsTakenUpAtItsSecondPacket() {
        var rewriter = StreamRewriter(clockRate: 8000, firstSequence: 10, firstTimestamp: 0)
        rewriter.switchSource(to: 1)
        let send = { (number: UInt16, timestamp: UInt32, now: UInt64) in
            rewriter.rewrite(source: 1, sequenceNumber: number, timestamp: timestamp, atNanoseconds: now)
        }
        #expect(send(5, 0, 0)?.sequenceNumber == 10)
        #expect(send(30_000, 99_999_999, 20_000_000) == nil)
        let taken = send(30_001, 100_000_159, 40_000_000)
        #expect(taken?.sequenceNumber == 11 && taken?.timestamp == 320)
    }

    @Test func clockResetInMidStreamIsMended() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 10, firstTimestamp: 0)
        rewriter.switchSource(to: 1)
        _ = rewriter.rewrite(source: 1, sequenceNumber: 1, timestamp: 0, atNanoseconds: 0)
        let output = rewriter.rewrite(
            source: 1, sequenceNumber: 2, timestamp: 0x7000_0000, atNanoseconds: Self.frame)
        #expect(output?.timestamp == 3600)
        let next = rewriter.rewrite(
            source: 1, sequenceNumber: 3, timestamp: 0x7000_0000 + 3600, atNanoseconds: Self.frame * 2)
        #expect(next?.timestamp == 7200)
    }

    /// The receiver's view over a thousand switches: numbers never repeat, never go back but by reordering, frames have
    /// rising timestamps, picture ids rise by one with each frame.
    @Test(arguments: [UInt64(1), 2, 3], [UInt8(7), 15]) func thousandSwitches(seed: UInt64, bits: UInt8) throws {
        var generator = SeededGenerator(seed: seed)
        var rewriter = StreamRewriter(
            clockRate: 90_000, firstSequence: .random(in: 0...UInt16.max, using: &generator),
            firstTimestamp: .random(in: 0...UInt32.max, using: &generator))
        struct Source { var sequence: UInt16; var timestamp: UInt32; var picture: UInt16; var tl0: UInt8 }
        var sources = (0..<5).map { _ in
            Source(
                sequence: .random(in: 0...UInt16.max, using: &generator),
                timestamp: .random(in: 0...UInt32.max, using: &generator),
                picture: .random(in: 0...0x7fff, using: &generator), tl0: .random(in: 0...255, using: &generator))
        }
        var now: UInt64 = 0
        var extender = SequenceExtender()
        var seen: Set<UInt64> = []
        var last: StreamRewriter.Output?
        var highest: UInt64 = 0
        let mask: UInt16 = bits == 7 ? 0x7f : 0x7fff
        for _ in 0..<1000 {
            let chosen = Int.random(in: 0..<sources.count, using: &generator)
            rewriter.switchSource(to: UInt32(chosen))
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                now += Self.frame
                for index in sources.indices {
                    var source = sources[index]
                    source.timestamp &+= 3600
                    source.picture = (source.picture + 1) & mask
                    source.tl0 &+= 1
                    var numbers = (0..<UInt16.random(in: 1...4, using: &generator)).map { source.sequence &+ $0 }
                    source.sequence &+= UInt16(numbers.count)
                    sources[index] = source
                    // After its first packet, a frame's packets may come in any order.
                    if numbers.count > 1 { numbers = [numbers[0]] + numbers.dropFirst().shuffled(using: &generator) }
                    for number in numbers {
                        let output = rewriter.rewrite(
                            source: UInt32(index), sequenceNumber: number, timestamp: source.timestamp,
                            atNanoseconds: now, descriptor: descriptor(source.picture, tl0: source.tl0, bits: bits))
                        guard index == chosen else {
                            #expect(output == nil)
                            continue
                        }
                        let out = try #require(output)
                        let extended = extender.extend(out.sequenceNumber)
                        #expect(seen.insert(extended).inserted)
                        #expect(highest == 0 || extended + 4 > highest && extended <= highest + 4)
                        highest = max(highest, extended)
                        if let last, number == numbers[0] {
                            #expect(Int32(bitPattern: out.timestamp &- last.timestamp) == 3600)
                            #expect((out.pictureID &- last.pictureID) & mask == 1)
                            #expect(out.tl0PictureIndex == last.tl0PictureIndex &+ 1)
                        }
                        last = out
                    }
                }
            }
        }
        // No number is left out, either: nothing was lost.
        #expect(UInt64(seen.count) == (seen.max() ?? 0) - (seen.min() ?? 0) + 1)
    }

    @Test func numbersCloseOverWhatIsLeftOut() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 100, firstTimestamp: 0)
        rewriter.switchSource(to: 1)
        var picture: UInt16 = 0x7ffe
        let send = { (rewriter: inout StreamRewriter, number: UInt16, picture: UInt16) in
            rewriter.rewrite(
                source: 1, sequenceNumber: number, timestamp: UInt32((picture + 2) & 0x7fff) * 3000, atNanoseconds: 0,
                descriptor: self.descriptor(picture, tl0: 1))
        }
        let omit = { (rewriter: inout StreamRewriter, number: UInt16, picture: UInt16) in
            rewriter.omit(
                source: 1, sequenceNumber: number, timestamp: UInt32((picture + 2) & 0x7fff) * 3000,
                descriptor: self.descriptor(picture, tl0: 1))
        }
        let first = send(&rewriter, 65_533, picture)
        #expect(first?.sequenceNumber == 100)
        picture = 0x7fff
        // Of the picture left out a packet is lost on the way: it counts as one of it.
        omit(&rewriter, 65_534, picture)
        omit(&rewriter, 0, picture)
        picture = 0
        let next = send(&rewriter, 1, picture)
        #expect(next?.sequenceNumber == 101)
        #expect(next.map { $0.pictureID &- (first?.pictureID ?? 0) } == 1)
        // What was left out stays out, when it comes late or is sent again; what went out keeps its number.
        let late = [send(&rewriter, 65_535, 0x7fff), send(&rewriter, 0, 0x7fff)].map { $0?.sequenceNumber }
        #expect(late == [nil, nil])
        let again = send(&rewriter, 65_533, 0x7ffe)
        #expect(again?.sequenceNumber == 100 && again?.pictureID == first?.pictureID)
        #expect(rewriter.sourceSequence(of: 100) == 65_533)
        #expect(rewriter.sourceSequence(of: 101) == 1)
        // Another source's packets cannot be left out.
        rewriter.omit(source: 2, sequenceNumber: 2, timestamp: 0)
        let last = send(&rewriter, 2, picture)
        #expect(last?.sequenceNumber == 102)
    }

    @Test func appliesItselfToAPacket() throws {
        var packet: [UInt8] = [0x80, 0xe0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x90, 0x80, 0x80, 5, 0xaa]
        let info = try packet.withUnsafeBytes { try RTPPacketInfo(parsing: $0) }
        let descriptor = packet.withUnsafeBytes { VP8PayloadDescriptor(parsing: info.payload(of: $0)) }
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 0x1234, firstTimestamp: 0x5678)
        rewriter.switchSource(to: 3)
        let rewritten = rewriter.rewrite(
            source: 3, sequenceNumber: 1, timestamp: 2, atNanoseconds: 0, descriptor: descriptor)
        let output = try #require(rewritten)
        packet.withUnsafeMutableBytes {
            output.apply(
                to: $0.baseAddress!, info: info, payloadType: 100, ssrc: 0xabcd, descriptor: descriptor)
        }
        #expect(
            packet == [
                0x80, 0xe4, 0x12, 0x34, 0, 0, 0x56, 0x78, 0, 0, 0xab, 0xcd, 0x90, 0x80, 0x80, 1, 0xaa,
            ])
    }

    @Test func randomNumbersNeverTrap() {
        var generator = SeededGenerator(seed: 9)
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 0, firstTimestamp: 0)
        for _ in 0..<100_000 {
            if Int.random(in: 0..<10, using: &generator) == 0 {
                rewriter.switchSource(to: .random(in: 0...3, using: &generator))
            }
            _ = rewriter.rewrite(
                source: .random(in: 0...3, using: &generator),
                sequenceNumber: .random(in: 0...UInt16.max, using: &generator),
                timestamp: .random(in: 0...UInt32.max, using: &generator),
                atNanoseconds: .random(in: 0...UInt64.max, using: &generator))
            _ = rewriter.sourceSequence(of: .random(in: 0...UInt16.max, using: &generator))
        }
    }
}
