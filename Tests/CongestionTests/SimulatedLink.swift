/// A bottleneck in simulated time: a first-in first-out queue of bounded length before a line whose rate may change, that
/// loses packets by a seeded model, and a propagation delay behind it.
struct SimulatedLink {
    enum Loss {
        case none
        case random(Double)
        /// Gilbert and Elliott: while bad, `lost` of the packets are lost; states change with each packet.
        case bursts(toBad: Double, toGood: Double, lost: Double)
    }

    struct Packet {
        var flow: Int
        var sequence: UInt16
        var octets: Int
        var enqueuedAt: UInt64
    }

    struct Delivery {
        var packet: Packet
        var arrivedAt: UInt64
        var waitedNanoseconds: UInt64
    }

    /// Bit/s at a time.
    var rate: (UInt64) -> Double
    var loss = Loss.none
    var queueLimitOctets = 400_000
    var propagationNanoseconds: UInt64 = 30_000_000
    private var random: SeededGenerator
    private var queue: [Packet] = []
    private var head = 0
    private var freeAt: UInt64 = 0
    private var isBad = false

    init(seed: UInt64, rate: @escaping (UInt64) -> Double) {
        random = SeededGenerator(seed: seed)
        self.rate = rate
    }

    private var queued: Int { queue[head...].reduce(0) { $0 + $1.octets } }

    mutating func send(_ packet: Packet) {
        guard queued + packet.octets <= queueLimitOctets else { return }
        queue.append(packet)
    }

    /// What has left the line by `now`.
    mutating func deliver(until now: UInt64) -> [Delivery] {
        var out: [Delivery] = []
        while head < queue.count {
            let packet = queue[head]
            let start = max(freeAt, packet.enqueuedAt)
            let end = start + UInt64(Double(packet.octets) * 8e9 / rate(start))
            guard end <= now else { break }
            freeAt = end
            head += 1
            if isLost() { continue }
            out.append(
                Delivery(
                    packet: packet, arrivedAt: end + propagationNanoseconds,
                    waitedNanoseconds: end - packet.enqueuedAt))
        }
        if head > 1000 {
            queue.removeFirst(head)
            head = 0
        }
        return out
    }

    private mutating func isLost() -> Bool {
        switch loss {
        case .none: return false
        case .random(let part): return Double.random(in: 0..<1, using: &random) < part
        case .bursts(let toBad, let toGood, let lost):
            isBad = Double.random(in: 0..<1, using: &random) < (isBad ? 1 - toGood : toBad)
            return isBad && Double.random(in: 0..<1, using: &random) < lost
        }
    }
}

/// SplitMix64, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}
