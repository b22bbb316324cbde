import Crypto
import Foundation

/// Finds for whom a copy was made, beside the original: first where in the original it is, then whose signs its level follows.
public struct TraceDetector: Sendable {
    /// A copy that may be the one.
    public struct Candidate: Sendable {
        public var copy: UInt64
        /// Where in the original the copy begins, in milliseconds.
        public var begins: Int64
        public init(copy: UInt64, begins: Int64) {
            self.copy = copy
            self.begins = begins
        }
    }

    public struct Finding: Sendable, Equatable {
        public var copy: UInt64
        /// Standard deviations above chance.
        public var score: Double
        /// Chance makes this of one copy in a billion.
        public var isCertain: Bool { score >= TraceDetector.certain }
    }

    public static let certain = 6.0
    /// Softer than this, the noise of a codec is louder than the trace.
    private static let audible: Float = -55
    /// Decibels by which levels differ from the original's by other causes than a trace.
    private static let outlier: Float = 1.5
    /// Chips on both sides by which what changes slowly, such as a recorder's own level control, is taken away.
    private static let neighbours = 5
    private static let leastChips = 100
    /// Levels in a coarse step of the search.
    private static let coarse = 10

    private let original: LevelCurve

    public init(original: LevelCurve) { self.original = original }

    /// Where in the original `copy` begins, in levels; nil where it does not sound like any part of it.
    public func place(of copy: LevelCurve) -> Int? {
        let (whole, part) = (Self.coarsened(original), Self.coarsened(copy))
        guard part.count >= 50, whole.count >= 20 else { return nil }
        var best = (place: 0, score: Float(-1))
        for place in -(part.count / 2)..<whole.count - 20 {
            let score = Self.likeness(whole, part, at: place)
            if score > best.score { best = (place, score) }
        }
        guard best.score > 0.5 else { return nil }
        var fine = (place: 0, score: Float(-1))
        let (levels, copied) = (Self.smoothed(original.levels), Self.smoothed(copy.levels))
        for place in (best.place - 2) * Self.coarse...(best.place + 2) * Self.coarse {
            let score = Self.likeness(levels, copied, at: place)
            if score > fine.score { fine = (place, score) }
        }
        return fine.score > 0.5 ? fine.place : nil
    }

    /// How well a copy that begins at `place` follows the signs of each candidate, the best first.
    public func findings(
        in copy: LevelCurve, at place: Int, _ candidates: [Candidate], key: SymmetricKey
    ) -> [Finding] {
        candidates.compactMap { candidate in
            score(copy, at: place, candidate, key: key).map { Finding(copy: candidate.copy, score: $0) }
        }.sorted { $0.score > $1.score }
    }

    private func score(
        _ copy: LevelCurve, at place: Int, _ candidate: Candidate, key: SymmetricKey
    ) -> Double? {
        let begins = Int(candidate.begins / 10)
        var signs = TraceSequence(key: key, copy: candidate.copy)
        // The first chip that the copy has whole.
        let first = max(0, (place - begins + 9) / 10)
        var differences: [Float?] = []
        var chip = first
        while true {
            let there = begins + chip * 10
            let here = there - place
            guard here + 10 <= copy.levels.count, there + 10 <= original.levels.count else { break }
            let (before, after) = (original.chip(from: there), copy.chip(from: here))
            differences.append(here >= 0 && before > Self.audible ? after - before : nil)
            chip += 1
        }
        var (correlated, energy, count) = (0.0, 0.0, 0)
        for index in differences.indices {
            guard let difference = differences[index] else { continue }
            let around = differences[
                max(0, index - Self.neighbours)...min(differences.count - 1, index + Self.neighbours)
            ].compactMap { $0 }.sorted()
            let change = difference - around[around.count / 2]
            guard abs(change) < Self.outlier else { continue }
            correlated += Double(change * signs.sign(UInt64(first + index)))
            energy += Double(change * change)
            count += 1
        }
        guard count >= Self.leastChips, energy > 0 else { return nil }
        return correlated / energy.squareRoot()
    }

    // MARK: Likeness

    private static func coarsened(_ curve: LevelCurve) -> [Float] {
        stride(from: 0, to: curve.levels.count - coarse + 1, by: coarse).map { max(-70, curve.chip(from: $0)) }
    }

    private static func smoothed(_ levels: [Float]) -> [Float] { levels.map { max(-70, $0) } }

    /// The correlation of what both have (−1 to 1); −1 where that is too little.
    private static func likeness(_ whole: [Float], _ part: [Float], at place: Int) -> Float {
        let from = max(0, -place)
        let to = min(part.count, whole.count - place)
        let count = to - from
        guard count >= max(20, part.count / 2) else { return -1 }
        return whole.withUnsafeBufferPointer { whole in
            part.withUnsafeBufferPointer { part in
                var (sumX, sumY, sumXX, sumYY, sumXY): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
                for index in from..<to {
                    let (x, y) = (whole[index + place], part[index])
                    sumX += x
                    sumY += y
                    sumXX += x * x
                    sumYY += y * y
                    sumXY += x * y
                }
                let number = Float(count)
                let spread = (sumXX - sumX * sumX / number) * (sumYY - sumY * sumY / number)
                return spread > 0 ? (sumXY - sumX * sumY / number) / spread.squareRoot() : -1
            }
        }
    }
}
