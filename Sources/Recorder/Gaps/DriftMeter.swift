/// How much faster than the bridge's a sender's media clock runs, told by when its packets arrive: the quickest of ten
/// seconds early on against the quickest of ten seconds later.
struct DriftMeter {
    private static let windowNanoseconds: Int64 = 10_000_000_000
    /// Over less than this, jitter says more than drift does.
    private static let leastSpan: Int64 = 60_000_000_000

    private struct Window {
        var start: Int64
        var least: Int64
        /// When the least was measured.
        var at: Int64
    }
    private var first: Window?
    private var last: Window?
    private var open: Window?
    /// What the span before a jump came to; the longest is believed.
    private var longest: (span: Int64, partsPerMillion: Double)?

    /// - Parameter offset: arrival less the media's own time, in nanoseconds.
    mutating func add(offset: Int64, at arrival: Int64) {
        guard var window = open else {
            open = Window(start: arrival, least: offset, at: arrival)
            return
        }
        if arrival &- window.start >= Self.windowNanoseconds {
            if first == nil { first = window } else { last = window }
            open = Window(start: arrival, least: offset, at: arrival)
            return
        }
        if offset < window.least {
            window.least = offset
            window.at = arrival
            open = window
        }
    }

    /// The sender began anew, or its timestamps jumped.
    mutating func restart() {
        longest = best
        first = nil
        last = nil
        open = nil
    }

    /// Positive where the sender's clock is fast; nil as long as too little is known.
    var partsPerMillion: Double? { best?.partsPerMillion }

    private var best: (span: Int64, partsPerMillion: Double)? {
        guard let first, let last, last.at &- first.at >= Self.leastSpan else { return longest }
        let span = last.at &- first.at
        if let longest, longest.span >= span { return longest }
        return (span, -Double(last.least &- first.least) / Double(span) * 1_000_000)
    }
}
