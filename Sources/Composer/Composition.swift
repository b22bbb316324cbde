import Codecs
import Dispatch
import Foundation
import Layout
import Matroska
import Recorder

/// Makes the access copy of a master: a gallery with names and the mixed sound, as WebM (VP9 and Opus), with a chapter
/// for each speaker's turn; who was in the spotlight is taken for the speaker. While somebody presents, the slides are large and the gallery stands beside them.
///
/// It walks along the timeline once and holds a few seconds of it: the sound runs ahead of the pictures by `lead`, so
/// that a tile is lit when its point begins to speak, not after it was heard for a while, and a point that pauses is
/// not taken for gone.
public final class Composition {
    /// How far a composition has come.
    public struct Progress: Sendable, Hashable {
        /// 0…1.
        public var fraction: Double
        public var remainingSeconds: Double
    }

    private static let soundBitrate = 64_000
    /// A picture is written at least this often, though nothing moved.
    private static let stillInterval: Int64 = 1_000_000_000
    /// By how much the sound runs ahead of the pictures.
    private static let lead: Int64 = Sitter.presenceStays

    private let options: CompositionOptions
    private let reader: MatroskaReader
    private let queue: BlockQueue
    private let gallery: Mosaic
    private let pictures: PictureTrack
    private let sound: SoundTrack
    private let file: AccessCopyFile
    private let companions: FilmCompanions?
    private let seating: Seating
    private var sitters: [Sitter] { seating.points }
    /// What points presented.
    private var shows: [Sitter] { seating.shows }
    private let frame: Int64
    private var timeline: SpeakerTimeline
    private var lastPicture: Int64?
    /// Points that have come so far, as they came: each keeps its place among the tiles.
    private var order: [Int] = []

    /// Composes `master` into a new file at `output`.
    public static func compose(
        master: String, output: String, options: CompositionOptions, progress: (Progress) -> Void = { _ in }
    ) throws(CompositionError) -> CompositionResult {
        try Composition(master: master, output: output, options: options).run(progress)
    }

    private init(master: String, output: String, options: CompositionOptions) throws(CompositionError) {
        self.options = options
        frame = 1_000_000_000 / Int64(options.frameRate)
        do throws(MatroskaError) { reader = try MatroskaReader(path: master) } catch { throw .master("\(error)") }
        guard !reader.tracks.isEmpty else { throw .nothingToShow }
        queue = BlockQueue(reader)
        seating = Seating(reader.tracks)
        timeline = SpeakerTimeline(spotlights: reader.chapters, names: seating.points.map(\.name))
        do throws(CodecError) {
            gallery = try Mosaic(width: options.width, height: options.height)
            pictures = try PictureTrack(
                width: options.width, height: options.height, frameRate: options.frameRate,
                threads: max(1, options.threads / 2))
            sound = try SoundTrack(bitrate: Self.soundBitrate)
        } catch { throw .codec("\(error)") }
        do throws(MatroskaError) {
            file = try AccessCopyFile(
                path: output,
                info: MatroskaInfo(
                    documentType: .webm, title: options.title, writingApplication: "Causeway composer",
                    dateNanoseconds: reader.info.dateNanoseconds), tracks: [pictures.track, sound.track])
        } catch { throw .output("\(error)") }
        companions = options.companions.map { [sound, reader] folder in
            FilmCompanions(
                folder: folder, sound: sound.track, title: options.title, length: reader.info.durationNanoseconds)
        }
    }

    private func run(_ progress: (Progress) -> Void) throws(CompositionError) -> CompositionResult {
        let length = reader.info.durationNanoseconds
        let began = ContinuousClock.now
        let framesAhead = (Self.lead + frame - 1) / frame
        var heard: Int64 = 0
        var drawn: Int64 = 0
        while true {
            let hasSound = !queue.isEmpty || sitters.contains(where: \.isSounding)
            guard hasSound || drawn < heard else { break }
            if hasSound {
                try hear(from: heard * frame)
                heard += 1
            }
            if heard - drawn > framesAhead || !hasSound {
                try draw(at: drawn * frame)
                drawn += 1
            }
            try write(before: drawn * frame)
            if heard % Int64(options.frameRate) == 0 {
                let done = length.map { min(1, Double(drawn * frame) / Double(max($0, 1))) } ?? queue.fractionRead
                let elapsed = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
                progress(Progress(fraction: done, remainingSeconds: elapsed / max(done, 0.001) * (1 - done)))
            }
        }
        let result = try finish(at: heard * frame)
        progress(Progress(fraction: 1, remainingSeconds: 0))
        return result
    }

