import Synchronization

/// The daemon's memory over the time of each process.
final class SoakMemory: Sendable {
    /// What the daemon says of malloc's memory, in megabytes, and what it had to do then.
    struct Heap: Sendable {
        var inUse: Double
        var held: Double
        /// Of what is in use: the ring of SIP messages, which fills and then stays as it is.
        var ring: Double
        var legs: Double
        var meetings: Double
    }

    struct Sample: Sendable {
        var seconds: Double
        /// Resident.
        var megabytes: Double
        /// Nil where the daemon did not answer.
        var heap: Heap?
    }

    /// What one process of the daemon took.
    struct Life: Sendable {
        var samples: [Sample]
        var seconds: Double { (samples.last?.seconds ?? 0) - (samples.first?.seconds ?? 0) }
        var most: Double { samples.map(\.megabytes).max() ?? 0 }
        var first: Double { samples.first?.megabytes ?? 0 }
        var last: Double { samples.last?.megabytes ?? 0 }
        /// Without the ring.
        var inUse: Growth? {
            growth { $0.heap.map { ($0.inUse - $0.ring, [$0.legs, $0.meetings]) } }
        }
        var held: Growth? { growth { $0.heap.map { ($0.held, []) } } }
        var resident: Growth? { growth { ($0.megabytes, []) } }
        var heap: Heap? { samples.last { $0.heap != nil }?.heap }

        /// After the warm-up: a process grows until it has done everything once.
        private func growth(_ value: (Sample) -> (size: Double, load: [Double])?) -> Growth? {
            guard let start = samples.first?.seconds else { return nil }
            let settled = samples.filter { $0.seconds - start >= SoakMemory.warmUp }
            let points = settled.compactMap { sample in
                value(sample).map { Regression.Point(x: [(sample.seconds - start) / 3_600] + $0.load, y: $0.size) }
            }
            guard points.count >= 60, let fit = Regression.fit(points) else { return nil }
            return Growth(megabytesAnHour: fit.slope, uncertainty: fit.standardError)
        }
    }

    struct Growth: Sendable {
        var megabytesAnHour: Double
        /// The slope's standard error.
        var uncertainty: Double
    }

    /// Seconds of a life that count for nothing.
    static let warmUp = 300.0
    /// What the memory in use may grow by in an hour, by more than chance: 30 kB with each of the soak's 400 calls an hour. What malloc
    /// holds, and what is resident, is reported and not judged: it follows the largest meeting that there was.
    static let mostGrowthAnHour = 12.0
    static let most = 1_024.0

    private let lives = Mutex<[Life]>([])

    func beginLife() { lives.withLock { $0.append(Life(samples: [])) } }
    func add(_ sample: Sample) {
        lives.withLock { lives in
            guard let last = lives.indices.last else { return }
            lives[last].samples.append(sample)
        }
    }

    var all: [Life] { lives.withLock { $0 }.filter { !$0.samples.isEmpty } }

    /// What is wrong with a life.
    static func fault(of life: Life) -> String? {
        if life.most > most { return "the daemon took \(Int(life.most)) MB" }
        // Shorter ones say nothing of an hour.
        guard let growth = life.inUse, life.seconds > warmUp + 300 else { return nil }
        guard growth.megabytesAnHour - 2 * growth.uncertainty > mostGrowthAnHour else { return nil }
        return
            "what the daemon has in use grows by \(Int(growth.megabytesAnHour)) ± \(Int(growth.uncertainty)) MB an hour, whatever it has to do"
    }
}
