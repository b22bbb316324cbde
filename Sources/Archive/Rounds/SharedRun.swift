import Synchronization

/// Long work that runs once at a time, whoever asks for it: who asks while it goes on waits for that run, and sees how far it is.
///
/// It does not end with whoever asked first: others may wait for it.
final class SharedRun<Value: Sendable>: Sendable {
    typealias Watcher = @Sendable (RoundProgress) -> Void

    private struct State {
        var task: Task<Result<Value, ArchiveError>, Never>?
        var latest: RoundProgress?
        var watchers: [UInt64: Watcher] = [:]
        var last: UInt64 = 0
        /// Somebody asked meanwhile, who wants what came since.
        var again = false
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - looksAgain: where one goes on already, it is done once more when it is through.
    ///   - watcher: told at once how far a run is that goes on.
    ///   - work: what it gives last is what whoever asked gets.
    func run(
        looksAgain: Bool, watcher: @escaping Watcher,
        _ work: @escaping @Sendable (@escaping Watcher) async throws(ArchiveError) -> Value
    ) async throws(ArchiveError) -> Value {
        let (task, number, latest) = state.withLock { state in
            state.last += 1
            state.watchers[state.last] = watcher
            if let task = state.task {
                if looksAgain { state.again = true }
                return (task, state.last, state.latest)
            }
            let task = Task { await self.repeated(work) }
            state.task = task
            return (task, state.last, nil)
        }
        if let latest { watcher(latest) }
        let result = await task.value
        state.withLock { state in state.watchers[number] = nil }
        return try result.get()
    }

    /// Whoever waits for it gets ``ArchiveError/cancelled``.
    func cancel() { state.withLock { $0.task }?.cancel() }

    private func repeated(
        _ work: @Sendable (@escaping Watcher) async throws(ArchiveError) -> Value
    ) async -> Result<Value, ArchiveError> {
        let tell: Watcher = { progress in
            let watchers = self.state.withLock { state in
                state.latest = progress
                return Array(state.watchers.values)
            }
            for watcher in watchers { watcher(progress) }
        }
        while true {
            let result: Result<Value, ArchiveError>
            do throws(ArchiveError) { result = .success(try await work(tell)) } catch { result = .failure(error) }
            let isOver = state.withLock { state in
                defer { state.again = false }
                if case .success = result, state.again { return false }
                (state.task, state.latest) = (nil, nil)
                return true
            }
            if isOver { return result }
        }
    }
}

/// How far a round is.
public struct RoundProgress: Sendable, Equatable {
    /// Meetings that are through, of those that were due as it began.
    public var meetings: Int
    public var totalMeetings: Int
    /// Of octets to be read; 0 of 0 where none are.
    public var octets: Int64 = 0
    public var totalOctets: Int64 = 0
}
