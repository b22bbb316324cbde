import Testing

@testable import MediaPlane

@Suite struct PacerTests {
    private static let tick: UInt64 = 20_000_000

    /// Milliseconds at which each packet of a picture leaves that comes all at once.
    private func leave(_ packets: Int, octets: Int, line: Double?) -> [Int] {
        var pacer = Pacer()
        pacer.adapt(to: line)
        var now: UInt64 = 1_000_000_000
        var left: [Int] = []
        for number in 0..<packets {
            guard pacer.cursor == nil, pacer.hasRoom(at: now) else {
                if pacer.cursor == nil { pacer.wait(from: UInt16(number), at: now) }
                continue
            }
            pacer.sent(octets: octets, at: now)
            left.append(0)
        }
        while left.count < packets, now < 10_000_000_000 {
            now += Self.tick
            while left.count < packets, pacer.hasRoom(at: now) {
                pacer.sent(octets: octets, at: now)
                left.append(Int((now - 1_000_000_000) / 1_000_000))
            }
        }
        return left
    }

    @Test(arguments: [nil, 4_000_000.0, 50_000_000]) func overAWideLineAllLeavesAtOnce(line: Double?) {
        #expect(leave(60, octets: 1_100, line: line) == [Int](repeating: 0, count: 60))
    }

    @Test(arguments: [100_000.0, 250_000, 1_000_000, 3_000_000]) func aKeyframeLeavesAtTwiceWhatTheLineCarries(
        line: Double
    ) {
        let left = leave(60, octets: 1_100, line: line)
        let ideal = 60 * 1_100 * 8 / (line * Pacer.factor) * 1_000
        #expect(left.count == 60)
        #expect(abs(Double(left.last ?? 0) - ideal) < 60 + 1_100 * 8 / (line * Pacer.factor) * 1_000)
        // No tick sends more than its own time and one packet are worth.
        for time in Set(left) where time > 0 {
            let octets = left.count { $0 == time } * 1_100
            #expect(Double(octets) <= line * Pacer.factor / 8 * 0.02 + 2 * 1_100)
        }
    }

    @Test func aPictureOfUsualSizeLeavesAtOnce() {
        // 25 a second over a line with a little room.
        #expect(leave(6, octets: 1_000, line: 1_300_000).allSatisfy { $0 == 0 })
    }

    @Test func whatWaitsTooLongIsGivenUp() {
        var pacer = Pacer()
        pacer.adapt(to: 40_000)
        pacer.wait(from: 65_535, at: 0)
        pacer.advance(to: 0)
        #expect(pacer.cursor == 0)
        #expect(!pacer.isTooLate(at: 700_000_000))
        #expect(pacer.isTooLate(at: 900_000_000))
        pacer.clear()
        #expect(pacer.cursor == nil && !pacer.isTooLate(at: 900_000_000))
    }
}
