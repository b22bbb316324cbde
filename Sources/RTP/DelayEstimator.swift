/// Follows how late packets come against the fastest recent one, as the delay a jitter buffer needs: it rises at once
/// with a late packet and falls slowly.
struct DelayEstimator: Sendable {
    private let clockRate: UInt32
    /// The smallest recent arrival less timestamp, in ticks; creeps up so that clocks may drift and paths change.
    private var floor: Int64?
    /// 256ths of a tick.
    private var peakScaled: Int64 = 0

    init(clockRate: UInt32) { self.clockRate = clockRate }

    /// Ticks by which packets came late, at the recent worst.
    var spread: Int64 { peakScaled >> 8 }

    mutating func note(ticks: Int64, arrivalNanoseconds: UInt64) {
        let (seconds, rest) = arrivalNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let arrival =
            Int64(truncatingIfNeeded: seconds &* UInt64(clockRate))
            &+ Int64(rest * UInt64(clockRate) / 1_000_000_000)
        let transit = arrival &- ticks
        guard let floor, abs(transit &- floor) < 10 * Int64(clockRate) else {
            self.floor = transit
            return
        }
        if transit <= floor {
            self.floor = transit
        } else {
            // One 512th of the way: about ten seconds at fifty packets a second.
            self.floor = floor + max(1, (transit - floor) >> 9)
        }
        let late = max(0, transit - floor) << 8
        peakScaled = late > peakScaled ? late : peakScaled - peakScaled >> 8
    }
}
