import Archive
import LogSubjects

/// Ends what a stop of the daemon left half destroyed, and tries again what could not be.
struct DestructionWatch {
    let archive: Archive
    let isByTimer: Bool
    let logger: SubjectLogger

    func run() async {
        // What the last run of the daemon began is ended in this one, whoever asks for the rest.
        if isByTimer {
            do throws(ArchiveError) { try await carryOut() } catch { logger.error("retention: \(error)") }
        }
        await RoundKeeper(
            round: .retention, isByTimer: isByTimer, archive: archive, logger: logger, pause: .seconds(600)
        ).run { () async throws(ArchiveError) in try await carryOut() }
    }

    private func carryOut() async throws(ArchiveError) {
        let outcome = try await archive.carryOutDestructions()
        for id in outcome.destroyed { logger.notice("retention: \(meeting: id) is destroyed") }
        for (id, failure) in outcome.failures {
            logger.error(
                "retention: \(meeting: id) is approved for destruction but could not be destroyed: \(failure)")
        }
    }
}
