import Testing

@testable import SRTP

/// Whatever was not made with the key, or was seen before, is refused and leaves no trace.
@Suite struct AttackTests {
    private static let cases = SRTPSuite.allCases.flatMap { suite in
        SRTPEngineChoice.runnable.map { (suite, $0) }
    }

    @Test(arguments: cases)
    func aChangeOfAnyByteOfAnRTPPacketIsRefused(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(1)
        let engine = try SRTPEngine(choice)
        let sending = try Sending(engine, Sample.key(suite))
        let receiving = try Receiving(engine, Sample.key(suite))
        let plain = (1...2).map {
            Sample.rtp(sequence: $0, payload: 90, csrcs: 2, extensionWords: 3, using: &generator)
        }
        let protected = sending.protect(plain).map(\.bytes)
        let forgedFirst = Self.tampered(protected[0], using: &generator)
        #expect(receiving.unprotect(forgedFirst).allSatisfy { $0.status != .ok })
        #expect(receiving.ssrcCount == 0)
        #expect(receiving.unprotect([protected[0]]) == [Outcome(status: .ok, bytes: plain[0])])
        let forged = Self.tampered(protected[1], using: &generator)
        let statuses = receiving.unprotect(forged).map(\.status)
        #expect(statuses.allSatisfy { $0 != .ok })
        // Every byte but those that say where the others lie fails for its tag.
        #expect(statuses.filter { $0 == .authenticationFailed }.count > forged.count - 12)
        #expect(receiving.unprotect([protected[1]]) == [Outcome(status: .ok, bytes: plain[1])])
    }

    @Test(arguments: cases)
    func aChangeOfAnyByteOfAnRTCPPacketIsRefused(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(2)
        let engine = try SRTPEngine(choice)
        let plain = Sample.rtcp(words: 12, using: &generator)
        let protected = try Sending(engine, Sample.key(suite)).protectRTCP(plain).bytes
        let receiving = try Receiving(engine, Sample.key(suite))
        for forged in Self.tampered(protected, using: &generator) {
            #expect(receiving.unprotectRTCP(forged).status != .ok)
        }
        #expect(receiving.ssrcCount == 0)
        #expect(receiving.unprotectRTCP(protected) == Outcome(status: .ok, bytes: plain))
    }

    @Test(arguments: cases)
    func aPacketIsTakenOnceEvenWithinABatch(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(3)
        let engine = try SRTPEngine(choice)
        let plain = (10...12).map { Sample.rtp(sequence: $0, payload: 40, using: &generator) }
        let protected = try Sending(engine, Sample.key(suite)).protect(plain).map(\.bytes)
        let receiving = try Receiving(engine, Sample.key(suite))
        let batch = [protected[0], protected[0], protected[1], protected[0], protected[1], protected[2]]
        #expect(receiving.unprotect(batch).map(\.status) == [.ok, .replayed, .ok, .replayed, .replayed, .ok])
        #expect(receiving.unprotect(batch).allSatisfy { $0.status == .replayed })
    }

    @Test(arguments: cases)
    func anotherKeysPacketsAreRefused(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(4)
        let engine = try SRTPEngine(choice)
        let sending = try Sending(engine, Sample.key(suite, seed: 1))
        let receiving = try Receiving(engine, Sample.key(suite, seed: 2))
        let protected = sending.protect((0..<70).map { Sample.rtp(sequence: $0, payload: 160, using: &generator) })
        #expect(receiving.unprotect(protected.map(\.bytes)).allSatisfy { $0.status == .authenticationFailed })
        let report = sending.protectRTCP(Sample.rtcp(words: 6, using: &generator))
        #expect(receiving.unprotectRTCP(report.bytes).status == .authenticationFailed)
        #expect(receiving.ssrcCount == 0)
    }

    @Test(arguments: cases)
    func aFloodOfForgedSSRCsTakesNoPlace(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(5)
        let engine = try SRTPEngine(choice)
        let sending = try Sending(engine, Sample.key(suite))
        let receiving = try Receiving(engine, Sample.key(suite))
        for _ in 0..<10 {
            let forged = (0..<200).map { _ in
                Sample.rtp(ssrc: generator.next(), sequence: generator.next(), payload: 60, using: &generator)
            }
            #expect(receiving.unprotect(forged).allSatisfy { $0.status == .authenticationFailed })
        }
        #expect(receiving.ssrcCount == 0)
        let protected = sending.protect([Sample.rtp(sequence: 1, payload: 60, using: &generator)])
        #expect(receiving.unprotect(protected.map(\.bytes))[0].status == .ok)
        #expect(receiving.ssrcCount == 1)
    }

    @Test(arguments: cases)
    func randomBytesNeverTrapAndNeverPass(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(6)
        let engine = try SRTPEngine(choice)
        let sending = try Sending(engine, Sample.key(suite))
        let receiving = try Receiving(engine, Sample.key(suite))
        for _ in 0..<20 {
            let packets = (0..<100).map { _ in
                var bytes = Array(generator.bytes(Int.random(in: 0...120, using: &generator)))
                if !bytes.isEmpty, Bool.random(using: &generator) { bytes[0] = bytes[0] & 0x3f | 0x80 }
                return bytes
            }
            #expect(receiving.unprotect(packets).allSatisfy { $0.status != .ok })
            #expect(packets.allSatisfy { receiving.unprotectRTCP($0).status != .ok })
            // A sender may find sense in them; it must not trap, nor write past the buffer (the harness looks).
            let sizes = zip(packets, sending.protect(packets)).allSatisfy { packet, outcome in
                outcome.status != .ok || outcome.bytes.count == packet.count + suite.rtpOverhead
            }
            #expect(sizes)
            for packet in packets { _ = sending.protectRTCP(packet) }
        }
        #expect(receiving.ssrcCount == 0)
    }

    /// The packet with one bit changed, once for each byte.
    private static func tampered(_ packet: [UInt8], using generator: inout SeededGenerator) -> [[UInt8]] {
        packet.indices.map { index in
            var forged = packet
            forged[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            return forged
        }
    }
}
