import Archive
import Foundation
import LogSubjects

/// When a round of the archive is made by the daemon itself: again and again by its own clock or, where a timer asks for it, after two days in
/// which none did.
struct RoundKeeper {
    let round: ArchiveRound
    let isByTimer: Bool
    let archive: Archive
    let logger: SubjectLogger
    /// Between rounds by the clock, and between looks whether a timer asked.
    var pause = Duration.seconds(900)
    /// After so long without, nobody seems to ask.
    static let patience = 2 * 86_400.0

    /// Until the task is cancelled.
    func run(_ make: () async throws(ArchiveError) -> Void) async {
        while !Task.isCancelled {
            do throws(ArchiveError) {
                if try await isDue() { try await make() }
            } catch .cancelled {
                return
            } catch {
                logger.error("\(round.rawValue): \(error)")
            }
            try? await Task.sleep(for: pause)
        }
    }

    private func isDue() async throws(ArchiveError) -> Bool {
        guard isByTimer else { return true }
        // Where none was asked for ever, from now on; also where the clock was set back.
        guard let last = try await archive.lastRound(round), last <= Date() else {
            try await archive.noteRound(round)
            return false
        }
        guard Date().timeIntervalSince(last) > Self.patience else { return false }
        logger.warning(
            "\(round.rawValue): nobody has asked for two days, so the daemon begins by itself: is causeway-\(round.rawValue).timer enabled? See archive.\(round.rawValue).by."
        )
        try await archive.noteRound(round)
        return true
    }
}
