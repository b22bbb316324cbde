import Foundation
import Search

/// Figures of the search: size and time of an index of generated meetings, and what queries cost.
///
///     search-bench [--meetings 100000] [--keep FILE] [--runs 200] [--only WORDS]
///
/// `--only` asks queries alone whose names have these words.
@main struct SearchBench {
    static func main() async throws {
        var options: [String: String] = [:]
        var arguments = CommandLine.arguments.dropFirst()
        while let name = arguments.popFirst() {
            guard ["--meetings", "--keep", "--runs", "--only"].contains(name), let value = arguments.popFirst() else {
                print("usage: search-bench [--meetings 100000] [--keep FILE] [--runs 200] [--only WORDS]")
                exit(2)
            }
            options[name] = value
        }
        let corpus = Corpus(meetings: options["--meetings"].flatMap { Int($0) } ?? 100_000)
        let path = options["--keep"] ?? NSTemporaryDirectory() + "/search-bench-\(getpid()).sqlite"
        let index = try SearchIndex(path: path)
        print("load of the machine: \(load())")
        if try await !index.isComplete() { try await build(index, corpus, path) }
        let counts = try await index.counts()
        print("\(counts.meetings) meetings, \(counts.passages) passages, \(size(path) >> 20) MiB")
        let runs = options["--runs"].flatMap { Int($0) } ?? 200
        try await Queries(index: index, corpus: corpus, runs: runs, only: options["--only"] ?? "").run()
        try await update(index, corpus)
        print("load of the machine: \(load())")
        try index.close()
        if options["--keep"] == nil { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
    }

    private static func build(_ index: SearchIndex, _ corpus: Corpus, _ path: String) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let batch = 1000
        for first in stride(from: 0, to: corpus.meetings, by: batch) {
            let last = min(first + batch, corpus.meetings)
            try await index.put((first..<last).map { corpus[$0] })
            let spent = seconds(clock.now - start)
            if last % 10_000 == 0 || last == corpus.meetings {
                let left = spent / Double(last) * Double(corpus.meetings - last)
                print(
                    "built \(last) of \(corpus.meetings), \(Int(spent)) s, about \(Int(left)) s to go, \(size(path) >> 20) MiB"
                )
                fflush(nil)
            }
        }
        let joined = clock.now
        try await index.finish()
        print(
            "built in \(Int(seconds(clock.now - start))) s, of which \(Int(seconds(clock.now - joined))) s joining its parts"
        )
    }

    private static func update(_ index: SearchIndex, _ corpus: Corpus) async throws {
        let clock = ContinuousClock()
        var times: [Double] = []
        for number in 0..<100 {
            var meeting = corpus[number * max(1, corpus.meetings / 100)]
            meeting.title += " (sửa)"
            let start = clock.now
            try await index.put([meeting])
            times.append(seconds(clock.now - start) * 1000)
        }
        print(Timing(times).line("one meeting put in anew"))
    }

    static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// Of all threads; what a query costs on a machine that does other things too.
    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func size(_ path: String) -> Int {
        ["", "-wal"].reduce(0) { sum, suffix in
            var status = stat()
            return sum + (stat(path + suffix, &status) == 0 ? Int(status.st_size) : 0)
        }
    }

    static func load() -> String {
        (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").prefix(3)
            .joined(separator: " ") ?? "unknown"
    }
}

/// Times of one kind of query in milliseconds.
struct Timing {
    private let sorted: [Double]
    init(_ times: [Double]) { sorted = times.sorted() }

    private func percentile(_ part: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
    }

    var figures: String { [0.5, 0.95, 0.99].map { String(format: "%8.1f", percentile($0)) }.joined() }

    func line(_ name: String) -> String { name.padding(toLength: 36, withPad: " ", startingAt: 0) + figures }
}
