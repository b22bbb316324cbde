import Matroska

/// Who was in the spotlight when, for the master's chapters.
struct SpotlightMarks {
    /// One each four seconds for eleven hours.
    private static let most = 10_000

    private struct Span {
        var name: String
        /// Of the monotonic clock, in nanoseconds; no end while it lasts.
        var start: UInt64
        var end: UInt64?
    }
    private var spans: [Span] = []

    mutating func mark(_ name: String?, at now: UInt64) {
        if let last = spans.indices.last, spans[last].end == nil {
            if spans[last].name == name { return }
            spans[last].end = now
        }
        guard let name, spans.count < Self.most else { return }
        spans.append(Span(name: name, start: now))
    }

    /// In the master's time, which runs from `origin` to `end`.
    func chapters(from origin: UInt64, to end: UInt64) -> [MatroskaChapter] {
        spans.compactMap { span in
            let (start, end) = (max(span.start, origin), max(span.end ?? end, origin))
            guard end > start else { return nil }
            return MatroskaChapter(
                title: span.name, startNanoseconds: start - origin, endNanoseconds: end - origin)
        }
    }
}
