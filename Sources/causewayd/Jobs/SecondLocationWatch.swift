import Archive
import LogSubjects

/// Keeps the second location as the archive is: sealed packages are copied there, the payload of destroyed ones is removed, and the
/// databases are copied each day.
struct SecondLocationWatch {
    let archive: Archive
    let databases: [CopiedDatabase]
    let logger: SubjectLogger
    /// Between looks whether today's databases are there.
    private static let databasePause = Duration.seconds(600)
    /// Between looks where nothing is due, or something went wrong.
    private static let pause = Duration.seconds(60)
    private let wakes: AsyncStream<Void>
    private let wake_: AsyncStream<Void>.Continuation

    /// - Parameter databases: what is copied beside the catalogue.
    init(archive: Archive, databases: [CopiedDatabase], logger: SubjectLogger) {
        self.archive = archive
        self.databases = databases
        self.logger = logger
        (wakes, wake_) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A package was sealed, or destroyed.
    func wake() { wake_.yield() }

    func run() async {
        var wakes = wakes.makeAsyncIterator()
        var nextDatabases = ContinuousClock.now
        var isHindered = false
        while !Task.isCancelled {
            do {
                // Who destroyed a meeting does not wait for its key to go.
                var isDue = ContinuousClock.now >= nextDatabases
                if !isDue, !isHindered { isDue = try await archive.databaseCopiesHaveRemovedKeys() }
                if isDue {
                    nextDatabases = .now + Self.databasePause
                    isHindered = true
                    isHindered = try await !copyDatabases()
                }
                if let outcome = try await archive.workOnSecondLocation() {
                    tell(outcome)
                    continue
                }
            } catch .cancelled {
                return
            } catch {
                logger.error("second location: \(error)")
            }
            let alarm = Task { [wake_] in
                try await Task.sleep(for: Self.pause)
                wake_.yield()
            }
            await wakes.next()
            alarm.cancel()
        }
    }

    /// What hinders it hinders no packages.
    /// - Returns: whether nothing hindered it.
    private func copyDatabases() async throws(ArchiveError) -> Bool {
        do throws(ArchiveError) {
            guard let day = try await archive.copyDatabases(databases) else { return true }
            logger.notice("second location: the databases of \(day) are copied and read again")
            return true
        } catch .cancelled {
            throw .cancelled
        } catch {
            logger.warning("second location: the databases are tried again in ten minutes: \(error)")
            return false
        }
    }

    private func tell(_ outcome: SecondCopyOutcome) {
        let id = outcome.meetingID
        switch outcome.ending {
        case .whole(let copied) where copied.isEmpty: logger.info("second location: \(meeting: id) is whole there")
        case .whole(let copied):
            logger.notice("second location: \(meeting: id): \(copied.count) files copied and read again")
        case .removed: logger.notice("second location: the payload of \(meeting: id), which is destroyed, is removed")
        case .failed(let error, let again?):
            logger.warning("second location: \(meeting: id) waits until \(again): \(error)")
        case .failed(let error, nil): logger.error("second location: \(meeting: id) is given up for a day: \(error)")
        }
    }
}
