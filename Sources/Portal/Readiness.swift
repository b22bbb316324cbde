import PortalAPI
import Synchronization

/// Which listeners are open, and who waits for all to be.
final class Readiness: Sendable {
    private struct State {
        var listeners: [ListenerStatus] = []
        var failure: PortalError?
        var waiting: [CheckedContinuation<Result<[ListenerStatus], PortalError>, Never>] = []
    }

    private let expected: Int
    private let state = Mutex(State())

    init(expected: Int) {
        self.expected = expected
    }

    var listeners: [ListenerStatus] { state.withLock { $0.listeners } }
    var failure: PortalError? { state.withLock { $0.failure } }

    func add(_ listener: ListenerStatus) {
        state.withLock { $0.listeners.append(listener) }
        settle()
    }

    func fail(_ error: PortalError) {
        state.withLock { $0.failure = $0.failure ?? error }
        settle()
    }

    func wait() async throws(PortalError) -> [ListenerStatus] {
        let result = await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append(continuation) }
            settle()
        }
        return try result.get()
    }

    private func settle() {
        state.withLock { state in
            let result: Result<[ListenerStatus], PortalError>
            if let failure = state.failure {
                result = .failure(failure)
            } else if state.listeners.count >= expected {
                result = .success(state.listeners)
            } else {
                return
            }
            for continuation in state.waiting { continuation.resume(returning: result) }
            state.waiting = []
        }
    }
}
