/// A worker's audio ticks, of which a late wake-up makes up for several at once.
struct TickClock {
    /// Ticks so far.
    private(set) var ticks: UInt64 = 0
    private var ticksBefore: UInt64 = 0

    /// The ticks that come are those of a new wake-up.
    mutating func wake() { ticksBefore = ticks }

    mutating func tick() { ticks &+= 1 }

    /// One of this wake-up's ticks ended a period of `count` of them. The last need not be it: where ticks are always made
    /// up for two or five at once, a multiple of `count` might never be hit.
    func endsPeriod(of count: UInt64) -> Bool { ticks / count != ticksBefore / count }
}
