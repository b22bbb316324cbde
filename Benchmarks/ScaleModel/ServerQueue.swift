/// Jobs that wait in the order in which they came, for the first of some servers that is free.
struct ServerQueue {
    struct Job: Equatable {
        var arrival: Double
        var service: Double
    }

    struct Outcome: Equatable {
        /// Of each job, in the order of arrivals.
        var waits: [Double]
        var ends: [Double]
    }

    /// Carries out jobs, which come in the order of their arrival, with so many servers (at least one).
    static func run(_ jobs: [Job], servers: Int) -> Outcome {
        var free = Heap(repeating: -Double.infinity, count: max(1, servers))
        var outcome = Outcome(waits: [], ends: [])
        outcome.waits.reserveCapacity(jobs.count)
        outcome.ends.reserveCapacity(jobs.count)
        for job in jobs {
            let start = max(job.arrival, free.least)
            free.replaceLeast(by: start + job.service)
            outcome.waits.append(start - job.arrival)
            outcome.ends.append(start + job.service)
        }
        return outcome
    }

    /// The fewest servers, up to `most`, by which `share` of jobs is done within `limit` of its arrival; nil where none do.
    static func servers(_ jobs: [Job], share: Double, within limit: Double, most: Int) -> Int? {
        func areEnough(_ servers: Int) -> Bool {
            let outcome = run(jobs, servers: servers)
            let inTime = zip(jobs, outcome.ends).count { $1 - $0.arrival <= limit }
            return Double(inTime) >= share * Double(jobs.count)
        }
        guard most >= 1, areEnough(most) else { return nil }
        var (least, enough) = (1, most)
        while least < enough {
            let middle = (least + enough) / 2
            if areEnough(middle) { enough = middle } else { least = middle + 1 }
        }
        return enough
    }
}

/// When each server is free, the earliest first.
private struct Heap {
    private var times: [Double]
    init(repeating time: Double, count: Int) { times = Array(repeating: time, count: count) }
    var least: Double { times[0] }

    mutating func replaceLeast(by time: Double) {
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < times.count else { break }
            if child + 1 < times.count, times[child + 1] < times[child] { child += 1 }
            guard times[child] < time else { break }
            times[place] = times[child]
            place = child
        }
        times[place] = time
    }
}
