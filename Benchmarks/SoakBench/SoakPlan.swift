import BenchSupport

/// What is to happen, and when. The same seed and length give the same plan; what comes of it is the machine's.
///
/// A run is divided into days. In each, points join rooms and leave again, officers give orders, and faults come one after another; at its
/// end all have gone, and the bridge is looked at while it rests.
struct SoakPlan: Equatable, Sendable {
    enum Fault: String, CaseIterable, Sendable {
        /// SIGKILL, and a start on what is left.
        case killed
        /// Not an octet is left on the archive's disk, for some seconds.
        case disk
        /// The clock of the day jumps an hour ahead, and then half an hour back.
        case clock
        /// Somebody holds the catalogue and the register for longer than the daemon waits for them.
        case database
        /// The points behind a line are cut off.
        case network
        /// A certificate that is none, and then a new one.
        case certificate
        /// Noise, broken SIP and forged RTP at each port.
        case flood
    }

    enum Departure: Equatable, Sendable { case bye, vanishes }

    enum Act: Equatable, Sendable {
        case join(point: Int, room: Int)
        case leave(point: Int, Departure)
        /// An officer ends the meeting in a room.
        case end(room: Int)
        /// An officer adds a unit to the register.
        case order(Int)
        case fault(Fault)
        /// All have left.
        case night
    }

    struct Entry: Equatable, Sendable {
        var atMilliseconds: Int
        var act: Act
    }

    static let points = 10
    static let rooms = 3
    /// From a day's last departure to its end.
    static let dusk = 3_000

    let entries: [Entry]
    let days: Int

    init(seed: UInt64, minutes: Double, faults: [Fault] = Fault.allCases) {
        var random = SeededRandom(seed: seed)
        let length = Int(minutes * 60_000)
        days = max(2, Int(minutes / 15))
        let day = length / days
        // Meetings last longer in a long run, or there would be thousands.
        let stretch = min(8, max(1, minutes / 5))
        func some(_ least: Int, _ most: Int) -> Int {
            Int(Double(Int.random(in: least...most, using: &random)) * stretch)
        }
        var entries: [Entry] = []
        for start in (0..<days).map({ $0 * day }) {
            let end = start + day - Self.dusk
            for point in 0..<Self.points {
                var time = start + Int.random(in: 0...3_000, using: &random)
                while time < end - 6_000 {
                    entries.append(
                        Entry(
                            atMilliseconds: time,
                            act: .join(point: point, room: .random(in: 0..<Self.rooms, using: &random))))
                    time = min(end, time + some(8_000, 40_000))
                    let departure: Departure = Int.random(in: 0..<6, using: &random) == 0 ? .vanishes : .bye
                    entries.append(Entry(atMilliseconds: time, act: .leave(point: point, departure)))
                    time += some(2_000, 12_000)
                }
            }
            var time = start + some(10_000, 20_000)
            while time < end {
                entries.append(
                    Entry(atMilliseconds: time, act: .end(room: .random(in: 0..<Self.rooms, using: &random))))
                time += some(15_000, 30_000)
            }
            entries.append(Entry(atMilliseconds: start + day, act: .night))
        }
        var order = 0
        var time = 4_000
        while time < length - Self.dusk {
            order += 1
            entries.append(Entry(atMilliseconds: time, act: .order(order)))
            time += some(4_000, 10_000)
        }
        // Each kind once, in an order of their own, and again while there is time; none so late that a day ends in it.
        let count = faults.isEmpty ? 0 : max(faults.count, Int(minutes / 3))
        var kinds: [Fault] = []
        while kinds.count < count { kinds += faults.shuffled(using: &random) }
        for (index, fault) in kinds.prefix(count).enumerated() {
            let share = length / count
            var time = index * share + share / 3 + Int.random(in: 0...share / 4, using: &random)
            let left = day - time % day
            if left < 12_000 { time -= 12_000 - left }
            entries.append(Entry(atMilliseconds: time, act: .fault(fault)))
        }
        // What is meant for one moment stays in the order in which it was thought of.
        self.entries = entries.enumerated()
            .sorted { ($0.element.atMilliseconds, $0.offset) < ($1.element.atMilliseconds, $1.offset) }.map(\.element)
    }
}
