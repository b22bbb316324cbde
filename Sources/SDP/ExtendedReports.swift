/// `a=rtcp-xr`: the extended reports that somebody asks for (RFC 3611 §5.1).
public struct ExtendedReports: Sendable, Hashable {
    /// Answers to reference times, so that receivers can work out the round trip.
    public var answersReferenceTimes = false
    /// Summaries of loss and jitter.
    public var summarizes = false

    public init(answersReferenceTimes: Bool = false, summarizes: Bool = false) {
        self.answersReferenceTimes = answersReferenceTimes
        self.summarizes = summarizes
    }

    /// Formats that are not known are passed over.
    public init(parsing value: String) {
        guard !value.isEmpty else { return }
        for word in value.lowercased().split(whereSeparator: \.isWhitespace) {
            switch word.split(separator: "=", maxSplits: 1).first {
            case "rcvr-rtt": answersReferenceTimes = true
            case "stat-summary": summarizes = true
            default: break
            }
        }
    }

    /// nil when nothing is asked for.
    public var value: String? {
        let words =
            (answersReferenceTimes ? ["rcvr-rtt=sender"] : []) + (summarizes ? ["stat-summary=loss,jitt"] : [])
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}
