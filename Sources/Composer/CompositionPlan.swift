import Foundation

/// What the whole of a master tells and every part of its film depends on: who is there when, who speaks, and from where on
/// pictures must be decoded. It is made once, while the sound is, and kept.
struct CompositionPlan: Codable {
    /// What the film is made of: one thing different, and parts that were made before are of another film.
    struct Source: Codable, Equatable {
        /// Of what is kept, and of how it is made.
        var version = 2
        var octets: UInt64
        var modified: Double
        var width: Int
        var height: Int
        var frameRate: Int
        var segmentFrames: Int64

        init(master: String, options: CompositionOptions) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: master)
            octets = (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
            modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            (width, height, frameRate) = (options.width, options.height, options.frameRate)
            segmentFrames = options.segmentFrames
        }
    }

    var source: Source
    /// Pictures of the film, of `1 / frameRate` seconds each.
    var frames: Int64 = 0
    /// When each point is there, in nanoseconds; and when each presents.
    var points: [[ClosedRange<Int64>]] = []
    var shows: [[ClosedRange<Int64>]] = []
    var timeline: SpeakerTimeline
    /// Of each segment: the keyframes, by track, from which on pictures are decoded that its first pictures need.
    var entries: [[UInt64: Int64]] = []
    /// What became of the sound, and blocks whose times cannot be.
    var heard: [TrackDecoding] = []
    var misplaced = 0

    init(source: Source, timeline: SpeakerTimeline) {
        self.source = source
        self.timeline = timeline
    }

    /// Of a picture, in nanoseconds.
    var frame: Int64 { 1_000_000_000 / Int64(source.frameRate) }
    var segments: Int { Int((frames + source.segmentFrames - 1) / source.segmentFrames) }

    /// The pictures of a segment.
    func pictures(of segment: Int) -> Range<Int64> {
        let first = Int64(segment) * source.segmentFrames
        return first..<min(frames, first + source.segmentFrames)
    }

    /// Before this time a picture was due before the segment's first: the nearest is shown, a little before it came or after.
    func decodingStart(of segment: Int) -> Int64 { Int64(segment) * source.segmentFrames * frame - frame / 2 }

    /// The points in the order of their coming: each keeps its place among the tiles.
    var order: [Int] {
        let first = points.map { ranges in
            ranges.lazy.compactMap { range -> Int64? in
                let picture = max(0, (range.lowerBound + frame - 1) / frame)
                return picture < frames && picture * frame <= range.upperBound ? picture : nil
            }.first
        }
        return points.indices.filter { first[$0] != nil }.sorted { (first[$0] ?? 0, $0) < (first[$1] ?? 0, $1) }
    }
}

/// Finds from where on tracks must be decoded for a segment, while their blocks pass.
struct KeyframeWatch {
    private struct Track {
        var last: Int64
        var keyframe: Int64?
    }
    private let plan: CompositionPlan
    private var tracks: [UInt64: Track] = [:]
    private var entries: [Int: [UInt64: Int64]] = [:]

    init(_ plan: CompositionPlan) { self.plan = plan }

    /// A picture of a track, in the order of their times.
    mutating func note(_ track: UInt64, at time: Int64, isKeyframe: Bool) {
        if let state = tracks[track] { pass(state, track, to: time, nextIsKeyframe: isKeyframe) }
        let keyframe = isKeyframe ? time : tracks[track]?.keyframe
        tracks[track] = Track(last: time, keyframe: keyframe)
    }

    /// Segments begin between two pictures of a track: they need what came before, unless it is gone from the film by then and
    /// nothing that follows refers to it.
    private mutating func pass(_ state: Track, _ track: UInt64, to time: Int64, nextIsKeyframe: Bool) {
        guard let keyframe = state.keyframe else { return }
        let length = plan.source.segmentFrames * plan.frame
        var segment = Int(max(0, state.last + plan.frame / 2) / length) + 1
        while plan.decodingStart(of: segment) <= time {
            if !nextIsKeyframe || plan.decodingStart(of: segment) - state.last <= Sitter.presenceStays {
                entries[segment, default: [:]][track] = keyframe
            }
            segment += 1
        }
    }

    /// Of all segments, so many there are.
    mutating func finish(_ segments: Int) -> [[UInt64: Int64]] {
        for (track, state) in tracks {
            pass(state, track, to: state.last + Sitter.presenceStays, nextIsKeyframe: true)
        }
        return (0..<segments).map { entries[$0] ?? [:] }
    }
}
