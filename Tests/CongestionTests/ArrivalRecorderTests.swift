import Congestion
import RTP
import Testing

@Suite struct ArrivalRecorderTests {
    /// What the feedbacks written now say: the packets that came, and of how many it is said that they did not.
    private func told(_ recorder: inout ArrivalRecorder, capacity: Int = 1200) -> (received: [UInt16: Int64], lost: Int)
    {
        let octets = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
            var builder = RTCPBuilder(into: buffer)
            recorder.write(to: &builder, sender: 1, media: 2)
            return Array(buffer.prefix(builder.count))
        }
        var received: [UInt16: Int64] = [:]
        var lost = 0
        let bytes = octets.span.bytes
        guard var reader = try? RTCPReader(parsing: bytes) else { return ([:], 0) }
        while let message = reader.next() {
            guard case .transportFeedback(_, _, let range) = message,
                var feedback = try? TransportFeedbackReader(parsing: bytes.extracting(range))
            else { continue }
            while let item = feedback.next() {
                switch item {
                case .received(let sequence, let ticks): received[sequence] = ticks
                case .notReceived(_, let count): lost += count
                }
            }
        }
        return (received, lost)
    }

    @Test func aFeedbackIsDueAfterItsInterval() {
        var recorder = ArrivalRecorder()
        #expect(recorder.deadline == nil)
        recorder.receive(5, atNanoseconds: 1_000_000_000)
        recorder.receive(6, atNanoseconds: 1_050_000_000)
        #expect(recorder.deadline == 1_100_000_000)
        #expect(told(&recorder).received == [5: 4000, 6: 4200])
        #expect(recorder.deadline == nil)
        #expect(told(&recorder).received.isEmpty)
        for number in UInt16(7)...400 { recorder.receive(number, atNanoseconds: 2_000_000_000) }
        #expect(recorder.deadline == 2_000_000_000)
    }

    @Test func lossBetweenFeedbacksIsTold() {
        var recorder = ArrivalRecorder()
        recorder.receive(65_534, atNanoseconds: 1_000_000_000)
        _ = told(&recorder)
        recorder.receive(3, atNanoseconds: 1_100_000_000)
        let next = told(&recorder)
        #expect(next.received == [3: 4400])
        #expect(next.lost == 4)
        // One of them comes after all, and is told of once more.
        recorder.receive(1, atNanoseconds: 1_150_000_000)
        #expect(told(&recorder).received[1] == 4600)
    }

    @Test func everyPacketIsToldOfOnceOrMoreWhateverItsOrder() {
        var generator = SeededGenerator(seed: 31)
        var recorder = ArrivalRecorder()
        var now: UInt64 = 5_000_000_000
        var sent: Set<UInt16> = []
        var reported: Set<UInt16> = []
        var pending: [UInt16] = []
        var next: UInt16 = 60_000
        for step in 0..<20_000 {
            now += 1_000_000
            if Int.random(in: 0..<10, using: &generator) > 0 { pending.append(next) }
            next &+= 1
            if pending.count > 20 {
                let number = pending.remove(at: Int.random(in: 0..<20, using: &generator))
                recorder.receive(number, atNanoseconds: now)
                sent.insert(number)
            }
            if step % 100 == 99 { reported.formUnion(told(&recorder).received.keys) }
        }
        reported.formUnion(told(&recorder).received.keys)
        let untold = sent.subtracting(reported).count
        let invented = reported.subtracting(sent).count
        #expect(untold < sent.count / 100)
        #expect(invented == 0)
    }

    @Test func jumpsAndHostileNumbersAreSurvived() {
        var generator = SeededGenerator(seed: 32)
        var recorder = ArrivalRecorder()
        for _ in 0..<100_000 {
            recorder.receive(
                UInt16(truncatingIfNeeded: generator.next() >> (generator.next() % 64)), atNanoseconds: generator.next()
            )
            if generator.next() & 63 == 0 { _ = told(&recorder, capacity: Int(generator.next() % 1200)) }
        }
        // After a jump back it goes on from where the sender is now.
        var other = ArrivalRecorder()
        other.receive(30_000, atNanoseconds: 1_000_000_000)
        _ = told(&other)
        for number in UInt16(1)...10 { other.receive(number, atNanoseconds: 2_000_000_000) }
        #expect(told(&other).received.keys.max() == 10)
    }
}

@Suite struct ReceiverEstimateTests {
    /// A sender that obeys, over a line of 800 kbit/s; it stamps packets with a clock of its own.
    @Test func aSenderThatObeysFillsTheLine() {
        var estimate = ReceiverEstimate(RateLimits(least: 50_000, start: 200_000, most: 3_000_000))
        var allowed = 200_000.0
        var freeAt: UInt64 = 0
        var now: UInt64 = 0
        var rates: [Double] = []
        var longest: UInt64 = 0
        while now < 90_000_000_000 {
            var left = Int(allowed / 8 / 30)
            while left > 0 {
                let size = min(1200, max(60, left))
                left -= 1200
                freeAt = max(freeAt, now) + UInt64(size) * 8 * 1_000_000_000 / 800_000
                if now > 60_000_000_000 { longest = max(longest, freeAt - now) }
                estimate.receive(
                    AbsoluteSendTime(nanoseconds: now + 987_654_321_000), octets: size,
                    atNanoseconds: freeAt + 30_000_000)
                if let told = estimate.takeDue(atNanoseconds: freeAt + 30_000_000) { allowed = Double(told) }
            }
            if now > 60_000_000_000 { rates.append(Double(estimate.bitsPerSecond)) }
            now += 33_333_333
        }
        let mean = rates.reduce(0, +) / Double(rates.count)
        print(
            "REMB by abs-send-time at 800 kbit/s: mean \(Int(mean / 1000)) kbit/s, longest wait \(longest / 1_000_000) ms"
        )
        #expect(mean > 600_000 && mean < 920_000)
    }
}
