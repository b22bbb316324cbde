import Testing

@testable import SRTP

/// Rollover counters, lifetimes and the bounds of a stream's state.
@Suite struct StreamStateTests {
    @Test func theIndexIsEstimatedAsInAppendixA() {
        // Highest so far, sequence number, index expected.
        let cases: [(UInt64, UInt16, UInt64?)] = [
            (10, 11, 11), (10, 9, 9), (10, 32_778, 32_778), (65_535, 0, 65_536), (65_536, 65_535, 65_535),
            (0x1_0000 + 100, 65_500, 65_500), (0x1_ff00, 5, 0x2_0005), (0x2_8000, 0, 0x2_0000),
            (0x2_8001, 0, 0x3_0000), (0x2_7fff, 0xffff, 0x2_ffff), (0x2_7ffe, 0xffff, 0x1_ffff),
            // Nothing comes from before the first rollover, and nothing after the last.
            (10, 65_530, 65_530), (0xffff_ffff_ffff, 0, nil), (0xffff_ffff_ffff, 0xfff0, 0xffff_ffff_fff0),
        ]
        for (highest, sequence, expected) in cases {
            #expect(PacketIndex.estimate(highest: highest, sequence: sequence) == expected, "\(highest) \(sequence)")
        }
    }

    @Test func theReplayWindowAgreesWithASetOfAllThatCame() throws {
        var generator = SeededGenerator(8)
        var window = ReplayWindow(first: 5_000)
        var seen: Set<UInt64> = [5_000]
        var highest: UInt64 = 5_000
        for _ in 0..<10_000 {
            let leap: UInt64 = Int.random(in: 0..<500, using: &generator) == 0 ? 1_500 : 20
            let index = UInt64.random(in: highest - 700...highest + leap, using: &generator)
            let expected = !seen.contains(index) && index + 512 > highest
            try #require(window.admits(index) == expected)
            if expected {
                window.accept(index)
                seen.insert(index)
                highest = max(highest, index)
            }
        }
    }

    @Test func theRTCPReplayWindowAgreesWithASetOfAllThatCame() throws {
        var generator = SeededGenerator(9)
        var window = RTCPReplayWindow()
        var seen: Set<UInt32> = []
        var highest: UInt32 = 0
        for _ in 0..<10_000 {
            let leap: UInt32 = Int.random(in: 0..<200, using: &generator) == 0 ? 400 : 5
            let index = UInt32.random(in: (highest < 200 ? 0 : highest - 200)...highest + leap, using: &generator)
            let expected = !seen.contains(index) && index + 128 > highest
            try #require(window.admits(index) == expected)
            if expected {
                window.accept(index)
                seen.insert(index)
                highest = max(highest, index)
            }
        }
    }

    @Test(arguments: SRTPEngineChoice.runnable)
    func aLateJoinerStartsWithRolloverCounterZero(choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(10)
        let engine = try SRTPEngine(choice)
        let sending = try Sending(engine, Sample.key(.aeadAES128GCM))
        let packets = [3_000, 33_000, 64_000, 200].map { Sample.rtp(sequence: $0, payload: 20, using: &generator) }
        let protected = sending.protect(packets).map(\.bytes)
        let before = try Receiving(engine, Sample.key(.aeadAES128GCM))
        #expect(before.unprotect(Array(protected[2...])).map(\.status) == [.ok, .ok])
        let after = try Receiving(engine, Sample.key(.aeadAES128GCM))
        #expect(after.unprotect([protected[3]]).map(\.status) == [.authenticationFailed])
    }

    /// A batch that begins with an SSRC's first packet, right before its rollover.
    @Test(arguments: SRTPSuite.allCases, SRTPEngineChoice.runnable)
    func aFirstBatchMayHoldARollover(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(11)
        let engine = try SRTPEngine(choice)
        let packets = (0..<60).map {
            Sample.rtp(sequence: 65_520 &+ UInt16($0), payload: 50, using: &generator)
        }
        let protected = try Sending(engine, Sample.key(suite)).protect(packets).map(\.bytes)
        let received = try Receiving(engine, Sample.key(suite)).unprotect(protected)
        #expect(received == packets.map { Outcome(status: .ok, bytes: $0) })
    }

    @Test(arguments: SRTPEngineChoice.own)
    func aSenderStopsAtTheEndOfTheIndices(choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(12)
        let sending = try Sending(SRTPEngine(choice), Sample.key(.aes128CMSHA1_80))
        sending.state(0xcafe_babe)?.pointee.highestSent = 0xffff_ffff_fffe
        let packets = [0xffff, 0, 1].map { Sample.rtp(sequence: $0, payload: 20, using: &generator) }
        #expect(sending.protect(packets).map(\.status) == [.ok, .keyExhausted, .keyExhausted])
    }

    @Test(arguments: SRTPEngineChoice.own)
    func aSenderStopsAtTheKeysLifetime(choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(13)
        let sending = try Sending(SRTPEngine(choice), Sample.key(.aeadAES256GCM))
        sending.sender.pointee.context.pointee.protectedPackets = 1 << 48 - 1
        let packets = [1, 2].map { Sample.rtp(sequence: $0, payload: 20, using: &generator) }
        #expect(sending.protect(packets).map(\.status) == [.ok, .keyExhausted])
        sending.sender.pointee.context.pointee.protectedRTCPPackets = 1 << 31 - 1
        #expect(sending.protectRTCP(Sample.rtcp(words: 6, using: &generator)).status == .ok)
        #expect(sending.protectRTCP(Sample.rtcp(words: 6, using: &generator)).status == .keyExhausted)
    }

