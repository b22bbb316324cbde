/// How sealed packages are looked after.
public struct FixitySettings: Sendable, Equatable {
    /// Each package is verified once in this time.
    public var interval: Duration
    /// So fast at most, so that meetings have the disk.
    public var octetsPerSecond: Int
    /// A directory (of another disk, mounted) that has copies of packages, at the same paths as below the archive: a damaged file
    /// is replaced from there. Absolute.
    public var secondLocation: String?

    public init(
        interval: Duration = .seconds(30 * 86_400), octetsPerSecond: Int = 20_000_000, secondLocation: String? = nil
    ) {
        self.interval = interval
        self.octetsPerSecond = max(1, octetsPerSecond)
        self.secondLocation = secondLocation
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
}
