import Glibc

/// The kernel's random numbers, fetched several at a time: a leg begins with ten, and each would be a system call.
struct PooledRandom: RandomNumberGenerator {
    private static let size = 32

    private var pool = InlineArray<32, UInt64>(repeating: 0)
    private var used = Self.size

    mutating func next() -> UInt64 {
        if used == Self.size {
            withUnsafeMutableBytes(of: &pool) { arc4random_buf($0.baseAddress!, $0.count) }
            used = 0
        }
        defer {
            // What was given out is nobody's to find.
            pool[used] = 0
            used += 1
        }
        return pool[used]
    }
}
