import Foundation
import Synchronization

/// Threads that ask a database, each on a connection of its own, what is put before them, in its order.
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

    /// So many may wait; who comes then is told that the database cannot be reached.
    private static let longestQueue = 10_000
    private let state = Mutex(State())
    private let ready = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()
    private let count: Int

    init(_ label: String, count: Int, link: @escaping @Sendable () -> PostgresLink) {
        self.count = count
        for number in 1...count {
            ended.enter()
            let thread = Thread { [self] in
                let link = link()
                while true {
                    ready.wait()
                    let (job, isClosed) = state.withLock { ($0.next(), $0.isClosed) }
                    if let job { job(link) } else if isClosed { break }
                }
                ended.leave()
            }
            thread.name = "\(label) \(number)"
            thread.start()
        }
    }

    func submit(_ job: @escaping Job) throws {
        try state.withLock { state in
            guard !state.isClosed else {
                throw SQLDatabaseError.refused(code: "closed", reason: "the database is closed")
            }
            guard state.jobs.count - state.first < Self.longestQueue else {
                throw SQLDatabaseError.unreachable(reason: "too much waits for the database")
            }
            state.jobs.append(job)
        }
        ready.signal()
    }

    /// Does what waits, and ends the threads.
    func close() {
        state.withLock { $0.isClosed = true }
        for _ in 0..<count { ready.signal() }
        ended.wait()
    }
}
