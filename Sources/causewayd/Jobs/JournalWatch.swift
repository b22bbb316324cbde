import Logging
import OfficeStore

/// Cuts the Office's journal to its term, once a day.
struct JournalWatch {
    let office: OfficeStore
    let months: Int
    let logger: Logger
    private static let pause = Duration.seconds(86_400)

    func run() async {
        while !Task.isCancelled {
            do {
                let count = try await office.cutJournal(keepingMonths: months)
                if count > 0 {
                    logger.notice("the journal is kept for \(months) months: \(count) older lines were cut")
                }
            } catch .cancelled {
                return
            } catch {
                logger.error("the journal was not cut: \(error)")
            }
            try? await Task.sleep(for: Self.pause)
        }
    }
}
