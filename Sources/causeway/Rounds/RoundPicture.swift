import PortalAPI

/// How far a round is: a bar on a terminal; elsewhere, as in a unit's journal, a line at the start and one now and then.
struct RoundPicture {
    private static let pause = Duration.seconds(60)
    private let label: String
    private let console: Console
    private let isQuiet: Bool
    private var bar: ProgressBar?
    private var said: ContinuousClock.Instant?

    init(_ label: String, console: Console, isQuiet: Bool) {
        self.label = label
        self.console = console
        self.isQuiet = isQuiet
    }

    mutating func update(_ standing: RoundStanding, at now: ContinuousClock.Instant = .now) {
        guard standing.totalRecordings > 0, !isQuiet || console.drawsProgress else { return }
        let (done, total) =
            standing.totalBytes > 0
            ? (standing.bytes, standing.totalBytes) : (Int64(standing.recordings), Int64(standing.totalRecordings))
        // Where a run is joined that goes on already, its rate is that of what is seen of it.
        if bar == nil {
            bar = ProgressBar(
                label, total: total, done: done, unit: standing.totalBytes > 0 ? .bytes : .recordings, at: now,
                console: console)
        }
        let count = "\(standing.recordings) of \(standing.totalRecordings) recordings"
        guard !console.drawsProgress else {
            bar?.note = count
            return bar?.update(done, at: now) ?? ()
        }
        if let said, now - said < Self.pause { return }
        said = now
        bar?.mark(done, at: now)
        let left = bar?.left(done, at: now).map { ", \($0) left" } ?? ""
        let read = standing.totalBytes > 0 ? ", \(Formats.bytes(done)) of \(Formats.bytes(total))" : ""
        console.line("\(label): \(count)\(read)\(left)")
    }

    func clear() { bar?.clear() }
}
