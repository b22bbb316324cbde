import LogSubjects
import OfficeStore
import Synchronization

/// Writes into the Office's journal in the order in which it is told. What cannot be written, for the disk is full or
/// somebody holds the database, is tried again for two minutes, and nobody waits for that.
final class JournalPen: Sendable {
    private static let mostWaiting = 10_000
    private static let pause = Duration.seconds(2)
    private static let mostAttempts = 60

    private struct State {
        var last: Task<Void, Never>?
        var waiting = 0
        var retrying: [Int: Task<Void, Never>] = [:]
        var next = 0
    }

    private let office: OfficeStore
    private let logger: SubjectLogger
    private let state = Mutex(State())

    init(office: OfficeStore, logger: SubjectLogger) {
        self.office = office
        self.logger = logger
    }

    /// - Returns: what ends when the line is written, or could not be at once.
    @discardableResult
    func write(
        _ action: String, of subject: String, by: String = "causewayd", meeting: String? = nil
    ) -> Task<Void, Never>? {
        let logger = logger.about(meeting: meeting)
        let task: Task<Void, Never>? = state.withLock { state in
            guard state.waiting < Self.mostWaiting else { return nil }
            state.waiting += 1
            let task = Task { [office, last = state.last] in
                await last?.value
                do { try await office.note(action, of: subject, by: by) } catch {
                    return self.tryAgain(action, of: subject, by: by, after: error, logger)
                }
                self.state.withLock { $0.waiting -= 1 }
            }
            state.last = task
            return task
        }
        if task == nil {
            logger.error("\(action) of \(subject) by \(by) is not in the journal: the disk does not keep up")
        }
        return task
    }

    private func tryAgain(
        _ action: String, of subject: String, by: String, after error: any Error, _ logger: SubjectLogger
    ) {
        state.withLock { state in
            let id = state.next
            state.next &+= 1
            state.retrying[id] = Task { [office] in
                var isWritten = false
                var attempts = 0
                while !isWritten, attempts < Self.mostAttempts {
                    // At the end of the daemon once more, at once, and no more.
                    let isLast = (try? await Task.sleep(for: Self.pause)) == nil
                    isWritten = (try? await office.note(action, of: subject, by: by)) != nil
                    attempts = isLast ? Self.mostAttempts : attempts + 1
                }
                if !isWritten { logger.error("\(action) of \(subject) by \(by) is not in the journal: \(error)") }
                self.state.withLock { state in
                    state.waiting -= 1
                    state.retrying[id] = nil
                }
            }
        }
    }

    /// Waits until all that was told is written, or has been tried once more.
    func settle() async {
        await state.withLock { $0.last }?.value
        for task in state.withLock({ Array($0.retrying.values) }) {
            task.cancel()
            await task.value
        }
    }
}
