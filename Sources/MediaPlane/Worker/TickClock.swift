/// A worker's audio ticks, of which a late wake-up makes up for several at once.
///
/// Where nothing is due in single ticks (there is no sound, and no picture lacks packets or waits), the worker rests: it is woken
/// for as many ticks at once as make up a tenth of a second.
struct TickClock {
    /// Of one tick, in nanoseconds.
    static let period: UInt64 = 20_000_000
    private static let ticksAtRest: UInt64 = 5

    /// Ticks so far.
    private(set) var ticks: UInt64 = 0
    private var ticksBefore: UInt64 = 0
    private(set) var isAtRest = false

    /// Between two wake-ups, in nanoseconds.
    var pace: UInt64 { Self.period * ticksAtOnce }
    /// How many ticks come with a wake-up in time.
    var ticksAtOnce: UInt64 { isAtRest ? Self.ticksAtRest : 1 }

    mutating func rest() { isAtRest = true }
    mutating func stir() { isAtRest = false }

    /// The ticks that come are those of a new wake-up.
    mutating func wake() { ticksBefore = ticks }

    mutating func tick() { ticks &+= 1 }

    /// One of this wake-up's ticks ended a period of `count` of them. The last need not be it: where ticks are always made
    /// up for two or five at once, a multiple of `count` might never be hit.
    func endsPeriod(of count: UInt64) -> Bool { ticks / count != ticksBefore / count }
}
