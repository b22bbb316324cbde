import Codecs
import Dispatch
import Foundation
import Layout
import Matroska
import Recorder
import Synchronization

/// Makes the access copy of a master: a gallery with names and the mixed sound, as WebM (VP9 and Opus), with a chapter
/// for each speaker's turn; who was in the spotlight is taken for the speaker. While somebody presents, the slides are large and the gallery stands beside them.
///
/// First the sound is mixed, whole and in one go (`Hearing`), which also tells who is there and who speaks; then the pictures are
/// made in segments of twenty seconds, several at a time where there are processors (`SegmentPainter`); then the film is joined of
/// both. What is done is kept (`CompositionStore`), and a composition that was stopped goes on with what is missing: a segment
/// depends on nothing but the master and the plan, so that the film is the same as one made without a stop.
public struct Composition {
    /// How far a composition has come.
    public struct Progress: Sendable, Hashable {
        /// 0…1.
        public var fraction: Double
        public var remainingSeconds: Double
        /// Seconds of film that are made in a second, by this run; nil while only the sound is.
        public var rate: Double?
        /// 0…1: what a composition that goes on after a stop need not make again.
        public var kept = 0.0
    }

    /// What the steps take of the whole, as far as one can say before.
    private static let hearingShare = 0.08
    private static let paintingShare = 0.9
    private static let mostPainters = 8

    private let master: String
    private let output: String
    private let options: CompositionOptions
    private let store: CompositionStore
    private let reader: MatroskaReader

    /// Composes `master` into a new file at `output`. What is kept meanwhile goes when the film is there.
    public static func compose(
        master: String, output: String, options: CompositionOptions, progress: (Progress) -> Void = { _ in }
    ) throws(CompositionError) -> CompositionResult {
        let reader: MatroskaReader
        do throws(MatroskaError) { reader = try MatroskaReader(path: master) } catch { throw .master("\(error)") }
        guard !reader.tracks.isEmpty else { throw .nothingToShow }
        let store = try CompositionStore(folder: options.parts ?? output + ".parts")
        defer { store.close() }
        let composition = Composition(
            master: master, output: output, options: options, store: store, reader: reader)
        let result = try composition.run(progress)
        try? FileManager.default.removeItem(atPath: store.folder)
        return result
    }

    private func run(_ progress: (Progress) -> Void) throws(CompositionError) -> CompositionResult {
        let began = ContinuousClock.now
        func tell(_ fraction: Double, since start: Double, rate: Double? = nil, kept: Double = 0) {
            let elapsed = (ContinuousClock.now - began) / .seconds(1)
            progress(
                Progress(
                    fraction: fraction, remainingSeconds: elapsed / max(fraction - start, 0.001) * (1 - fraction),
                    rate: rate, kept: kept))
        }
        let source = CompositionPlan.Source(master: master, options: options)
        let kept = store.plan(of: source)
        let plan: CompositionPlan
        if let kept {
            plan = kept
        } else {
            plan = try Hearing(reader, options, source, into: store).run { tell($0 * Self.hearingShare, since: 0) }
        }
        let missing = (0..<plan.segments).filter { !store.isDone($0) }
        let all = Double(max(1, plan.frames))
        let left = missing.reduce(0) { $0 + Int64(plan.pictures(of: $1).count) }
        let before = Self.hearingShare + Self.paintingShare * Double(plan.frames - left) / all
        let painting = ContinuousClock.now
        try paint(missing, of: plan) { painted, keptMore in
            let seconds = (ContinuousClock.now - painting) / .seconds(1)
            let fraction = before + Self.paintingShare * Double(painted) / all
            tell(
                fraction, since: kept == nil ? 0 : before,
                rate: Double(painted) / Double(options.frameRate) / max(seconds, 0.001),
                kept: before + Self.paintingShare * Double(keptMore) / all)
        }
        let result = try FilmJoin(plan, options, store, reader, output: output).run()
        progress(Progress(fraction: 1, remainingSeconds: 0, kept: 1))
        return result
    }

    /// Segments as runs of neighbours, a painter each: only the first of a run needs pictures decoded that it does not show.
    private static func runs(_ segments: [Int], of most: Int) -> [[Int]] {
        var runs: [[Int]] = []
        for segment in segments {
            if let last = runs.last?.last, last + 1 == segment {
                runs[runs.count - 1].append(segment)
            } else {
                runs.append([segment])
            }
        }
        while runs.count < most, let longest = runs.indices.max(by: { runs[$0].count < runs[$1].count }),
            runs[longest].count > 1
        {
            let half = runs[longest].count / 2
            let run = runs[longest]
            runs[longest] = Array(run[..<half])
            runs.insert(Array(run[half...]), at: longest + 1)
        }
        return runs
    }

    /// What painters share.
    private final class Easel: Sendable {
        private struct State {
            var runs: [[Int]]
            var painted: Int64 = 0
            var kept: Int64 = 0
            var failure: CompositionError?
        }
        private let state: Mutex<State>

        init(_ runs: [[Int]]) { state = Mutex(State(runs: runs)) }

        func next() -> [Int]? { state.withLock { $0.failure == nil ? $0.runs.popLast() : nil } }
        func fail(_ error: CompositionError) { state.withLock { $0.failure = $0.failure ?? error } }
        /// Counts a picture; false when another painter has failed.
        func countPicture() -> Bool {
            state.withLock { state in
                state.painted += 1
                return state.failure == nil
            }
        }
        /// Counts pictures of a segment that is whole and durable.
        func keep(_ pictures: Int) { state.withLock { $0.kept += Int64(pictures) } }
        var count: (painted: Int64, kept: Int64) { state.withLock { ($0.painted, $0.kept) } }
        var failure: CompositionError? { state.withLock { $0.failure } }
    }

    private func paint(
        _ segments: [Int], of plan: CompositionPlan, progress: (_ painted: Int64, _ kept: Int64) -> Void
    ) throws(CompositionError) {
        guard !segments.isEmpty else { return }
        let painters = min(options.threads, segments.count, Self.mostPainters)
        let runs = Self.runs(segments, of: painters)
        let easel = Easel(runs)
        let clusters: [ClusterPlace]
        do throws(MatroskaError) {
            // Whoever begins at the beginning has nothing to look up.
            clusters = try runs.allSatisfy { $0.first == 0 } ? [] : ClusterScan.clusters(of: master)
        } catch { throw .master("\(error)") }
        // One that paints alone decodes while it encodes.
        let threads = painters == 1 ? max(1, options.threads / 2) : max(1, options.threads / painters)
        let group = DispatchGroup()
        for painter in 0..<painters {
            DispatchQueue(label: "composer.painter.\(painter)").async(group: group) {
                [master, options, store] in
                while let run = easel.next(), let first = run.first {
                    do throws(CompositionError) {
                        let painter = try SegmentPainter(
                            master: master, plan, options, store, clusters: clusters, first: first, threads: threads,
                            onPicture: easel.countPicture)
                        for segment in run {
                            try painter.paint(segment)
                            easel.keep(plan.pictures(of: segment).count)
                        }
                    } catch { easel.fail(error) }
                }
            }
        }
        while true {
            let isDone = group.wait(timeout: .now() + .milliseconds(200)) == .success
            progress(easel.count.painted, easel.count.kept)
            if isDone { break }
        }
        if let failure = easel.failure { throw failure }
    }
}
