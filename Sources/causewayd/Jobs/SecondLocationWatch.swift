import Archive
import Logging

/// Keeps the second location as the archive is: sealed packages are copied there, the payload of destroyed ones is removed.
struct SecondLocationWatch {
    let archive: Archive
    let logger: Logger
    /// Between looks where nothing is due, or something went wrong.
    private static let pause = Duration.seconds(60)
    private let wakes: AsyncStream<Void>
    private let wake_: AsyncStream<Void>.Continuation

    init(archive: Archive, logger: Logger) {
        self.archive = archive
        self.logger = logger
        (wakes, wake_) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A package was sealed, or destroyed.
    func wake() { wake_.yield() }

    func run() async {
        var wakes = wakes.makeAsyncIterator()
        while !Task.isCancelled {
            do {
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

    private func tell(_ outcome: SecondCopyOutcome) {
        let id = outcome.meetingID
        switch outcome.ending {
        case .whole(let copied) where copied.isEmpty: logger.info("second location: \(id) is whole there")
        case .whole(let copied): logger.notice("second location: \(id): \(copied.count) files copied and read again")
        case .removed: logger.notice("second location: the payload of \(id), which is destroyed, is removed")
        case .failed(let error, let again?): logger.warning("second location: \(id) waits until \(again): \(error)")
        case .failed(let error, nil): logger.error("second location: \(id) is given up for a day: \(error)")
        }
    }
}
