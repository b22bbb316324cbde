/// What one bridge can take, and how many are needed.
struct Bridges {
    /// A machine as config/province.yaml has it.
    struct Capacity: Sendable {
        /// All but one of sixteen cores are media workers.
        var workers = 15.0
        /// How full a worker may be in the mean: above it ticks come late when the host takes a slice away (500 points on one core: 68 %, 27 late
        /// ticks in an hour full of neighbours, none in a quiet one).
        var share = 0.6
        /// `limits.calls`; its 20,000 ports would be enough for 5,000.
        var legs = 4_000.0
        /// Of a line of 10 Gbit/s.
        var bits = 10e9 * 0.7

        /// How much of it something takes, at the part that is scarcest.
        func use(of demand: Demand) -> Double {
            max(demand.mediaCores / (workers * share), demand.legs / legs, demand.bitsIn / bits, demand.bitsOut / bits)
        }
    }

    let capacity: Capacity

    /// The fewest bridges of which none is asked for more than it has at any minute of the day, rooms going to bridges by their hash.
    func needed(for day: DaySimulation) -> Int {
        let whole = minutes(of: day, bridges: 1).map { capacity.use(of: $0[0]) }.max() ?? 0
        var bridges = max(1, Int(whole.rounded(.up)))
        // What a bridge has more than its share vanishes as rooms become many.
        while worst(of: day, bridges: bridges) > 1 { bridges += max(1, bridges / 50) }
        return bridges
    }

    /// How full the fullest bridge is in its worst minute.
    func worst(of day: DaySimulation, bridges: Int) -> Double {
        minutes(of: day, bridges: bridges).reduce(0) { worst, minute in
            max(worst, minute.map(capacity.use).max() ?? 0)
        }
    }

    /// Minute by minute, what each bridge is asked for.
    private func minutes(of day: DaySimulation, bridges: Int) -> [[Demand]] {
        var minutes = Array(repeating: Array(repeating: Demand(), count: bridges), count: 1_441)
        for meeting in day.meetings {
            let bridge = Int(meeting.room % UInt64(bridges))
            let first = min(1_439, max(0, Int(meeting.opens / 60)))
            let last = min(1_440, max(first + 1, Int((meeting.ends / 60).rounded(.up))))
            minutes[first][bridge] += meeting.demand
            minutes[last][bridge] -= meeting.demand
        }
        for minute in 1..<minutes.count {
            for bridge in 0..<bridges { minutes[minute][bridge] += minutes[minute - 1][bridge] }
        }
        return minutes
    }
}

extension Demand {
    private mutating func combine(_ other: Demand, _ sign: Double) {
        legs += sign * other.legs
        packetsIn += sign * other.packetsIn
        packetsOut += sign * other.packetsOut
        bitsIn += sign * other.bitsIn
        bitsOut += sign * other.bitsOut
        soundCores += sign * other.soundCores
        pictureCores += sign * other.pictureCores
        recordingCores += sign * other.recordingCores
        recordedOctets += sign * other.recordedOctets
    }
    static func += (total: inout Demand, other: Demand) { total.combine(other, 1) }
    static func -= (total: inout Demand, other: Demand) { total.combine(other, -1) }
}
