import RTP
import Testing

@Suite struct ArrivalWindowTests {
    @Test func eachNumberIsNewOnce() {
        var window = ArrivalWindow()
        for sequence in [65_533, 65_534, 0, 65_535, 2, 1] as [UInt16] {
            #expect(window.receive(sequence) == .new)
            #expect(window.receive(sequence) == .known)
        }
        for sequence in [65_533, 65_534, 65_535, 0, 1, 2] as [UInt16] { #expect(window.receive(sequence) == .known) }
    }

    @Test func aJumpIsConfirmedByTheNumberAfterIt() {
        var window = ArrivalWindow()
        #expect(window.receive(10_000) == .new)
        #expect(window.receive(100) == .known)
        #expect(window.receive(100) == .known)
        #expect(window.receive(101) == .restarted)
        #expect(window.receive(101) == .known)
        #expect(window.receive(100) == .new, "it did not go on before")
        #expect(window.receive(102) == .new)
    }

    @Test func aStrayNumberDoesNotDisturb() {
        var window = ArrivalWindow()
        #expect(window.receive(1) == .new)
        #expect(window.receive(40_000) == .known)
        #expect(window.receive(2) == .new)
        #expect(window.receive(40_001) == .known, "the jump was not confirmed at once")
        #expect(window.receive(3) == .new)
    }

    /// Whatever comes: between two restarts nothing is new twice, and what is new and not late beyond the span always goes on.
    @Test(arguments: 0..<20 as Range<UInt64>) func nothingGoesOnTwice(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var window = ArrivalWindow()
        var given: Set<UInt64> = []
        var first = true
        var newest: UInt64 = 1 << 32
        for _ in 0..<20_000 {
            let kind = Int.random(in: 0..<100, using: &random)
            let number: UInt64 =
                switch kind {
                case 0..<70: newest + 1
                case 70..<80: newest + UInt64.random(in: 1...600, using: &random)
                case 80..<98: newest - UInt64.random(in: 0...600, using: &random)
                default: newest - UInt64.random(in: 2_000...20_000, using: &random)
                }
            let sequence = UInt16(truncatingIfNeeded: number)
            switch window.receive(sequence) {
            case .new:
                #expect(given.insert(number).inserted, "\(sequence) went on twice")
                first = false
                newest = max(newest, number)
            case .known:
                #expect(!first)
                let isOld = number + UInt64(ArrivalWindow.span) <= newest
                #expect(given.contains(number) || isOld, "\(sequence) was kept back")
            case .restarted:
                given = [number]
                newest = number
            }
        }
    }
}
