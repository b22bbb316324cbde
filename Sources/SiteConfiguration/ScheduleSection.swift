extension Configuration {
    /// What meetings have where they say nothing else.
    public struct Schedule: Hashable, Sendable {
        /// How long before a meeting its room opens for technicians.
        public var rehearsalMinutes = 30
        /// Within which a meeting goes on that the daemon's end cut off; zero: it is over then.
        public var resumeWithin = Duration.seconds(300)
        public init() {}
    }
}

extension Configuration.Schedule: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "rehearsalMinutes", \.rehearsalMinutes, .integer(0...240, "minutes"), reloads: true,
                "How long before a meeting its room opens for technicians; meetings on the schedule stay as they are."),
            Key(
                "resumeWithin", \.resumeWithin, .duration(.zero...(.seconds(3_600))), reloads: true,
                "A meeting that the daemon's end cut off goes on where the daemon is there again within this time, and who was in is called; 0s: it is over."
            ),
        ]
    }
}
