import Testing

@testable import RTP

@Suite struct SoundRewriterTests {
    private static let frame: UInt64 = 20_000_000

    @Test func whatIsLeftOutLeavesNoGapAndTimeGoesOn() throws {
        var rewriter = SoundRewriter(firstSequence: 65_534, firstTimestamp: 0xFFFF_FF00)
        var outputs: [SoundRewriter.Output] = []
        for step in 0..<200 {
            let (number, time) = (UInt16(truncatingIfNeeded: 65_500 + step), UInt32(step * 160))
            if (50..<150).contains(step) {
                rewriter.leaveOut(source: 7, sequenceNumber: number)
            } else {
                let output = rewriter.rewrite(
                    source: 7, clockRate: 8_000, sequenceNumber: number, timestamp: time,
                    atNanoseconds: UInt64(step) * Self.frame)
                outputs.append(try #require(output))
            }
        }
        #expect(outputs.map(\.sequenceNumber) == (0..<100).map { UInt16(truncatingIfNeeded: 65_534 + $0) })
        #expect(outputs[50].timestamp &- outputs[49].timestamp == 101 * 160)
        #expect(outputs.indices.filter { outputs[$0].beginsAnew } == [0, 50])
        #expect(rewriter.timestamp(ofSource: 199 * 160) == outputs.last?.timestamp)
    }

    @Test func keysKeepTheirTimeOverSoundThatIsLeftOutBetweenTheirPackets() throws {
        var rewriter = SoundRewriter(firstSequence: 100, firstTimestamp: 0)
        var keys: [SoundRewriter.Output] = []
        for step in 0..<60 {
            let (number, now) = (UInt16(1_000 + step), UInt64(step) * Self.frame)
            // A phone that goes on sending sound while a key is held, of a point that is muted.
            if step >= 20, step < 30, step.isMultiple(of: 2) {
                let output = rewriter.rewrite(
                    source: 7, clockRate: nil, sequenceNumber: number, timestamp: 20 * 160, atNanoseconds: now)
                keys.append(try #require(output))
            } else {
                rewriter.leaveOut(source: 7, sequenceNumber: number)
            }
        }
        #expect(keys.map(\.sequenceNumber) == [100, 101, 102, 103, 104])
        #expect(Set(keys.map(\.timestamp)).count == 1)
        #expect(keys.allSatisfy { !$0.beginsAnew })
    }

    @Test func noNumberIsGivenTwiceNorToWhatComesTooLate() {
        var rewriter = SoundRewriter(firstSequence: 100, firstTimestamp: 0)
        func send(_ number: UInt16) -> UInt16? {
            rewriter.rewrite(
                source: 7, clockRate: 48_000, sequenceNumber: number, timestamp: UInt32(number) * 960,
                atNanoseconds: UInt64(number) * Self.frame)?.sequenceNumber
        }
        #expect(send(10) == 100)
        // Older than the first.
        #expect(send(9) == nil)
        #expect(send(13) == 103)
        #expect(send(13) == nil)
        #expect(send(12) == 102)
        #expect(send(12) == nil)
        #expect(send(100) == 190)
        #expect(send(11) == nil)
        rewriter.leaveOut(source: 7, sequenceNumber: 110)
        #expect(send(109) == nil)
        #expect(send(111) == 191)
    }

    @Test func anotherSourceAndAnotherClockGoOnWhereTheOneBeforeWas() {
        var rewriter = SoundRewriter(firstSequence: 100, firstTimestamp: 5_000)
        func send(_ source: UInt32, _ rate: UInt32, _ number: UInt16, _ time: UInt32, _ seconds: Double)
            -> SoundRewriter.Output?
        {
            rewriter.rewrite(
                source: source, clockRate: rate, sequenceNumber: number, timestamp: time,
                atNanoseconds: UInt64(seconds * 1e9))
        }
        #expect(send(7, 48_000, 10, 0, 1) == .init(sequenceNumber: 100, timestamp: 5_000, beginsAnew: true))
        #expect(send(7, 48_000, 11, 960, 1.02) == .init(sequenceNumber: 101, timestamp: 5_960, beginsAnew: false))
        // As after a call that was begun anew, half a second later.
        #expect(send(8, 48_000, 900, 77, 1.52) == .init(sequenceNumber: 102, timestamp: 29_960, beginsAnew: true))
        // In G.711, in the next packet: by the clock of G.711 (RFC 7160).
        #expect(send(8, 8_000, 901, 1_000, 1.54) == .init(sequenceNumber: 103, timestamp: 30_120, beginsAnew: true))
        #expect(send(8, 8_000, 902, 1_160, 1.56) == .init(sequenceNumber: 104, timestamp: 30_280, beginsAnew: false))
        #expect(rewriter.timestamp(atNanoseconds: 1_660_000_000) == 31_080)
    }

    @Test func aSourceThatBeginsAnewIsTakenUpAtItsSecondPacketAndAClockThatWasSetIsMended() {
        var rewriter = SoundRewriter(firstSequence: 100, firstTimestamp: 0)
        func send(_ number: UInt16, _ time: UInt32, _ frame: UInt64) -> SoundRewriter.Output? {
            rewriter.rewrite(
                source: 7, clockRate: 8_000, sequenceNumber: number, timestamp: time,
                atNanoseconds: frame * Self.frame)
        }
        #expect(send(10, 0, 0)?.sequenceNumber == 100)
        #expect(send(30_000, 90_000_000, 1) == nil)
        #expect(send(30_001, 90_000_160, 2) == .init(sequenceNumber: 101, timestamp: 320, beginsAnew: true))
        #expect(send(30_002, 7, 3)?.timestamp == 480)
    }

    /// What a receiver sees over thousands of packets that are lost, late, doubled and left out, of sources that come and go.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6]) func whateverComes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func happens(_ perThousand: Int) -> Bool { Int.random(in: 0..<1_000, using: &generator) < perThousand }
        struct Packet { var source: UInt32, rate: UInt32, number: UInt16, time: UInt32 }
        var rewriter = SoundRewriter(
            firstSequence: .random(in: 0...UInt16.max, using: &generator),
            firstTimestamp: .random(in: 0...UInt32.max, using: &generator))
        var packet = Packet(source: 1, rate: 48_000, number: 65_000, time: .max - 9_600)
        var (isMuted, now, epoch, missing) = (false, UInt64(1_000_000_000), 0, 0)
        var held: [Packet] = []
        var highest = -1
        var seen: Set<Int> = []
        var newest: (packet: Packet, output: SoundRewriter.Output, epoch: Int, at: UInt64)?

        func deliver(_ packet: Packet) {
            guard !isMuted else {
                rewriter.leaveOut(source: packet.source, sequenceNumber: packet.number)
                epoch += 1
                return
            }
            let output = rewriter.rewrite(
                source: packet.source, clockRate: packet.rate, sequenceNumber: packet.number,
                timestamp: packet.time, atNanoseconds: now)
            guard let output else {
                missing += 1
                return
            }
            let last = newest?.output.sequenceNumber ?? output.sequenceNumber &- 1
            let place = highest + Int(Int16(bitPattern: output.sequenceNumber &- last))
            #expect(seen.insert(place).inserted, "\(output.sequenceNumber) was given twice")
            if let newest, newest.packet.source == packet.source, newest.packet.rate == packet.rate,
                newest.epoch == epoch
            {
                #expect(
                    output.sequenceNumber &- newest.output.sequenceNumber == packet.number &- newest.packet.number)
                #expect(output.timestamp &- newest.output.timestamp == packet.time &- newest.packet.time)
            }
            guard place > highest else { return }
            highest = place
            if let newest {
                let ticks = Int64(Int32(bitPattern: output.timestamp &- newest.output.timestamp))
                let elapsed = Int64((now - newest.at) / 1_000) * Int64(packet.rate) / 1_000_000
                #expect(ticks > 0 && abs(ticks - elapsed) <= Int64(packet.rate) * 3 / 20, "\(ticks) for \(elapsed)")
            }
            newest = (packet, output, epoch, now)
        }
        for _ in 0..<5_000 {
            if happens(20) { isMuted.toggle() }
            if happens(5) {
                // A source never comes back, nor does anything of one before come late here.
                missing += held.count
                held = []
                packet = Packet(
                    source: packet.source + 1, rate: happens(500) ? 8_000 : 48_000,
                    number: .random(in: 0...UInt16.max, using: &generator),
                    time: .random(in: 0...UInt32.max, using: &generator))
                epoch += 1
            }
            // Silence that the point left out.
            let pause = happens(10) ? UInt64.random(in: 1...500, using: &generator) : 0
            if pause > 0 {
                missing += held.count
                held = []
            }
            now += (pause + 1) * Self.frame
            packet.time &+= UInt32(pause + 1) * packet.rate / 50
            packet.number &+= 1
            if happens(30) {
                missing += 1
            } else if happens(30) {
                held.append(packet)
            } else {
                deliver(packet)
                if happens(20) { deliver(packet) }
            }
            if !held.isEmpty, happens(400) { deliver(held.removeFirst()) }
        }
        missing += held.count
        let gaps = highest + 1 - seen.count
        #expect(gaps <= missing, "\(gaps) numbers given to nobody, \(missing) packets missing")
        #expect(seen.count > 1_500)
    }
}

