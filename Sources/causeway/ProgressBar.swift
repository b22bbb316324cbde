import Foundation

/// One line that shows how far something is, how fast it goes, and what is left.
struct ProgressBar {
    /// What is counted.
    enum Unit { case bytes, recordings }

    private static let cells = 24
    private let label: String
    private let total: Int64
    private let unit: Unit
    private let console: Console
    /// What else is to be said of it.
    var note: String?
    /// Marks of the last seconds, from which the rate is taken.
    private var marks: [(at: ContinuousClock.Instant, done: Int64)]
    private var drawn: ContinuousClock.Instant?

    init(
        _ label: String, total: Int64, done: Int64 = 0, unit: Unit = .bytes, at now: ContinuousClock.Instant = .now,
        console: Console
    ) {
        self.label = DisplayWidth.harmless(label)
        self.total = total
        self.unit = unit
        self.console = console
        marks = [(now, done)]
    }

    /// Draws at most ten times a second.
    mutating func update(_ done: Int64, at now: ContinuousClock.Instant = .now) {
        guard console.drawsProgress else { return }
        if let drawn, now - drawn < .milliseconds(100), done < total { return }
        drawn = now
        mark(done, at: now)
        console.writeError("\r" + text(done, at: now) + "\u{1B}[K")
    }

    /// Notes how far it is, without drawing it.
    mutating func mark(_ done: Int64, at now: ContinuousClock.Instant = .now) {
        marks.append((now, done))
        // Ten seconds of marks, ten a second: the rate is that of the last ten seconds.
        if marks.count > 100 { marks.removeFirst(marks.count - 100) }
    }

    /// A second, of what is counted; nil where nothing is known yet.
    private func rate(_ done: Int64, at now: ContinuousClock.Instant) -> Double? {
        guard let first = marks.first, now - first.at >= .milliseconds(200), done > first.done else { return nil }
        return Double(done - first.done) / ((now - first.at) / .seconds(1))
    }

    /// The time that is left, by that.
    func left(_ done: Int64, at now: ContinuousClock.Instant) -> String? {
        rate(done, at: now).map { Formats.duration(Double(max(0, total - done)) / $0) }
    }

    func clear() {
        if drawn != nil { console.writeError("\r\u{1B}[K") }
    }

    static func bar(_ fraction: Double) -> String {
        let full = Int(min(1, max(0, fraction)) * Double(cells))
        return String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
    }

    func text(_ done: Int64, at now: ContinuousClock.Instant) -> String {
        let fraction = total > 0 ? min(1, Double(done) / Double(total)) : 1
        var parts = [label, Self.bar(fraction), Formats.percent(fraction)]
        if unit == .bytes { parts.append(Formats.bytes(done) + " of " + Formats.bytes(total)) }
        if let note { parts.append(note) }
        if unit == .bytes, let rate = rate(done, at: now) { parts.append(Formats.bytes(Int64(rate)) + "/s") }
        if let left = left(done, at: now) { parts.append(left + " left") }
        return parts.joined(separator: "  ")
    }
}
