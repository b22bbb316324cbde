import Foundation
import Search

/// Queries of each kind, asked in turn so that all meet the same machine.
struct Queries {
    struct Kind {
        var name: String
        var visibility = Visibility(levels: [.ordinary, .restricted])
        var make: (inout Corpus.Random, Corpus) -> SearchRequest
    }

    let index: SearchIndex
    let corpus: Corpus
    let runs: Int
    let only: String

    func run() async throws {
        let kinds = kinds.enumerated().filter { only.isEmpty || $0.element.name.contains(only) }
        let clock = ContinuousClock()
        var times = Array(repeating: [Double](), count: kinds.count)
        var processor = times
        var found = Array(repeating: 0, count: kinds.count)
        for run in 0..<runs {
            for (row, (number, kind)) in kinds.enumerated() {
                var random = Corpus.Random(UInt64(run * 100 + number))
                let request = kind.make(&random, corpus)
                let start = clock.now
                let used = SearchBench.processorSeconds()
                let results = try await index.search(request, kind.visibility)
                times[row].append(SearchBench.seconds(clock.now - start) * 1000)
                processor[row].append((SearchBench.processorSeconds() - used) * 1000)
                found[row] += results.meetings.isEmpty ? 0 : 1
            }
        }
        print("                                         by the clock, ms          of the processor, ms")
        print("query                                    p50     p95     p99     p50     p95     p99 answered")
        for (row, (_, kind)) in kinds.enumerated() {
            print(
                Timing(times[row]).line(kind.name) + Timing(processor[row]).figures
                    + String(format: "%8d%%", found[row] * 100 / max(1, runs)))
        }
        print(Timing(times.flatMap { $0 }).line("all") + Timing(processor.flatMap { $0 }).figures)
    }

    private var kinds: [Kind] {
        let few = Set((0..<40).map { "m-\($0 * max(1, corpus.meetings / 40))" })
        let many = Set((0..<(corpus.meetings / 20)).map { "m-\($0 * 20)" })
        func common(_ random: inout Corpus.Random) -> String { Vocabulary.common[random.below(120)] }
        func prefix(_ letters: Int, _ random: inout Corpus.Random) -> String {
            while true {
                let word = common(&random).prefix { $0 != " " }
                if word.count > letters { return String(word.prefix(letters)) }
            }
        }
        return [
            Kind(name: "a common word") { random, _ in
                SearchRequest(random.pick(["họp", "ubnd", "hop", "tỉnh", "cong", "các"]), isTyping: false)
            },
            Kind(name: "a rare word") { random, _ in
                SearchRequest("\(random.below(100_000))", isTyping: false)
            },
            Kind(name: "two words, with marks") { random, _ in
                SearchRequest("\(common(&random)) \(common(&random))", isTyping: false)
            },
            Kind(name: "two words, without marks") { random, _ in
                SearchRequest(
                    "\(common(&random)) \(common(&random))".applyingTransform(.stripDiacritics, reverse: false)
                        ?? "họp",
                    isTyping: false)
            },
            Kind(name: "a person and a unit") { random, corpus in
                SearchRequest("\(corpus.person(&random)) \(random.pick(Vocabulary.units))", isTyping: false)
            },
            Kind(name: "one letter") { random, _ in SearchRequest(prefix(1, &random)) },
            Kind(name: "two letters") { random, _ in SearchRequest(prefix(2, &random)) },
            Kind(name: "three letters") { random, _ in SearchRequest(prefix(3, &random)) },
            Kind(name: "two words and two letters") { random, _ in
                SearchRequest("\(common(&random)) \(prefix(2, &random))")
            },
            Kind(name: "a phrase") { random, _ in
                SearchRequest("\"\(common(&random)) \(common(&random))\"")
            },
            Kind(name: "a document's number") { random, _ in
                SearchRequest(
                    "\(random.below(900) + 1)/\(random.pick(Vocabulary.kinds))-\(random.pick(Vocabulary.bodies))",
                    isTyping: false)
            },
            Kind(name: "a common word without another") { random, _ in
                SearchRequest("\(common(&random)) -\(Vocabulary.common[random.below(200)].prefix { $0 != " " })")
            },
            Kind(name: "with unit, field and year") { random, _ in
                let year = 2016 + random.below(8)
                return SearchRequest(
                    common(&random),
                    filter: SearchFilter(
                        from: Date(timeIntervalSince1970: Double(year - 1970) * 31_556_952),
                        to: Date(timeIntervalSince1970: Double(year - 1969) * 31_556_952),
                        units: [random.pick(Vocabulary.units)], fields: [random.pick(Vocabulary.fields)]))
            },
            Kind(name: "in speeches only") { random, _ in
                SearchRequest(
                    "\(common(&random)) \(common(&random))", filter: SearchFilter(kinds: [.speech]), isTyping: false)
            },
            Kind(name: "40 meetings may be seen", visibility: Visibility(levels: [], granted: few)) { random, _ in
                SearchRequest(common(&random))
            },
            Kind(name: "a twentieth may be seen", visibility: Visibility(levels: [], granted: many)) { random, _ in
                SearchRequest("\(common(&random)) \(common(&random))")
            },
            Kind(name: "no word, by time") { random, _ in
                SearchRequest("", filter: SearchFilter(rooms: [random.pick(Vocabulary.rooms).0]))
            },
        ]
    }
}