@Suite struct SourceClockTests {
    private static let hours = Int64(5 * 3_600) * 1_000_000_000

    private func report(_ ssrc: UInt32, _ nanoseconds: Int64, _ timestamp: UInt32) -> RTCPSenderInfo {
        RTCPSenderInfo(
            ssrc: ssrc, ntp: NTPTime(unixNanoseconds: UInt64(nanoseconds)), rtpTimestamp: timestamp, packetCount: 1,
            octetCount: 1)
    }

    /// Two streams of one point whose clock is hours off and drifts, and whose reports come late by up to 20 ms.
    @Test func soundAndPictureStayAsFarApartAsTheyAre() throws {
        var generator = SeededGenerator(seed: 9)
        var clock = SourceClock()
        let start = Int64(1_800_000_000) * 1_000_000_000
        for second in stride(from: Int64(0), to: 7_200, by: 5) {
            let now = start + second * 1_000_000_000
            // 100 parts in a million.
            let theirs = now + Self.hours + second * 100_000
            let elapsed = Double(theirs - start - Self.hours) / 1e9
            func late() -> NTPTime {
                NTPTime(unixNanoseconds: UInt64(now + .random(in: 0...20_000_000, using: &generator)))
            }
            let ofSound = clock.receive(report(1, theirs, UInt32(elapsed * 48_000)), at: late())
            let ofPicture = clock.receive(report(2, theirs, UInt32(elapsed * 90_000)), at: late())
            let (sound, picture) = (try #require(ofSound), try #require(ofPicture))
            let asked = NTPTime(unixNanoseconds: UInt64(now + 2_000_000_000))
            let heard = try #require(clock.timestamp(of: sound, clockRate: 48_000, at: asked))
            let seen = try #require(clock.timestamp(of: picture, clockRate: 90_000, at: asked))
            #expect(abs(Double(heard) / 48_000 - Double(seen) / 90_000) < 0.001)
            // And neither is far from what it is by the bridge's clock.
            #expect(abs(Double(heard) / 48_000 - elapsed - 2) < 0.05, "after \(second) s")
        }
    }

    @Test func aClockThatIsSetVoidsWhatWasReportedAndOneThatIsNoneReportsNothing() throws {
        var clock = SourceClock()
        let start = Int64(1_800_000_000) * 1_000_000_000
        let arrival = NTPTime(unixNanoseconds: UInt64(start))
        func heard(_ info: RTCPSenderInfo) throws -> SourceClock.Report {
            let heard = clock.receive(info, at: arrival)
            return try #require(heard)
        }
        let none = RTCPSenderInfo(
            ssrc: 1, ntp: NTPTime(rawValue: 0), rtpTimestamp: 0, packetCount: 0, octetCount: 0)
        let nothing = clock.receive(none, at: arrival) == nil
        #expect(nothing)
        let before = try heard(report(1, start, 1_000))
        #expect(clock.timestamp(of: before, clockRate: 8_000, at: arrival) == 1_000)
        let after = try heard(report(2, start + Self.hours, 5))
        #expect(clock.timestamp(of: before, clockRate: 8_000, at: arrival) == nil)
        #expect(clock.timestamp(of: after, clockRate: 8_000, at: arrival) == 5)
        // Whatever it claims, nothing traps; and what was said long ago says nothing.
        for claim in [UInt64.max, 1, 1 << 63] {
            let info = RTCPSenderInfo(
                ssrc: 3, ntp: NTPTime(rawValue: claim), rtpTimestamp: .max, packetCount: 1, octetCount: 1)
            let absurd = try heard(info)
            #expect(clock.timestamp(of: absurd, clockRate: 90_000, at: arrival) != nil)
        }
        let last = try heard(report(1, start, 0))
        let later = NTPTime(unixNanoseconds: UInt64(start + 61_000_000_000))
        #expect(clock.timestamp(of: last, clockRate: 8_000, at: later) == nil)
    }
}
