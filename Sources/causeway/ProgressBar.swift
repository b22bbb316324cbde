import Foundation

/// One line that shows how far something is, how fast it goes, and what is left.
struct ProgressBar {
    private static let cells = 24
    private let label: String
    private let total: Int64
    private let console: Console
    /// Marks of the last seconds, from which the rate is taken.
    private var marks: [(at: ContinuousClock.Instant, done: Int64)]
    private var drawn: ContinuousClock.Instant?

    init(_ label: String, total: Int64, done: Int64 = 0, at now: ContinuousClock.Instant = .now, console: Console) {
        self.label = DisplayWidth.harmless(label)
        self.total = total
        self.console = console
        marks = [(now, done)]
    }

    /// Draws at most ten times a second.
    mutating func update(_ done: Int64, at now: ContinuousClock.Instant = .now) {
        guard console.drawsProgress else { return }
        if let drawn, now - drawn < .milliseconds(100), done < total { return }
        drawn = now
        marks.append((now, done))
        // Ten seconds of marks, ten a second: the rate is that of the last ten seconds.
        if marks.count > 100 { marks.removeFirst(marks.count - 100) }
        console.writeError("\r" + text(done, at: now) + "\u{1B}[K")
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
        var parts = [
            label, Self.bar(fraction), Formats.percent(fraction), Formats.bytes(done) + " of " + Formats.bytes(total),
        ]
        if let first = marks.first, now - first.at >= .milliseconds(200), done > first.done {
            let rate = Double(done - first.done) / ((now - first.at) / .seconds(1))
            parts.append(Formats.bytes(Int64(rate)) + "/s")
            parts.append(Formats.duration(Double(total - done) / rate) + " left")
        }
        return parts.joined(separator: "  ")
    }
}
