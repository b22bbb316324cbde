import Archive
import Logging

/// Writes what happens in meetings to their packages at once, and who came and left to the catalogue a little later:
/// the catalogue syncs at each commit, so what gathers meanwhile goes into one, and a hundred arrivals a second do not
/// wait for a hundred syncs.
actor MinuteWriter {
    private static let gathering = Duration.milliseconds(100)
    /// Who adds more waits for the disk.
    private static let mostWaiting = 10_000

    private let archive: Archive
    private let logger: Logger
    private var roll: [RollEntry] = []
    private var writing: Task<Void, Never>?

    init(archive: Archive, logger: Logger) {
        self.archive = archive
        self.logger = logger
    }

    /// Blocks for a write to the page cache, and for a sync about once a second.
    func write(_ event: EventRecord, to meeting: MeetingRecord) {
        do { try archive.append(event, to: meeting) } catch {
            logger.error("an event of \(meeting.id) could not be written: \(error)")
        }
    }

    func write(_ entry: RollEntry) async {
        while roll.count >= Self.mostWaiting { await writing?.value }
        roll.append(entry)
        guard writing == nil else { return }
        writing = Task {
            try? await Task.sleep(for: Self.gathering)
            await writeRoll()
        }
    }

    /// Returns when everything that was to be written before is.
    func settle() async {
        writing?.cancel()
        await writing?.value
    }

    private func writeRoll() async {
        while !roll.isEmpty {
            let entries = roll
            roll = []
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
