import Logging
import OfficeStore
import Synchronization

/// Writes into the Office's journal in the order in which it is told, without those who tell waiting for the disk.
final class JournalPen: Sendable {
    private static let mostWaiting = 10_000

    private struct State {
        var last: Task<Void, Never>?
        var waiting = 0
    }

    private let office: OfficeStore
    private let logger: Logger
    private let state = Mutex(State())

    init(office: OfficeStore, logger: Logger) {
        self.office = office
        self.logger = logger
    }

    /// - Returns: what ends when the line is written, or could not be.
    @discardableResult
    func write(_ action: String, of subject: String, by: String = "causewayd") -> Task<Void, Never>? {
        let office = office
        let logger = logger
        let task: Task<Void, Never>? = state.withLock { state in
            guard state.waiting < Self.mostWaiting else { return nil }
            state.waiting += 1
            let last = state.last
            let task = Task {
                await last?.value
                do { try await office.note(action, of: subject, by: by) } catch {
                    logger.error("\(action) of \(subject) by \(by) is not in the journal: \(error)")
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

    /// Waits until all that was told is written.
    func settle() async { await state.withLock { $0.last }?.value }
}
