import Archive
import LogSubjects

/// Looks after sealed packages while the daemon runs: one after the other, as they fall due.
struct FixityWatch {
    let archive: Archive
    let logger: SubjectLogger
    /// Between looks where nothing is due, or something went wrong.
    private static let pause = Duration.seconds(900)

    init(archive: Archive, logger: SubjectLogger) {
        self.archive = archive
        self.logger = logger
    }

    func run() async {
        while !Task.isCancelled {
            do {
                if let outcome = try await archive.checkNextPackage() {
                    tell(outcome)
                    continue
                }
            } catch .cancelled {
                return
            } catch {
                logger.error("fixity: \(error)")
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func tell(_ outcome: FixityOutcome) {
        let id = outcome.meetingID
        guard !outcome.found.isIntact else { return logger.info("fixity: \(meeting: id) is intact") }
        let names = outcome.found.damaged.map(\.path) + outcome.found.findings.map(\.description)
        logger.error("fixity: \(meeting: id) was damaged: \(names.joined(separator: "; "))")
        if !outcome.restored.isEmpty {
            logger.warning("fixity: \(meeting: id): restored \(outcome.restored.joined(separator: ", "))")
        }
        for hindrance in outcome.hindrances { logger.error("fixity: \(meeting: id): not restored: \(hindrance)") }
        if !outcome.now.isIntact { logger.error("fixity: \(meeting: id) is STILL damaged: restore it from a backup") }
    }
}
