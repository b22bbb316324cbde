import RTP
import Testing

@Suite struct PacketReordererTests {
    private func run(
        _ numbers: [UInt16], capacity: Int = 16, spacing: UInt64 = 1_000_000
    ) -> ([UInt16], PacketReorderer) {
        var reorderer = PacketReorderer(capacity: capacity, patienceNanoseconds: 50_000_000)
        var out: [UInt16] = []
        for (index, number) in numbers.enumerated() {
            withUnsafeBytes(of: number) {
                reorderer.push($0, sequenceNumber: number, arrivalNanoseconds: UInt64(index) * spacing) { bytes, _ in
                    out.append(bytes.loadUnaligned(as: UInt16.self))
                }
            }
        }
        reorderer.flush { bytes, _ in out.append(bytes.loadUnaligned(as: UInt16.self)) }
        return (out, reorderer)
    }

    @Test func shuffledWindowsComeOutInOrder() {
        var generator = SeededGenerator(seed: 11)
        let numbers = (0..<2000).map { UInt16(truncatingIfNeeded: 65_000 + $0) }
        var shuffled: [UInt16] = [numbers[0]]
        for start in stride(from: 1, to: 2000, by: 8) {
            shuffled += numbers[start..<min(2000, start + 8)].shuffled(using: &generator)
        }
        let (out, reorderer) = run(shuffled)
        #expect(out == numbers)
        #expect(reorderer.lost == 0 && reorderer.late == 0)
    }

    @Test func gapsAreGivenUpByRoomOrTime() {
        let numbers = (0..<100).map { UInt16($0) }.filter { $0 != 10 && $0 != 50 }
        let (byRoom, first) = run(numbers, capacity: 4)
        #expect(byRoom == numbers && first.lost == 2)
        let (byTime, second) = run(numbers, capacity: 1000, spacing: 20_000_000)
        #expect(byTime == numbers && second.lost == 2)
    }

    @Test func duplicatesAndLatePacketsAreCountedNotDelivered() {
        let (out, reorderer) = run([1, 2, 2, 5, 5, 3, 4, 6])
        #expect(out == [1, 2, 3, 4, 5, 6])
        #expect(reorderer.duplicates == 1 && reorderer.late == 1)
    }

    @Test func aNumberThatWasPassedIsOfALaterRoundAfterALongSilence() {
        for (seconds, isNew) in [(UInt64(11), true), (9, false)] {
            for step in [UInt16(0), 1, 900, 2_900] {
                var reorderer = PacketReorderer(capacity: 16, patienceNanoseconds: 50_000_000)
                var out: [UInt16] = []
                var time: UInt64 = 0
                for number in [UInt16(5_000), 5_001, 5_002, 5_002 - step, 5_003 - step] {
                    if number == 5_002 - step, out.count == 3 { time += seconds * 1_000_000_000 }
                    withUnsafeBytes(of: number) {
                        reorderer.push($0, sequenceNumber: number, arrivalNanoseconds: time) { bytes, _ in
                            out.append(bytes.loadUnaligned(as: UInt16.self))
                        }
                    }
                    time += 20_000_000
                }
                let later = isNew ? [5_002 - step, 5_003 - step] : step == 0 ? [5_003] : []
                #expect(out == [5_000, 5_001, 5_002] + later, "\(seconds) s, \(step)")
            }
        }
    }

    @Test func jumpStartsAnew() {
        let (out, reorderer) = run([1, 2, 4, 40_000, 40_001])
        #expect(out == [1, 2, 4, 40_000, 40_001])
        #expect(reorderer.lost == 1)
    }
}
