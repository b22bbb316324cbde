import Matroska

/// Who speaks when, from the level of each point's sound.
struct SpeakerTimeline {
    /// Below this (dBFS) nobody speaks.
    private static let threshold = -48.0
    /// Another takes over after speaking alone for this long, and a turn shorter than this is no chapter, in nanoseconds.
    private static let takeover: Int64 = 400_000_000
    private static let shortestTurn: Int64 = 1_500_000_000
    private static let hangover: Int64 = 700_000_000

    private struct Turn {
        var point: Int
        var start: Int64
        var end: Int64
    }
    private var lastActive: [Int: Int64] = [:]
    private var smoothed: [Int: Double] = [:]
    private var challenger: (point: Int, since: Int64)?
    private var turns: [Turn] = []
    private(set) var current: Int?

    /// Takes the levels (dBFS) of each point at `time`.
    mutating func take(_ levels: [Int: Double], at time: Int64) {
        for (point, level) in levels {
            smoothed[point] = (smoothed[point] ?? level) * 0.8 + level * 0.2
            if level > Self.threshold { lastActive[point] = time }
        }
        let speaking = lastActive.filter { time - $0.value < Self.hangover }.keys
        let currentSpeaks = current.map { speaking.contains($0) } ?? false
        if let current, currentSpeaks, let last = turns.indices.last, turns[last].point == current {
            turns[last].end = time
        }
        let loudest = speaking.filter { $0 != current }.max { (smoothed[$0] ?? -127) < (smoothed[$1] ?? -127) }
        guard let loudest, !currentSpeaks || (smoothed[loudest] ?? -127) > (smoothed[current ?? -1] ?? -127) + 6 else {
            challenger = nil
            if !currentSpeaks, let current, time - (lastActive[current] ?? time) > 3_000_000_000 { self.current = nil }
            return
        }
        if challenger?.point != loudest { challenger = (loudest, time) }
        guard let since = challenger?.since, current == nil || time - since >= Self.takeover else { return }
        current = loudest
        challenger = nil
        turns.append(Turn(point: loudest, start: since, end: time))
    }

    /// A chapter for each turn, short interjections left to the turn that they fell into.
    func chapters(names: [Int: String], end: Int64) -> [MatroskaChapter] {
        var kept: [Turn] = []
        for turn in turns where turn.end - turn.start >= Self.shortestTurn {
            if let last = kept.last, last.point == turn.point {
                kept[kept.count - 1].end = turn.end
            } else {
                kept.append(turn)
            }
        }
        return kept.enumerated().map { index, turn in
            let next = index + 1 < kept.count ? kept[index + 1].start : end
            return MatroskaChapter(
                title: names[turn.point] ?? "", startNanoseconds: UInt64(max(0, turn.start)),
                endNanoseconds: UInt64(max(turn.start, next)))
        }
    }
}
