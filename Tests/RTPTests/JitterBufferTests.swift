import RTP
import Testing

/// Lets closures share a noncopyable buffer.
private final class Box {
    var buffer: JitterBuffer
    init(_ buffer: consuming JitterBuffer) { self.buffer = buffer }
}

/// Plays a schedule of arrivals against a consumer that pops each 20 ms.
private struct Playback {
    struct Arrival { var number: Int; var milliseconds: Double; var timestamp: Int? }
    enum Heard: Equatable { case packet(UInt16), lost, empty }

    var heard: [Heard] = []
    var delays: [Double] = []
    var statistics = JitterBuffer.Statistics()
    var target: UInt32 = 0

    init(_ arrivals: [Arrival], until end: Double, firstNumber: Int = 65_500) {
        var buffer = JitterBuffer(clockRate: 48_000)
        let pending = arrivals.sorted { $0.milliseconds < $1.milliseconds }
        var next = 0
        var now = 0.0
        while now < end {
            while next < pending.count, pending[next].milliseconds <= now {
                let arrival = pending[next]
                next += 1
                let timestamp = arrival.timestamp ?? arrival.number * 960
                withUnsafeBytes(of: UInt32(arrival.number)) {
                    _ = buffer.push(
                        $0, payloadType: 96, ssrc: 1,
                        sequenceNumber: UInt16(truncatingIfNeeded: firstNumber + arrival.number),
                        timestamp: UInt32(truncatingIfNeeded: 0xffff_0000 + timestamp), duration: 960,
                        arrivalNanoseconds: 1_000_000_000 + UInt64(arrival.milliseconds * 1e6))
                }
            }
            switch buffer.pop(atNanoseconds: 1_000_000_000 + UInt64(now * 1e6)) {
            case .packet(let packet):
                heard.append(.packet(packet.sequenceNumber &- UInt16(truncatingIfNeeded: firstNumber)))
                delays.append(now - Double(packet.timestamp &- 0xffff_0000) / 48)
            case .lost: heard.append(.lost)
            case .empty: heard.append(.empty)
            }
            now += 20
        }
        statistics = buffer.statistics
        target = buffer.targetDelayMilliseconds
    }

    var packets: [UInt16] { heard.compactMap { if case .packet(let number) = $0 { number } else { nil } } }
}

@Suite struct JitterBufferTests {
    private func steady(_ count: Int, jitter: (Int) -> Double = { _ in 0 }) -> [Playback.Arrival] {
        (0..<count).map { .init(number: $0, milliseconds: Double($0) * 20 + 5 + jitter($0)) }
    }

    @Test func steadyStreamPlaysWholeWithSmallDelay() {
        let playback = Playback(steady(500), until: 10_000)
        #expect(playback.packets == Array(0..<UInt16(playback.packets.count)))
        #expect(playback.packets.count >= 495)
        #expect(!playback.heard.contains(.lost))
        #expect((playback.delays.max() ?? .infinity) <= 45)
    }

    @Test func everyLossIsConcealedOnceAndInItsPlace() {
        let lost: Set<Int> = [50, 51, 120, 300]
        let playback = Playback(steady(500).filter { !lost.contains($0.number) }, until: 9_000)
        let body = playback.heard.drop { $0 == .empty }
        for (index, heard) in body.enumerated() {
            #expect(heard == (lost.contains(index) ? .lost : .packet(UInt16(index))))
        }
        #expect(playback.statistics.concealed == 4)
    }

    @Test func reorderedPacketsPlayInOrder() {
        let playback = Playback(
            steady(400) { $0 % 10 == 3 ? 30 : 0 }, until: 7_000)
        #expect(playback.packets == playback.packets.sorted())
        // The first late one or two teach the delay; afterwards nothing is late.
        #expect(playback.statistics.late <= 2)
        #expect(playback.statistics.concealed <= 4)
    }

    @Test func delayRisesWithJitterAndFallsAfterIt() {
        var generator = SeededGenerator(seed: 8)
        let noise = (0..<3000).map { $0 < 1000 ? Double.random(in: 0...90, using: &generator) : 0 }
        let jittery = Playback(steady(1000) { noise[$0] }, until: 20_000)
        #expect((90...130).contains(jittery.target))
        #expect(jittery.statistics.concealed + jittery.statistics.late < 30)
        let calm = Playback(steady(3000) { noise[$0] }, until: 60_000)
        #expect(calm.target <= 40)
        #expect(calm.delays.suffix(100).max() ?? .infinity <= 100)
        #expect(calm.packets == calm.packets.sorted())
    }

    @Test func silenceLeftOutByTheSenderIsNoLoss() {
        // 100 packets of speech, 400 ms left out six times, each ended by one packet, then speech.
        var arrivals: [Playback.Arrival] = []
        var frame = 0
        for number in 0..<206 {
            if (100...106).contains(number) { frame += 20 } else { frame += 1 }
            arrivals.append(.init(number: number, milliseconds: Double(frame) * 20 + 5, timestamp: frame * 960))
        }
        let playback = Playback(arrivals, until: Double(frame) * 20)
        #expect(playback.packets == Array(0..<UInt16(playback.packets.count)))
        #expect(playback.packets.count >= 203)
        // An underrun is concealed for 100 ms, since it may be a late packet; the rest of the pause is silence.
        #expect(playback.statistics.concealed <= 35)
        #expect(playback.heard.filter { $0 == .empty }.count >= 90)
        #expect(playback.statistics.discarded == 0)
    }