    @Test(arguments: SRTPEngineChoice.own)
    func aSenderStopsAtTheEndOfTheRTCPIndices(choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(14)
        let engine = try SRTPEngine(choice)
        let sending = try Sending(engine, Sample.key(.aes256CMSHA1_80))
        sending.state(0xcafe_babe)?.pointee.nextRTCPIndex = 1 << 31 - 1
        let report = Sample.rtcp(words: 6, using: &generator)
        let last = sending.protectRTCP(report)
        #expect(last.status == .ok)
        #expect(try Receiving(engine, Sample.key(.aes256CMSHA1_80)).unprotectRTCP(last.bytes).bytes == report)
        #expect(sending.protectRTCP(report).status == .keyExhausted)
    }

    @Test(arguments: SRTPSuite.allCases, SRTPEngineChoice.runnable)
    func tooManySSRCsAreRefusedAndTheKnownGoOn(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(15)
        let engine = try SRTPEngine(choice)
        func packets(_ sequence: UInt16) -> [[UInt8]] {
            (0..<20).map { Sample.rtp(ssrc: $0, sequence: sequence, payload: 30, using: &generator) }
        }
        let expected = (0..<20).map { $0 < SSRCTable.capacity ? SRTPStatus.ok : .noRoom }
        let first = packets(1)
        let sending = try Sending(engine, Sample.key(suite))
        #expect(sending.protect(first).map(\.status) == expected)
        #expect(sending.protect(packets(2)).map(\.status) == expected)
        // Two senders with one key make more SSRCs than the receiver keeps.
        let other = try Sending(engine, Sample.key(suite))
        let received = try Receiving(engine, Sample.key(suite))
        let fromOther = other.protect(Array(first[16...])).map(\.bytes)
        let fromFirst = try Sending(engine, Sample.key(suite)).protect(Array(first[..<16])).map(\.bytes)
        #expect(received.unprotect(fromFirst).allSatisfy { $0.status == .ok })
        #expect(received.unprotect(fromOther).allSatisfy { $0.status == .noRoom })
        let unknown = other.protectRTCP(Sample.rtcp(ssrc: 17, words: 2, using: &generator))
        #expect(received.unprotectRTCP(unknown.bytes).status == .noRoom)
        let known = sending.protectRTCP(Sample.rtcp(ssrc: 3, words: 2, using: &generator))
        #expect(received.unprotectRTCP(known.bytes).status == .ok)
    }

    @Test(arguments: SRTPSuite.allCases, SRTPEngineChoice.runnable)
    func aBufferWithoutRoomForTheTagIsRefused(suite: SRTPSuite, choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(16)
        let sending = try Sending(SRTPEngine(choice), Sample.key(suite))
        let packet = Sample.rtp(sequence: 1, payload: 30, using: &generator)
        #expect(sending.protect([packet], room: suite.rtpOverhead - 1)[0].status == .noRoom)
        #expect(sending.protect([packet], room: suite.rtpOverhead)[0].status == .ok)
        let report = Sample.rtcp(words: 5, using: &generator)
        #expect(sending.protectRTCP(report, room: suite.rtcpOverhead - 1).status == .noRoom)
        #expect(sending.protectRTCP(report, room: suite.rtcpOverhead).status == .ok)
    }

    @Test(arguments: SRTPEngineChoice.runnable)
    func aRetransmissionIsTheSameBytes(choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(17)
        let sending = try Sending(SRTPEngine(choice), Sample.key(.aes128CMSHA1_80))
        let packets = (0..<80).map { Sample.rtp(sequence: 65_500 &+ UInt16($0), payload: 30, using: &generator) }
        let first = sending.protect(packets)
        #expect(sending.protect(Array(packets[10..<50])) == Array(first[10..<50]))
    }

    @Test(arguments: SRTPEngineChoice.runnable)
    func aJobForTheWrongEngineOrDirectionIsRefused(choice: SRTPEngineChoice) throws {
        var generator = SeededGenerator(18)
        let packet = Sample.rtp(sequence: 1, payload: 30, using: &generator)
        let engine = try SRTPEngine(choice)
        for other in SRTPEngineChoice.runnable where other != choice {
            let sending = try Sending(SRTPEngine(other), Sample.key(.aes128CMSHA1_80))
            var buffer = packet + Array(repeating: 0, count: 16)
            buffer.withUnsafeMutableBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return }
                var job = SRTPJob(sender: sending.sender, packet: start, length: 42, capacity: 58)
                withUnsafeMutablePointer(to: &job) { engine.protect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
                #expect(job.status == .malformed)
            }
        }
        let sending = try Sending(engine, Sample.key(.aes128CMSHA1_80))
        var buffer = packet + Array(repeating: 0, count: 16)
        buffer.withUnsafeMutableBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            var job = SRTPJob(sender: sending.sender, packet: start, length: 42, capacity: 58)
            withUnsafeMutablePointer(to: &job) { engine.unprotect(UnsafeMutableBufferPointer(start: $0, count: 1)) }
            #expect(job.status == .malformed)
        }
    }

    @Test func automaticChoosesAnEngineThatRuns() throws {
        let name = try SRTPEngine(.automatic).name
        #expect(name == (SRTPEngineChoice.runnable.contains(.ipsecMB) ? "ipsec-mb" : "openssl"))
        for choice in SRTPEngineChoice.runnable { #expect(try SRTPEngine(choice).name == choice.rawValue) }
    }
}
