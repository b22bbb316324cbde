/// SplitMix64: the same numbers on each run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// A copy with a few bytes changed, and sometimes cut.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var copy = bytes
        for _ in 0..<Int.random(in: 1...6, using: &self) where !copy.isEmpty {
            copy[Int.random(in: 0..<copy.count, using: &self)] = UInt8.random(in: .min ... .max, using: &self)
        }
        if Int.random(in: 0..<4, using: &self) == 0 { copy.removeLast(Int.random(in: 0...copy.count, using: &self)) }
        return copy
    }
}