    private func finish(at end: Int64) throws(CompositionError) -> CompositionResult {
        // Those after the last sound, which no picture shows: every block is decoded.
        decodePictures(before: .max)
        let chapters = timeline.chapters(names: sitters.map(\.name), end: end)
        do throws(CodecError) { file.add(try pictures.finish(), duration: frame) } catch { throw .codec("\(error)") }
        let last = sound.finish()
        file.add(last, duration: SoundTrack.frameNanoseconds)
        companions?.hear([], last)
        companions?.finish()
        do throws(MatroskaError) { try file.finish(chapters: chapters) } catch { throw .output("\(error)") }
        return CompositionResult(
            durationMilliseconds: file.durationNanoseconds / 1_000_000, points: order.map { sitters[$0].name },
            chapters: chapters.count, decoding: seating.decoding(misplaced: queue.misplaced))
    }

    /// Takes in a frame's time of the master and mixes its sound.
    private func hear(from start: Int64) throws(CompositionError) {
        do throws(MatroskaError) {
            for block in try queue.take(before: start + frame) {
                seating.seatOfTrack[block.track]?.take(block)
            }
        } catch { throw .master("\(error)") }
        let first = Int(start / 1_000 * Int64(Voice.sampleRate) / 1_000_000)
        let last = Int((start + frame) / 1_000 * Int64(Voice.sampleRate) / 1_000_000)
        var sum = [Int32](repeating: 0, count: last - first)
        timeline.take(sitters.map { $0.mix(first..<last, into: &sum) }, at: start)
        let packets = sound.encode(sum)
        file.add(packets, duration: SoundTrack.frameNanoseconds)
        companions?.hear(sum, packets)
    }

    private func draw(at time: Int64) throws(CompositionError) {
        // The picture that is nearest, whether it came a little before or after.
        decodePictures(before: time + frame / 2)
        for index in sitters.indices where !order.contains(index) && sitters[index].isPresent(at: time) {
            order.append(index)
        }
        let tiles = order.filter { sitters[$0].isPresent(at: time) }.map { index in
            Mosaic.Tile(
                point: index, name: sitters[index].name, picture: sitters[index].picture(at: time),
                hasChanged: sitters[index].takeChange(at: time))
        }
        // One presents at a time; where two overlap, who began later.
        let content = shows.indices.last { shows[$0].isPresent(at: time) && shows[$0].picture(at: time) != nil }.map {
            Mosaic.Tile(
                point: $0, name: shows[$0].name, picture: shows[$0].picture(at: time),
                hasChanged: shows[$0].takeChange(at: time))
        }
        let hasChanged = gallery.draw(tiles, content: content, speaker: timeline.speaker(at: time))
        companions?.see(gallery.canvas, at: time)
        guard hasChanged || lastPicture.map({ time - $0 >= Self.stillInterval }) ?? true else { return }
        lastPicture = time
        pictures.add(gallery.canvas, at: time, duration: frame)
    }

    /// Each point's decoders belong to it, so that points are decoded at the same time.
    private func decodePictures(before time: Int64) {
        struct Work: @unchecked Sendable {
            // Each sitter is used by one iteration alone, and by nobody else until all have ended.
            let sitters: [Sitter]
        }
        let work = Work(sitters: (sitters + shows).filter { $0.hasPicture(before: time) })
        DispatchQueue.concurrentPerform(iterations: work.sitters.count) {
            work.sitters[$0].decodePictures(before: time)
        }
    }

    /// Writes what is complete, given that pictures were drawn up to `time`.
    private func write(before time: Int64) throws(CompositionError) {
        let encoded: (blocks: [MatroskaBlock], pendingFrom: Int64?)
        do throws(CodecError) { encoded = try pictures.take() } catch { throw .codec("\(error)") }
        file.add(encoded.blocks, duration: frame)
        do throws(MatroskaError) { try file.write(before: min(time, encoded.pendingFrom ?? time)) } catch {
            throw .output("\(error)")
        }
    }
}
