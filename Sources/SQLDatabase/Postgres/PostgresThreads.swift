import Foundation
import Synchronization

/// Threads that ask a database, each on a connection of its own, what is put before them, in its order. They end with this, when what
/// waits is done.
final class PostgresThreads: Sendable {
    typealias Job = @Sendable (PostgresLink) -> Void

    private struct State {
        var jobs: [Job] = []
        var first = 0
        var isClosed = false

        mutating func next() -> Job? {
            guard first < jobs.count else { return nil }
            defer {
                first += 1
                if first == jobs.count || first >= 1024 {
                    jobs.removeFirst(first)
                    first = 0
                }
            }
            return jobs[first]
        }
    }

    /// What the threads hold on to.
    private final class Queue: Sendable {
        let state = Mutex(State())
        let ready = DispatchSemaphore(value: 0)
        let ended = DispatchGroup()

        func work(_ link: PostgresLink) {
            while true {
                ready.wait()
                let (job, isClosed) = state.withLock { ($0.next(), $0.isClosed) }
                if let job { job(link) } else if isClosed { return }
            }
        }
    }

    /// So many may wait; who comes then is told that the database cannot be reached.
    private static let longestQueue = 10_000
    private let queue = Queue()
    private let count: Int

    init(_ label: String, count: Int, link: @escaping @Sendable () -> PostgresLink) {
        self.count = count
        for number in 1...count {
            queue.ended.enter()
            let thread = Thread { [queue] in
                queue.work(link())
                queue.ended.leave()
            }
            thread.name = "\(label) \(number)"
            thread.start()
        }
    }

    deinit { letEnd() }

    func submit(_ job: @escaping Job) throws {
        try queue.state.withLock { state in
            guard !state.isClosed else {
                throw SQLDatabaseError.refused(code: "closed", reason: "the database is closed")
            }
            guard state.jobs.count - state.first < Self.longestQueue else {
                throw SQLDatabaseError.unreachable(reason: "too much waits for the database")
            }
            state.jobs.append(job)
        }
        queue.ready.signal()
    }

    func ask<Value: Sendable>(_ body: @escaping @Sendable (PostgresLink) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try submit { link in continuation.resume(with: Result { try body(link) }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Does what waits, and ends the threads.
    func close() {
        letEnd()
        queue.ended.wait()
    }

    private func letEnd() {
        queue.state.withLock { $0.isClosed = true }
        for _ in 0..<count { queue.ready.signal() }
    }
}
