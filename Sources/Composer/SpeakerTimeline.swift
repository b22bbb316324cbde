import Matroska

/// Who speaks when, from the level of each point's sound.
///
/// A point speaks when its sound stands out from what it sends all the time (a fan, a street) for longer than a cough. A
/// turn goes to the first who speaks, and from then on to whoever speaks when that point has stopped, or is much louder.
struct SpeakerTimeline: Codable {
    /// Turns are what is kept of it; whoever goes on listening begins without them.
    private enum CodingKeys: CodingKey { case spotlights, turns }
    /// Below this (dBFS) nobody speaks; nor within so much (dB) of the point's own noise.
    private static let threshold = -48.0
    private static let aboveNoise = 9.0
    private static let quietestNoise = -70.0
    /// How fast the estimate of a point's noise rises, in dB a second; it falls at once.
    private static let noiseRise = 2.0
    /// Shorter sounds are no speech. Pauses up to `hangover` do not end it. All in nanoseconds.
    private static let shortestSpeech: Int64 = 600_000_000
    private static let hangover: Int64 = 700_000_000
    /// Who is this much louder (dB) for so long takes over from somebody who still speaks.
    private static let louder = 6.0
    private static let takeover: Int64 = 400_000_000
    /// A tile stays lit for so long after the last word, and a turn shorter than this is no chapter.
    private static let afterglow: Int64 = 1_000_000_000
    private static let shortestTurn: Int64 = 1_500_000_000

    private struct Voice {
        var noise = SpeakerTimeline.quietestNoise
        var level = -127.0
        var since: Int64 = 0
        var last: Int64 = .min / 2
    }
    private struct Turn: Codable {
        var point: Int
        var start: Int64
        var end: Int64
    }
    /// Who was in the spotlight, as the master has it: that goes before what is heard.
    private var spotlights: [Turn]
    private var voices: [Voice] = []
    private var challenger: (point: Int, since: Int64)?
    private var turns: [Turn] = []
    private var lastTime: Int64 = 0

    /// - Parameters:
    ///   - spotlights: the master's chapters, in order, each named after a point.
    ///   - names: of the points; of several with one name the first is meant.
    init(spotlights: [MatroskaChapter] = [], names: [String] = []) {
        self.spotlights = spotlights.compactMap { chapter in
            names.firstIndex(of: chapter.title).map {
                Turn(
                    point: $0, start: Int64(clamping: chapter.startNanoseconds),
                    end: Int64(clamping: chapter.endNanoseconds))
            }
        }
    }

    /// Takes the levels (dBFS) of all points, always in the same order, at `time`.
    mutating func take(_ levels: [Double], at time: Int64) {
        while voices.count < levels.count { voices.append(Voice()) }
        let rise = Self.noiseRise * Double(max(0, time - lastTime)) / 1e9
        lastTime = time
        for (point, level) in levels.enumerated() {
            var voice = voices[point]
            voice.noise = level < voice.noise ? max(level, Self.quietestNoise) : voice.noise + rise
            voice.level = voice.level * 0.8 + level * 0.2
            if level > max(Self.threshold, voice.noise + Self.aboveNoise) {
                if time - voice.last > Self.hangover { voice.since = time }
                voice.last = time
            }
            voices[point] = voice
        }
        passTurn(at: time)
    }

    private mutating func passTurn(at time: Int64) {
        func speaks(_ point: Int) -> Bool {
            time - voices[point].last < Self.hangover && voices[point].last - voices[point].since >= Self.shortestSpeech
        }
        let current = turns.last.flatMap { speaks($0.point) ? $0.point : nil }
        if let current { turns[turns.count - 1].end = voices[current].last }
        let candidates = voices.indices.filter { $0 != current && speaks($0) }
        guard let loudest = candidates.max(by: { voices[$0].level < voices[$1].level }) else {
            challenger = nil
            return
        }
        guard let current else {
            // The turn was this point's since it began to speak, or since the one before it stopped.
            begin(loudest, from: max(voices[loudest].since, turns.last?.end ?? 0), at: time)
            return
        }
        guard voices[loudest].level > voices[current].level + Self.louder else {
            challenger = nil
            return
        }
        if challenger?.point != loudest { challenger = (loudest, time) }
        if let since = challenger?.since, time - since >= Self.takeover { begin(loudest, from: since, at: time) }
    }

    private mutating func begin(_ point: Int, from start: Int64, at time: Int64) {
        challenger = nil
        turns.append(Turn(point: point, start: start, end: time))
    }

    /// Whose tile is lit at `time`, which was taken in long enough ago to know.
    func speaker(at time: Int64) -> Int? {
        if let given = spotlight(at: time) { return given.point }
        // Turns begin one after another.
        var (low, high) = (0, turns.count)
        while low < high {
            let middle = (low + high) / 2
            if turns[middle].start <= time { low = middle + 1 } else { high = middle }
        }
        guard low > 0, time < turns[low - 1].end + Self.afterglow else { return nil }
        return turns[low - 1].point
    }

    private func spotlight(at time: Int64) -> Turn? { spotlights.last { $0.start <= time && time < $0.end } }

    /// A chapter for each turn, short interjections left to the turn that they fell into.
    func chapters(names: [String], end: Int64) -> [MatroskaChapter] {
        let heard = turns.filter { turn in spotlight(at: turn.start) == nil }
        let all = (heard + spotlights).sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        var kept: [Turn] = []
        for turn in all where turn.end - turn.start >= Self.shortestTurn && turn.start < end {
            if let last = kept.last, last.point == turn.point {
                kept[kept.count - 1].end = turn.end
            } else {
                kept.append(turn)
            }
        }
        return kept.enumerated().map { index, turn in
            let next = index + 1 < kept.count ? kept[index + 1].start : end
            return MatroskaChapter(
                title: names[turn.point], startNanoseconds: UInt64(max(0, turn.start)),
                endNanoseconds: UInt64(max(turn.start, next)))
        }
    }
}
