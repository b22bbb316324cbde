/// What gets through, in bit/s, by the receiver's clock: over half a second, and over the last fifth of one.
struct ThroughputMeter: Sendable {
    static let bucketNanoseconds: Int64 = 25_000_000
    static let buckets = 20
    static let recentBuckets = 8
    /// Less than this many buckets do not make a rate.
    static let leastBuckets: Int64 = 6

    private var octets = InlineArray<20, UInt32>(repeating: 0)
    private var newest: Int64?
    private var first: Int64 = 0

    mutating func reset() { self = ThroughputMeter() }

    mutating func add(octets size: Int, arrival: Int64) {
        let bucket = arrival / Self.bucketNanoseconds
        guard let newest else {
            self.newest = bucket
            first = bucket
            octets[slot(bucket)] = UInt32(clamping: size)
            return
        }
        if bucket > newest {
            // A pause longer than the window ends the measurement.
            guard bucket - newest < Int64(Self.buckets) * 4 else {
                reset()
                return add(octets: size, arrival: arrival)
            }
            for between in 1...min(bucket - newest, Int64(Self.buckets)) { octets[slot(newest + between)] = 0 }
            self.newest = bucket
        } else if newest - bucket >= Int64(Self.buckets) {
            // Older than all that counts.
            if newest - bucket > Int64(Self.buckets) * 4 { reset() }
            return
        }
        octets[slot(bucket)] &+= UInt32(clamping: size)
    }

    /// nil before there is enough of it. The newest bucket, which still fills, is left out.
    var bitsPerSecond: Double? { rate(over: Self.buckets - 1) }
    var recentBitsPerSecond: Double? { rate(over: Self.recentBuckets) }

    private func rate(over most: Int) -> Double? {
        guard let newest, newest - first >= Self.leastBuckets else { return nil }
        let count = min(Int64(most), newest - first)
        var sum: UInt64 = 0
        for back in 1...count { sum += UInt64(octets[slot(newest - back)]) }
        return Double(sum) * 8 * 1e9 / Double(count * Self.bucketNanoseconds)
    }

    private func slot(_ bucket: Int64) -> Int {
        Int(((bucket % Int64(Self.buckets)) + Int64(Self.buckets)) % Int64(Self.buckets))
    }
}
