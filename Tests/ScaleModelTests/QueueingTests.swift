import BenchSupport
import Foundation
import Testing

@testable import scale_model

/// What is simulated, beside closed forms.
@Suite struct QueueingTests {
    @Test func erlangsFormulasGiveWhatTablesSay() {
        // Two lines and two erlangs: 2²/2! of 1 + 2 + 2²/2!.
        #expect(abs(Queueing.erlangB(load: 2, servers: 2) - 0.4) < 1e-12)
        #expect(abs(Queueing.erlangB(load: 1, servers: 1) - 0.5) < 1e-12)
        #expect(abs(Queueing.erlangC(load: 2, servers: 3) - 4.0 / 9) < 1e-12)
        // One server: the share that waits is the load.
        #expect(abs(Queueing.erlangC(load: 0.7, servers: 1) - 0.7) < 1e-12)
        #expect(abs(Queueing.meanWait(load: 0.5, servers: 1, meanService: 10) - 10) < 1e-9)
        #expect(Queueing.erlangC(load: 3, servers: 3) == 1)
        #expect(Queueing.meanWait(load: 3, servers: 3, meanService: 1) == .infinity)
        #expect(Queueing.erlangB(load: 0, servers: 0) == 0)
    }

    @Test(arguments: [0.5, 4.0, 30, 2_000]) func theFewestServersAreTheFewest(load: Double) {
        let servers = Queueing.servers(load: load, blocking: 0.001)
        #expect(Queueing.erlangB(load: load, servers: servers) <= 0.001)
        #expect(Queueing.erlangB(load: load, servers: servers - 1) > 0.001)
    }

    private struct Shape: Sendable, CustomTestStringConvertible {
        var servers: Int
        var load: Double
        var testDescription: String { "\(servers) servers, \(load) erlangs" }
    }

    private static func exponential(_ mean: Double, _ random: inout SeededRandom) -> Double {
        -mean * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random))
    }

    private static func jobs(
        _ count: Int, load: Double, seed: UInt64, service: (inout SeededRandom) -> Double
    ) -> [ServerQueue.Job] {
        var random = SeededRandom(seed: seed)
        var time = 0.0
        return (0..<count).map { _ in
            time += exponential(1 / load, &random)
            return ServerQueue.Job(arrival: time, service: service(&random))
        }
    }

    /// M/M/c: who waits, and for how long, as Erlang has it.
    @Test(arguments: [Shape(servers: 1, load: 0.6), Shape(servers: 3, load: 2), Shape(servers: 12, load: 9.5)])
    private func manyJobsWaitAsErlangSays(shape: Shape) {
        let jobs = Self.jobs(200_000, load: shape.load, seed: 5) { Self.exponential(1, &$0) }
        let waits = ServerQueue.run(jobs, servers: shape.servers).waits
        let waiting = Double(waits.count { $0 > 0 }) / Double(waits.count)
        let mean = waits.reduce(0, +) / Double(waits.count)
        #expect(abs(waiting / Queueing.erlangC(load: shape.load, servers: shape.servers) - 1) < 0.03)
        #expect(abs(mean / Queueing.meanWait(load: shape.load, servers: shape.servers, meanService: 1) - 1) < 0.06)
    }

    /// M/D/1: half of the wait of M/M/1 (Pollaczek and Khinchine).
    @Test func jobsOfOneLengthWaitHalfAsLong() {
        let jobs = Self.jobs(200_000, load: 0.8, seed: 6) { _ in 1 }
        let waits = ServerQueue.run(jobs, servers: 1).waits
        let mean = waits.reduce(0, +) / Double(waits.count)
        #expect(abs(mean / 2 - 1) < 0.05, "\(mean) and not ρ / 2(1 − ρ)")
    }

    /// L = λW, both sides counted apart: jobs in the queue by arrivals and starts in the order of time, waits by job.
    @Test func asManyWaitAsComeInAWait() {
        let jobs = Self.jobs(50_000, load: 4.2, seed: 7) { Self.exponential(1, &$0) }
        let outcome = ServerQueue.run(jobs, servers: 5)
        var steps: [(time: Double, change: Int)] = []
        for (job, wait) in zip(jobs, outcome.waits) {
            steps += [(job.arrival, 1), (job.arrival + wait, -1)]
        }
        steps.sort { ($0.time, $0.change) < ($1.time, $1.change) }
        var (area, waiting, last) = (0.0, 0, 0.0)
        for step in steps {
            area += Double(waiting) * (step.time - last)
            waiting += step.change
            last = step.time
        }
        let length = area / last
        let rate = Double(jobs.count) / last
        let wait = outcome.waits.reduce(0, +) / Double(jobs.count)
        #expect(abs(length - rate * wait) < 1e-6 * max(1, length))
    }

    /// The heap of free servers beside a list that is looked through.
    @Test func jobsAreGivenToWhoeverIsFreeFirst() {
        var random = SeededRandom(seed: 8)
        for _ in 0..<200 {
            let servers = Int.random(in: 1...9, using: &random)
            var time = 0.0
            let jobs = (0..<60).map { _ in
                time += Double.random(in: 0..<1, using: &random)
                return ServerQueue.Job(arrival: time, service: Double.random(in: 0..<8, using: &random))
            }
            var free = Array(repeating: 0.0, count: servers)
            let expected = jobs.map { job in
                let first = free.indices.min { free[$0] < free[$1] } ?? 0
                let start = max(job.arrival, free[first])
                free[first] = start + job.service
                return free[first]
            }
            #expect(ServerQueue.run(jobs, servers: servers).ends == expected)
        }
    }

    @Test func theFewestServersThatAreInTimeAreFound() throws {
        let jobs = Self.jobs(2_000, load: 6, seed: 9) { Self.exponential(1, &$0) }
        let found = try #require(ServerQueue.servers(jobs, share: 0.95, within: 4, most: 100))
        func inTime(_ servers: Int) -> Double {
            let ends = ServerQueue.run(jobs, servers: servers).ends
            return Double(zip(jobs, ends).count { $1 - $0.arrival <= 4 }) / Double(jobs.count)
        }
        #expect(inTime(found) >= 0.95)
        #expect(inTime(found - 1) < 0.95)
        #expect(ServerQueue.servers(jobs, share: 0.95, within: 0, most: 100) == nil)
    }
}
