import Foundation

/// Puts together who spoke when: the word as the chair gave it, and, while nobody has the word, whoever was heard. At no
/// time more than one speaks, so the speeches' times add up to no more than the meeting's.
struct SpeechTurns {
    struct Turn: Hashable {
        var point: String
        var from: Date
        var seconds: TimeInterval = 0
        var isGiven: Bool
        var limit: Int?
        /// When it was last heard.
        var until: Date
    }

    /// A pause of so long, with nobody else heard, does not end a speech.
    static let longestPause: TimeInterval = 10

    private(set) var speeches: [Turn] = []
    private var loudest: String?
    private var word: Turn?
    /// Up to here all is counted. It never goes back, whatever the clock did.
    private var counted = Date.distantPast

    /// The loudest changed; nil for nobody.
    mutating func heard(_ point: String?, at time: Date) {
        count(to: time)
        loudest = point
    }

    mutating func given(to point: String, limit: Int?, at time: Date) {
        count(to: time)
        endWord()
        word = Turn(point: point, from: counted, isGiven: true, limit: limit, until: counted)
    }

    mutating func ended(by point: String, at time: Date) {
        guard word?.point == point else { return }
        count(to: time)
        endWord()
    }

    mutating func left(_ point: String, at time: Date) {
        if loudest == point { heard(nil, at: time) }
        ended(by: point, at: time)
    }

    mutating func end(at time: Date) {
        heard(nil, at: time)
        endWord()
        speeches.sort { $0.from < $1.from }
    }

    private mutating func endWord() {
        if let word, word.seconds > 0 { speeches.append(word) }
        word = nil
    }

    /// Time up to `time` is of whoever has the word, whoever interjects; else of the loudest.
    private mutating func count(to time: Date) {
        let from = counted
        counted = max(counted, time)
        guard counted > from, from > .distantPast else { return }
        let length = counted.timeIntervalSince(from)
        if word != nil {
            word?.seconds += length
            word?.until = counted
        } else if let loudest {
            speak(loudest, from, length)
        }
    }

    private mutating func speak(_ point: String, _ from: Date, _ length: TimeInterval) {
        if let last = speeches.indices.last, !speeches[last].isGiven, speeches[last].point == point,
            from.timeIntervalSince(speeches[last].until) <= Self.longestPause
        {
            speeches[last].seconds += length
            speeches[last].until = counted
        } else {
            speeches.append(Turn(point: point, from: from, seconds: length, isGiven: false, until: counted))
        }
    }
}
