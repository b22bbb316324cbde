import Dispatch
import Synchronization

/// Runs long, blocking work one piece at a time, off the threads that serve calls and requests.
struct BackgroundQueue: Sendable {
    /// Says whether the task that waits for the work was cancelled.
    final class Cancellation: Sendable {
        private let flag = Atomic(false)
        func cancel() { flag.store(true, ordering: .relaxed) }
        var isCancelled: Bool { flag.load(ordering: .relaxed) }
        func check() throws(ArchiveError) {
            if isCancelled { throw .cancelled }
        }
    }

    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label, qos: .utility)
    }

    func run<Value: Sendable>(
        _ work: @escaping @Sendable (Cancellation) throws(ArchiveError) -> Value
    ) async throws(ArchiveError) -> Value {
        let cancellation = Cancellation()
        let result: Result<Value, ArchiveError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    let result: Result<Value, ArchiveError>
                    do throws(ArchiveError) {
                        try cancellation.check()
                        result = .success(try work(cancellation))
                    } catch {
                        result = .failure(error)
                    }
                    continuation.resume(returning: result)
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }
}
