/// What was seen of one thing that the service needs, and what to do where it is not as it should be.
public struct Finding: Codable, Hashable, Sendable {
    public enum Verdict: String, Codable, Hashable, Sendable {
        case good
        /// The service runs, and somebody will miss something.
        case warning
        /// What needs it does not work.
        case bad
        /// It does not matter here, or cannot be seen by whoever asks.
        case skipped
    }

    /// In a word or two, as `clock`.
    public var name: String
    public var verdict: Verdict
    public var says: String
    /// What to do; nil where nothing is to be done.
    public var advice: String?

    public init(_ name: String, _ verdict: Verdict, _ says: String, advice: String? = nil) {
        self.name = name
        self.verdict = verdict
        self.says = says
        self.advice = advice
    }
}
