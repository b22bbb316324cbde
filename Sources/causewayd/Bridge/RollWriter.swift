import Archive
import Logging

/// Writes the rolls of meetings to the catalogue, which syncs at each commit: what gathers while one commit is under
/// way goes into the next together, so that a hundred arrivals a second do not wait for a hundred syncs.
actor RollWriter {
    /// Who adds more waits for the disk.
    private static let mostWaiting = 10_000

    private let archive: Archive
    private let logger: Logger
    private var waiting: [RollEntry] = []
    private var writing: Task<Void, Never>?

    init(archive: Archive, logger: Logger) {
        self.archive = archive
        self.logger = logger
    }

    func add(_ entry: RollEntry) async {
        while waiting.count >= Self.mostWaiting { await writing?.value }
        waiting.append(entry)
        if writing == nil { writing = Task { await write() } }
    }

    /// Returns when everything added before is written.
    func settle() async { await writing?.value }

    private func write() async {
        while !waiting.isEmpty {
            let entries = waiting
            waiting = []
            do {
                for meeting in try await archive.writeRoll(entries) {
                    logger.error("the roll of \(meeting) could not be written: the catalogue does not know it")
                }
            } catch {
                let meetings = Set(entries.map(\.meeting)).sorted().joined(separator: ", ")
                logger.error("\(entries.count) entries of the rolls of \(meetings) could not be written: \(error)")
            }
        }
        writing = nil
    }
}