    @Test func burstAfterAStallStaysWithinTheBounds() {
        let playback = Playback(
            (0..<600).map { .init(number: $0, milliseconds: (200..<230).contains($0) ? 4605 : Double($0) * 20 + 5) },
            until: 12_000)
        #expect(playback.packets == playback.packets.sorted())
        #expect(Set(playback.packets).count == playback.packets.count)
        #expect((playback.delays.max() ?? .infinity) <= 260)
        // 600 ms came at once; what exceeds 240 ms is dropped, and at most as much is still held at the end.
        #expect((1...20).contains(playback.statistics.discarded))
        #expect(playback.packets.count >= 600 - 20 - 12)
    }

    @Test func duplicatesLateAndOversizedPacketsAreCounted() {
        let box = Box(JitterBuffer(clockRate: 8000, capacity: 8, slotSize: 200))
        let push = { (number: UInt16, size: Int) in
            [UInt8](repeating: 1, count: size).withUnsafeBytes {
                box.buffer.push(
                    $0, payloadType: 0, ssrc: 5, sequenceNumber: number, timestamp: UInt32(number) * 160, duration: 160,
                    arrivalNanoseconds: UInt64(number) * 20_000_000)
            }
        }
        #expect(push(10, 160) == .queued)
        #expect(push(10, 160) == .duplicate)
        #expect(push(11, 160) == .queued)
        #expect(push(12, 201) == .tooLarge)
        guard case .packet(let packet) = box.buffer.pop(atNanoseconds: 300_000_000) else {
            Issue.record("nothing to play")
            return
        }
        #expect(packet.sequenceNumber == 10 && packet.isDiscontinuity && packet.payload.count == 160)
        #expect(push(10, 160) == .late)
        #expect(push(9, 160) == .late)
        let statistics = box.buffer.statistics
        #expect(statistics.late == 2 && statistics.duplicates == 1 && statistics.tooLarge == 1)
        for number in UInt16(12)..<40 { #expect(push(number, 10) == .queued) }
        #expect(box.buffer.heldPackets <= 8)
    }

    @Test func anotherSourceOrAJumpStartsAnew() {
        let box = Box(JitterBuffer(clockRate: 8000))
        let push = { (ssrc: UInt32, number: UInt16, timestamp: UInt32) in
            [UInt8](repeating: 1, count: 160).withUnsafeBytes {
                box.buffer.push(
                    $0, payloadType: 0, ssrc: ssrc, sequenceNumber: number, timestamp: timestamp, duration: 160,
                    arrivalNanoseconds: 0)
            }
        }
        #expect(push(1, 1, 0) == .queued)
        #expect(push(2, 30_000, 7) == .restarted)
        #expect(push(2, 30_001, 167) == .queued)
        #expect(push(2, 50_000, 327) == .restarted)
        #expect(push(2, 50_001, 0x8000_0000) == .restarted)
        #expect(box.buffer.heldPackets == 1)
    }

    @Test func concealmentIsOfferedThePacketBehindTheGap() {
        var buffer = JitterBuffer(clockRate: 48_000)
        for number in [0, 1, 3, 4] as [UInt16] {
            withUnsafeBytes(of: number) {
                _ = buffer.push(
                    $0, payloadType: 96, ssrc: 1, sequenceNumber: number, timestamp: UInt32(number) * 960,
                    duration: 960, arrivalNanoseconds: UInt64(number) * 20_000_000)
            }
        }
        var sawRedundancy = false
        for step in 0..<5 {
            switch buffer.pop(atNanoseconds: 200_000_000 + UInt64(step) * 20_000_000) {
            case .lost(let following):
                #expect(step == 2)
                #expect(following?.loadUnaligned(as: UInt16.self) == 3)
                sawRedundancy = true
            case .packet(let packet): #expect(packet.sequenceNumber == UInt16(step))
            case .empty: Issue.record("silence at step \(step)")
            }
        }
        #expect(sawRedundancy)
    }

    /// A steady stream with losses, played each 20 ms: how many frames were concealed with and without what follows them, and
    /// by how much later than it came, in milliseconds, the last packet was played.
    private func concealments(awaitsRedundancy: Bool, losing: (Int) -> Bool) -> (seeing: Int, blind: Int, delay: Double)
    {
        var buffer = JitterBuffer(clockRate: 48_000, awaitsRedundancy: awaitsRedundancy)
        var (seeing, blind, delay) = (0, 0, 0.0)
        for tick in 0..<2_000 {
            let now = 1_000_000_000 + UInt64(tick) * 20_000_000
            if !losing(tick) {
                withUnsafeBytes(of: UInt32(tick)) {
                    _ = buffer.push(
                        $0, payloadType: 96, ssrc: 1, sequenceNumber: UInt16(tick), timestamp: UInt32(tick * 960),
                        duration: 960, arrivalNanoseconds: now)
                }
            }
            switch buffer.pop(atNanoseconds: now + 5_000_000) {
            case .packet(let packet): delay = Double(tick - Int(packet.sequenceNumber)) * 20 + 5
            case .lost(let following):
                if following != nil { seeing += 1 } else { blind += 1 }
            case .empty: break
            }
        }
        return (seeing, blind, delay)
    }

    @Test func whereMuchIsLostTheBufferWaitsForWhatTellsOfIt() {
        // Each tenth, and now and then two.
        func isLost(_ number: Int) -> Bool { number > 100 && (number % 10 == 3 || number % 50 == 4) }
        let lost = (0..<2_000).count(where: isLost)
        let plain = concealments(awaitsRedundancy: false, losing: isLost)
        let waiting = concealments(awaitsRedundancy: true, losing: isLost)
        // Of two that are lost after each other, nothing tells of the first.
        #expect(waiting.seeing > lost * 3 / 4, "\(waiting) of \(lost)")
        #expect(waiting.delay - plain.delay <= 20, "\(plain), \(waiting)")
    }

    @Test func aLossNowAndThenMakesNothingLater() {
        func isLost(_ number: Int) -> Bool { number % 100 == 50 }
        let plain = concealments(awaitsRedundancy: false, losing: isLost)
        let waiting = concealments(awaitsRedundancy: true, losing: isLost)
        #expect(waiting == plain)
    }

    @Test func whatWasPlayedCanBeReadUntilItsPlaceIsNeeded() {
        var buffer = JitterBuffer(clockRate: 48_000, capacity: 4)
        #expect(buffer.played(0) == nil)
        for number in [0, 1, 3] as [UInt16] {
            withUnsafeBytes(of: number) {
                _ = buffer.push(
                    $0, payloadType: 96, ssrc: 1, sequenceNumber: number, timestamp: UInt32(number) * 960,
                    duration: 960, arrivalNanoseconds: UInt64(number) * 20_000_000)
            }
        }
        for step in 0..<4 { _ = buffer.pop(atNanoseconds: 200_000_000 + UInt64(step) * 20_000_000) }
        let past = (0..<5).map { buffer.played($0)?.loadUnaligned(as: UInt16.self) }
        // The packet played last, the one that never came, those before, and one from before the first.
        #expect(past == [3, nil, 1, 0, nil])
        withUnsafeBytes(of: UInt16(4)) {
            _ = buffer.push(
                $0, payloadType: 96, ssrc: 1, sequenceNumber: 4, timestamp: 4 * 960, duration: 960,
                arrivalNanoseconds: 80_000_000)
        }
        #expect(buffer.played(3) == nil)
        buffer.reset()
        #expect(buffer.played(0) == nil)
    }

    @Test func randomPushesAndPopsNeverTrap() {
        var generator = SeededGenerator(seed: 10)
        var buffer = JitterBuffer(clockRate: 48_000, capacity: 16, slotSize: 64)
        var number: UInt16 = 0
        var timestamp: UInt32 = 0
        for step in 0..<100_000 {
            switch Int.random(in: 0..<200, using: &generator) {
            case 0: number = .random(in: 0...UInt16.max, using: &generator)
            case 1: timestamp = .random(in: 0...UInt32.max, using: &generator)
            default:
                number &+= UInt16(truncatingIfNeeded: Int.random(in: -3...6, using: &generator))
                timestamp &+= UInt32(truncatingIfNeeded: Int.random(in: -3000...6000, using: &generator))
            }
            generator.bytes(Int.random(in: 0...70, using: &generator)).withUnsafeBytes {
                _ = buffer.push(
                    $0, payloadType: 96, ssrc: UInt32(step / 5000), sequenceNumber: number, timestamp: timestamp,
                    duration: .random(in: 0...UInt32.max, using: &generator),
                    arrivalNanoseconds: UInt64(step) * 10_000_000)
            }
            if Bool.random(using: &generator) { _ = buffer.pop(atNanoseconds: UInt64(step) * 10_000_000) }
            #expect((0...16).contains(buffer.heldPackets))
        }
    }

    @Test(
        arguments: [
            ([0x00], 480), ([0x18], 2880), ([0x60], 480), ([0x68], 960), ([0x80], 120), ([0x98], 960), ([0xf8], 960),
            ([0xf9], 1920), ([0xfb, 3], 2880), ([0xfb, 6], 5760), ([0xfb, 7], nil), ([0xfb, 0], nil), ([0xfb], nil),
            ([], nil),
        ] as [([UInt8], UInt32?)])
    func tellsOpusDurations(payload: [UInt8], ticks: UInt32?) {
        #expect(payload.withUnsafeBytes { AudioPacketDuration.ticks(of: .opus, $0) } == ticks)
    }
}
