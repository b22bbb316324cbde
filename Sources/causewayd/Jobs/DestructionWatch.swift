import Archive
import LogSubjects

/// Ends what a stop of the daemon left half destroyed, and tries again what could not be.
struct DestructionWatch {
    let archive: Archive
    let logger: SubjectLogger
    private static let pause = Duration.seconds(600)

    func run() async {
        while !Task.isCancelled {
            do {
                let outcome = try await archive.carryOutDestructions()
                for id in outcome.destroyed { logger.notice("retention: \(meeting: id) is destroyed") }
                for (id, failure) in outcome.failures {
                    logger.error(
                        "retention: \(meeting: id) is approved for destruction but could not be destroyed: \(failure)")
                }
            } catch .cancelled {
                return
            } catch {
                logger.error("retention: \(error)")
            }
            try? await Task.sleep(for: Self.pause)
        }
    }
}
