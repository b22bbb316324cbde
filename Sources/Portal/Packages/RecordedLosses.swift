import Dossier
import Foundation

/// What was not recorded of each point, measured, from a package's `gaps.json` (`Recorder/Gaps/GapMap.swift`).
struct RecordedLosses: Decodable {
    struct Stretch: Decodable {
        /// Milliseconds of the master.
        var from: Int64
        var to: Int64
        var cause: String
    }

    struct Stream: Decodable {
        var point: String
        var name: String
        /// `audio`, `video`, `slides`.
        var kind: String?
        /// Of the master, that hold it.
        var tracks: [UInt64]?
        var isKept: Bool { tracks?.isEmpty == false }
        /// Absent where its recorder died and counted nothing; some that did said 0.
        var packets: UInt64?
        var isCounted: Bool { packets != nil && (missingMilliseconds["unexplained"] ?? 0) == 0 }
        /// By cause.
        var missingMilliseconds: [String: Int64]
        var gaps: [Stretch]
    }

    /// What is missing though it was sent. Silence, what was not to be recorded, and pictures that are there though damaged are
    /// not lost.
    private static let causes: Set = ["lost", "recorder", "unexplained"]
    /// What a time line shows.
    static let shown = causes.union(["damaged"])
    /// A day in milliseconds: no recording is longer.
    private static let longest: Int64 = 48 * 3_600_000
    /// Of the file, in octets.
    static let largest = 64 << 20

    var streams: [Stream]

    var isCounted: Bool { streams.allSatisfy(\.isCounted) }

    /// Each point of which something is in the master, once, in the order of the file: the time in which any of its streams lacks
    /// something. Where not all gaps are listed, at least what its worst stream lacks.
    var points: [Recording.PointLoss] {
        var order: [String] = []
        var byPoint: [String: [Stream]] = [:]
        for stream in streams {
            if byPoint[stream.point] == nil { order.append(stream.point) }
            byPoint[stream.point, default: []].append(stream)
        }
        return order.compactMap { point in
            let streams = byPoint[point] ?? []
            // Of a point that sent nothing nothing was lost.
            guard streams.contains(where: { $0.isKept || Self.total($0) > 0 }) else { return nil }
            let worst = streams.map(Self.total).max() ?? 0
            let lost = max(worst, Self.covered(streams.flatMap(\.gaps)))
            let name = streams.map(\.name).first { !$0.isEmpty }
            return Recording.PointLoss(point: name ?? point, seconds: Double(lost) / 1000)
        }
    }

    private static func total(_ stream: Stream) -> Int64 {
        causes.reduce(0) { $0 + bounded(stream.missingMilliseconds[$1] ?? 0) }
    }

    /// The length of the union.
    private static func covered(_ gaps: [Stretch]) -> Int64 {
        var sum: Int64 = 0
        var end: Int64 = 0
        for gap in gaps.filter({ causes.contains($0.cause) }).sorted(by: { $0.from < $1.from }) {
            let (from, to) = (max(bounded(gap.from), end), bounded(gap.to))
            guard to > from else { continue }
            sum += to - from
            end = to
        }
        return sum
    }

    private static func bounded(_ milliseconds: Int64) -> Int64 { min(max(0, milliseconds), longest) }
}
