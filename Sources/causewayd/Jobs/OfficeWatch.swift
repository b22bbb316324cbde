import LogSubjects
import OfficeStore

/// Has this bridge follow what others that share its database change in the Office's register and schedule.
struct OfficeWatch {
    let office: OfficeStore
    let logger: SubjectLogger
    /// Between looks at one row.
    private static let pause = Duration.seconds(1)

    /// Until the task is cancelled; at once over where nobody else can change anything.
    func run() async {
        guard office.isShared else { return }
        var isLost = false
        while !Task.isCancelled {
            do {
                try await office.follow()
                if isLost { logger.notice("the Office's register is followed again") }
                isLost = false
            } catch .cancelled {
                return
            } catch {
                if !isLost {
                    logger.error("what other bridges change in the Office is not seen until it can be: \(error)")
                }
                isLost = true
            }
            try? await Task.sleep(for: Self.pause)
        }
    }
}
