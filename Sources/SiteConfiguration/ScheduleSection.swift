extension Configuration {
    /// What meetings have where they say nothing else.
    public struct Schedule: Hashable, Sendable {
        /// How long before a meeting its room opens for technicians.
        public var rehearsalMinutes = 30
        public init() {}
    }
}

extension Configuration.Schedule: ConfigurationSection {
    static var keys: [Key<Self>] {
        [
            Key(
                "rehearsalMinutes", \.rehearsalMinutes, .integer(0...240, "minutes"), reloads: true,
                "How long before a meeting its room opens for technicians; meetings on the schedule stay as they are.")
        ]
    }
}
