import Glibc

/// Readings of the clocks that the benchmark goes by, in nanoseconds.
package enum Clock {
    /// The one by which it paces.
    package static var steady: UInt64 { read(CLOCK_MONOTONIC) }
    /// The one by which the kernel stamps arrivals, and the generator departures.
    package static var wall: UInt64 { read(CLOCK_REALTIME) }

    /// Sleeps to a time of the steady clock.
    package static func sleep(until time: UInt64) {
        var due = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nil)
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
