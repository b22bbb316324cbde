/// Ties a sender's clock to the bridge's: one leg's sound and picture share it, so that lips match whatever way each took
/// through the network.
final class SenderClock {
    /// The least of what was measured in a window and the one before it: sender reports that waited in a queue say nothing.
    private var minimum = WindowedMinimum(windowNanoseconds: 30_000_000_000)
    /// Beyond this the sender's clock was set, and what was known of it is void.
    private static let step: UInt64 = 2_000_000_000

    /// What to add to the sender's NTP time, in nanoseconds since 1900, to have the bridge's monotonic time.
    var offset: Int64? { minimum.value }

    /// A sender report made at `ntp` (nanoseconds since 1900) arrived. A sender without a clock says 0 (RFC 3550 §6.4.1).
    func report(ntp: Int64, arrival: Int64) {
        guard ntp != 0 else { return }
        let sample = arrival &- ntp
        if let value = minimum.value, (sample &- value).magnitude > Self.step {
            minimum = WindowedMinimum(windowNanoseconds: 30_000_000_000)
        }
        minimum.add(sample, at: arrival)
    }
}

/// The minimum of the last one to two windows of samples.
struct WindowedMinimum {
    let windowNanoseconds: Int64
    private var current: Int64?
    private var previous: Int64?
    private var windowStart: Int64 = 0

    init(windowNanoseconds: Int64) { self.windowNanoseconds = windowNanoseconds }

    var value: Int64? {
        guard let current else { return previous }
        return previous.map { min($0, current) } ?? current
    }

    mutating func add(_ sample: Int64, at time: Int64) {
        if current != nil, time &- windowStart >= windowNanoseconds {
            previous = current
            current = nil
        }
        if current == nil { windowStart = time }
        current = current.map { min($0, sample) } ?? sample
    }
}
