/// Finds which packets of one source are missing and when to ask for each, as the sender of generic NACKs does
/// (RFC 4585 §6.2.1). A gap is given some time to be reordering, is asked for again until it fills, and is given up in the
/// end. Plain values, no allocation.
public struct LossDetector: Sendable {
    /// Packets missing at once beyond which asking for each is no use: the picture has to begin anew.
    public static let capacity = 128
    static let reorderingNanoseconds: UInt64 = 10_000_000
    static let patienceNanoseconds: UInt64 = 1_000_000_000
    static let leastIntervalNanoseconds: UInt64 = 40_000_000
    static let mostAttempts: UInt8 = 10

    private struct Missing: Sendable {
        var sequence: UInt16
        var attempts: UInt8
        var sinceNanoseconds: UInt64
        var askedNanoseconds: UInt64
    }

    private var missing = InlineArray<128, Missing>(
        repeating: Missing(sequence: 0, attempts: 0, sinceNanoseconds: 0, askedNanoseconds: 0))
    private var count = 0
    /// The newest packet's number.
    public private(set) var highest: UInt16?
    private var hasOverflowed = false

    public init() {}

    /// Nothing is missing, and nothing was given up since `due` was last called.
    public var isQuiet: Bool { count == 0 && !hasOverflowed }

    /// Takes a packet in. True if it is one that was missing and had been asked for.
    @discardableResult
    public mutating func receive(_ sequence: UInt16, atNanoseconds now: UInt64) -> Bool {
        guard let highest else {
            self.highest = sequence
            return false
        }
        let ahead = Int16(bitPattern: sequence &- highest)
        guard ahead > 0 else { return ahead < 0 && (take(sequence) ?? 0) > 0 }
        self.highest = sequence
        let lost = Int(ahead) - 1
        guard lost > 0 else { return false }
        guard count + lost <= Self.capacity else {
            count = 0
            hasOverflowed = true
            return false
        }
        for step in 0..<lost {
            missing[count] = Missing(
                sequence: highest &+ 1 &+ UInt16(truncatingIfNeeded: step), attempts: 0, sinceNanoseconds: now,
                askedNanoseconds: 0)
            count += 1
        }
        return false
    }

    /// A packet came by another way, as a retransmission (RFC 4588). False if it was not missing.
    public mutating func recover(_ sequence: UInt16) -> Bool { take(sequence) != nil }

    /// Writes the sequence numbers that are due to be asked for into `list`, in order of their loss, and returns how many
    /// they are, and whether something is lost for good. `roundTrip` is that to the source, where it is known; a source
    /// that cannot be asked (`canAsk`) has lost for good whatever is not mere reordering.
    public mutating func due(
        atNanoseconds now: UInt64, roundTripNanoseconds roundTrip: UInt64?, canAsk: Bool,
        into list: inout InlineArray<128, UInt16>
    ) -> (asked: Int, gaveUp: Bool) {
        let interval = max(Self.leastIntervalNanoseconds, roundTrip.map { $0 &+ $0 / 4 } ?? 100_000_000)
        var asked = 0
        var kept = 0
        var gaveUp = hasOverflowed
        hasOverflowed = false
        for index in 0..<count {
            var item = missing[index]
            let age = now &- item.sinceNanoseconds
            if age >= Self.reorderingNanoseconds {
                if !canAsk || age >= Self.patienceNanoseconds || item.attempts >= Self.mostAttempts {
                    gaveUp = true
                    continue
                }
                if item.attempts == 0 || now &- item.askedNanoseconds >= interval {
                    item.attempts += 1
                    item.askedNanoseconds = now
                    list[asked] = item.sequence
                    asked += 1
                }
            }
            missing[kept] = item
            kept += 1
        }
        count = kept
        return (asked, gaveUp)
    }

    /// Takes a number from the list; how often it was asked for, nil if it is not there.
    private mutating func take(_ sequence: UInt16) -> UInt8? {
        for index in 0..<count where missing[index].sequence == sequence {
            let attempts = missing[index].attempts
            for later in index + 1..<max(index + 1, count) { missing[later - 1] = missing[later] }
            count -= 1
            return attempts
        }
        return nil
    }
}
