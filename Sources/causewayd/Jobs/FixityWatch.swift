import Archive
import LogSubjects

/// Looks after sealed packages while the daemon runs, and says in the log what came of each, whoever asked for it.
struct FixityWatch {
    let archive: Archive
    let isByTimer: Bool
    let logger: SubjectLogger

    func run() async {
        archive.observeChecks { [self] step in
            switch step {
            case .checked(let outcome): tell(outcome)
            case .unread(let id, let failure): logger.error("fixity: \(meeting: id) could not be read: \(failure)")
            }
        }
        await RoundKeeper(round: .fixity, isByTimer: isByTimer, archive: archive, logger: logger).run {
            () async throws(ArchiveError) in _ = try await archive.checkDuePackages()
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
