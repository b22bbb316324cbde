import Foundation
import Search

/// Meetings as a province might have held them in ten years: the same for the same number, and of Vietnamese words as often as
/// Vietnamese has them (the commonest few hundred make most of a text, by Zipf's law).
struct Corpus {
    struct Random {
        private var state: UInt64
        init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03 }

        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
        mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
        mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
    }

    let meetings: Int
    private let words: [String]
    private let cumulative: [Double]
    private let communes: [String]

    init(meetings: Int) {
        self.meetings = meetings
        // Phrases first; then syllables that the alphabet allows, which texts have now and then: names, places, borrowed words.
        var words = Vocabulary.common
        var random = Random(7)
        var seen = Set(words)
        while words.count < 9000 {
            let word =
                random.pick(Vocabulary.onsets) + random.pick(Vocabulary.rimes)
                + (random.below(4) == 0 ? " " + random.pick(Vocabulary.onsets) + random.pick(Vocabulary.rimes) : "")
            if seen.insert(word).inserted { words.append(word) }
        }
        self.words = words
        var sum = 0.0
        cumulative = words.indices.map { index in
            sum += 1 / (Double(index) + 4)
            return sum
        }
        communes = (0..<145).map { _ in
            "UBND xã \(random.pick(Vocabulary.places)) \(random.pick(Vocabulary.places))"
        }
    }

    subscript(_ number: Int) -> MeetingDocument {
        var random = Random(UInt64(number) &+ 1000)
        // Ten years of working days; several meetings a day.
        let day = Double(number) / Double(max(1, meetings)) * 3650
        let opened = Date(
            timeIntervalSince1970: 1_420_070_400 + day.rounded(.down) * 86_400 + Double(random.below(600)) * 60)
        let year = 2015 + Int(day / 365)
        let field = random.pick(Vocabulary.fields)
        let people = (0..<(3 + random.below(5))).map { _ in person(&random) }
        let units = Array(Set((0..<(3 + random.below(6))).map { _ in unit(&random) })).sorted()
        let level: SearchLevel =
            switch random.below(100) {
            case 0..<85: .ordinary
            case 85..<97: .restricted
            default: .secret
            }
        var passages: [Passage] = []
        let items = 3 + random.below(4)
        for item in 0..<items {
            passages.append(
                Passage(
                    .agenda, heading: random.pick(people),
                    text: "\(item + 1). \(random.pick(Vocabulary.acts)) \(text(&random, 10))"))
        }
        var time: Int64 = 0
        for _ in 0..<(5 + random.below(4)) {
            let length = Int64(60_000 + random.below(600_000))
            passages.append(
                Passage(
                    .speech, heading: "\(random.pick(people)), \(random.pick(units))",
                    text: text(&random, 20 + random.below(35)), beginMilliseconds: time,
                    endMilliseconds: time + length))
            time += length
        }
        for item in 0..<2 {
            passages.append(
                Passage(.chapter, text: text(&random, 5), beginMilliseconds: Int64(item) * 900_000))
        }
        let paper = "\(random.pick(Vocabulary.papers)) \(field) \(year).pdf"
        for page in 0..<(1 + random.below(2)) {
            passages.append(
                Passage(
                    .paper, heading: paper,
                    text: "Số: \(number % 4000 + 1)/\(random.pick(Vocabulary.kinds))-\(random.pick(Vocabulary.bodies)) "
                        + text(&random, 50 + random.below(60)), paper: "\(number)", page: page + 1))
        }
        passages.append(Passage(.report, text: text(&random, 50)))
        let room = random.pick(Vocabulary.rooms)
        return MeetingDocument(
            id: "m-\(number)", revision: "1",
            title: "\(random.pick(Vocabulary.meetings)) \(field) \(random.pick(Vocabulary.periods)) \(year)",
            convener: random.pick(Vocabulary.conveners),
            document: "\(random.below(900) + 1)/\(random.pick(Vocabulary.kinds))-\(random.pick(Vocabulary.bodies))",
            room: room.0, roomName: room.1, field: field, level: level, openedAt: opened, units: units, people: people,
            passages: passages)
    }

    func person(_ random: inout Random) -> String {
        "\(random.pick(Vocabulary.surnames)) \(random.pick(Vocabulary.middles)) \(random.pick(Vocabulary.givens))"
    }

    private func unit(_ random: inout Random) -> String {
        random.below(3) == 0 ? random.pick(communes) : random.pick(Vocabulary.units)
    }

    /// About so many words.
    private func text(_ random: inout Random, _ count: Int) -> String {
        var parts: [String] = []
        var written = 0
        while written < count {
            let word: String
            switch random.below(200) {
            case 0:
                word = "\(random.below(2000) + 1)/\(random.pick(Vocabulary.kinds))-\(random.pick(Vocabulary.bodies))"
            case 1: word = "\(random.below(100_000))"
            case 2: word = person(&random)
            default: word = self.word(&random)
            }
            written += word.utf8.count { $0 == 0x20 } + 1
            parts.append(word)
        }
        return parts.joined(separator: " ")
    }

    private func word(_ random: inout Random) -> String {
        let wanted = random.unit() * (cumulative.last ?? 0)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return words[low]
    }
}
