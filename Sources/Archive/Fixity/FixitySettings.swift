import Foundation

/// How sealed packages are looked after.
public struct FixitySettings: Sendable, Equatable {
    /// Each package is verified once in this time.
    public var interval: Duration
    /// So fast at most, so that meetings have the disk.
    public var octetsPerSecond: Int
    /// One that could not be restored is tried again after this, at most: less than a day, for a timer that asks once a day does so a
    /// little earlier now and then.
    var retry: Duration { min(interval, .seconds(20 * 3_600)) }

    public init(interval: Duration = .seconds(30 * 86_400), octetsPerSecond: Int = 20_000_000) {
        self.interval = interval
        self.octetsPerSecond = max(1, octetsPerSecond)
    }
}

/// Keeps reading to a rate: whoever is ahead of it sleeps.
struct ReadingRate {
    private let octetsPerSecond: Int
    private let began = ContinuousClock.now

    init(octetsPerSecond: Int) { self.octetsPerSecond = octetsPerSecond }

    /// How long to sleep once so much was read in all.
    func pause(after octets: Int64, at now: ContinuousClock.Instant = .now) -> Duration {
        let due = began + .seconds(Double(octets) / Double(octetsPerSecond))
        return max(.zero, due - now)
    }

    /// Sleeps as long as that, but a second at most, so that a cancellation is heard.
    func keep(after octets: Int64) {
        let pause = pause(after: octets)
        guard pause > .milliseconds(1) else { return }
        Thread.sleep(forTimeInterval: min(1, pause / .seconds(1)))
    }
}
