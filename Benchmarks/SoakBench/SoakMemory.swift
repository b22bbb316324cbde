import Synchronization

/// The daemon's memory over the time of each process.
final class SoakMemory: Sendable {
    struct Sample: Sendable {
        var seconds: Double
        var megabytes: Double
    }

    /// What one process of the daemon took.
    struct Life: Sendable {
        var samples: [Sample]
        var seconds: Double { (samples.last?.seconds ?? 0) - (samples.first?.seconds ?? 0) }
        var most: Double { samples.map(\.megabytes).max() ?? 0 }
        var first: Double { samples.first?.megabytes ?? 0 }
        var last: Double { samples.last?.megabytes ?? 0 }

        /// Least squares, without the first part: a process grows until it has done everything once.
        var megabytesAnHour: Double? {
            let settled = samples.dropFirst(samples.count / 3)
            guard settled.count >= 8, let start = settled.first?.seconds else { return nil }
            let count = Double(settled.count)
            let meanTime = settled.reduce(0) { $0 + $1.seconds - start } / count
            let meanSize = settled.reduce(0) { $0 + $1.megabytes } / count
            var above = 0.0
            var below = 0.0
            for sample in settled {
                let time = sample.seconds - start - meanTime
                above += time * (sample.megabytes - meanSize)
                below += time * time
            }
            return below > 0 ? above / below * 3_600 : nil
        }

        /// By how much it grew over its second part, by that slope.
        var grown: Double { (megabytesAnHour ?? 0) * seconds * 2 / 3 / 3_600 }
    }

    /// What a life may grow by, in megabytes, once it is settled: the allocator keeps what it had for the largest meeting. And what it may
    /// grow by in an hour, where it was watched for a quarter of one at least.
    static let mostGrowth = 48.0
    static let mostGrowthAnHour = 24.0
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
        guard let slope = life.megabytesAnHour else { return nil }
        if life.grown > mostGrowth { return "the daemon grew by \(Int(life.grown)) MB in \(Int(life.seconds)) s" }
        if life.seconds > 900, slope > mostGrowthAnHour { return "the daemon grows by \(Int(slope)) MB an hour" }
        return nil
    }
}
