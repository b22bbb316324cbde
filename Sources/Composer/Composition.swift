import Codecs
import Foundation
import Matroska
import Recorder

/// Makes the access copy of a master: a gallery with names and the mixed sound, as WebM (VP9 and Opus), with a chapter
/// for each speaker's turn. It walks along the timeline once and holds a few seconds of it.
public struct Composition {
    /// How far a composition has come.
    public struct Progress: Sendable, Hashable {
        /// 0…1.
        public var fraction: Double
        public var remainingSeconds: Double
    }

    private static let soundBitrate = 64_000
    /// A picture is written at least this often, though nothing moved.
    private static let stillInterval: Int64 = 1_000_000_000

    private let reader: MatroskaReader
    private let queue: BlockQueue
    private let options: CompositionOptions
    private let gallery: Gallery
    private let encoder: VPXEncoder
    private let sound: SoundTrack
    private let writer: MatroskaWriter<FileSink>
    private var sitters: [Sitter] = []
    private var sitterOfTrack: [UInt64: Int] = [:]
    private var timeline = SpeakerTimeline()
    private var lastPicture: Int64?
    private var order: [Int] = []

    /// Composes `master` into a new file at `output`.
    public static func compose(
        master: String, output: String, options: CompositionOptions, progress: (Progress) -> Void = { _ in }
    ) throws(CompositionError) -> CompositionResult {
        var composition = try Composition(master: master, output: output, options: options)
        return try composition.run(progress)
    }

    private init(master: String, output: String, options: CompositionOptions) throws(CompositionError) {
        self.options = options
        do throws(MatroskaError) { reader = try MatroskaReader(path: master) } catch { throw .master("\(error)") }
        guard !reader.tracks.isEmpty else { throw .nothingToShow }
        queue = BlockQueue(reader)
        do throws(CodecError) {
            gallery = try Gallery(width: options.width, height: options.height)
            encoder = try VPXEncoder(
                .vp9,
                VPXEncoderConfiguration(
                    width: options.width, height: options.height,
                    rate: .quality(32, ceiling: options.width * options.height * 2), effort: .realtime(speed: 8),
                    keyframeInterval: options.frameRate * 5, threads: options.threads, drawnContent: true))
            sound = try SoundTrack(bitrate: Self.soundBitrate)
        } catch { throw .codec("\(error)") }
        do throws(MatroskaError) {
            writer = try MatroskaWriter(
                try FileSink(creating: output),
                info: MatroskaInfo(
                    documentType: .webm, title: options.title, writingApplication: "Causeway composer",
                    dateNanoseconds: reader.info.dateNanoseconds),
                tracks: [
                    MatroskaTrack(number: 1, codec: .vp9, width: options.width, height: options.height), sound.track,
                ], trackRegionSize: 4096, clusterNanoseconds: 2_000_000_000)
        } catch { throw .output("\(error)") }
        seat(reader.tracks)
    }

    private mutating func seat(_ tracks: [MatroskaTrack]) {
        var known: [String: Int] = [:]
        for track in tracks {
            let point = track.tags[RecordedTrack.Tag.point] ?? "track \(track.number)"
            let index = known[point] ?? sitters.count
            if known[point] == nil {
                known[point] = index
                sitters.append(Sitter(name: track.name.isEmpty ? point : track.name))
            }
            sitters[index].add(track)
            sitterOfTrack[track.number] = index
        }
    }

    private mutating func run(_ progress: (Progress) -> Void) throws(CompositionError) -> CompositionResult {
        let frame = 1_000_000_000 / Int64(options.frameRate)
        let length = reader.info.durationNanoseconds
        let began = ContinuousClock.now
        var number: Int64 = 0
        while !queue.isEmpty {
            let start = number * frame
            let end = start + frame
            do throws(MatroskaError) {
                for block in try queue.take(before: end) {
                    if let index = sitterOfTrack[block.track] { sitters[index].take(block) }
                }
            } catch { throw .master("\(error)") }
            let levels = try mix(from: start, to: end)
            timeline.take(levels, at: start)
            try draw(at: start, frame: frame)
            number += 1
            if number % Int64(options.frameRate) == 0 {
                let done = length.map { min(1, Double(end) / Double(max($0, 1))) } ?? queue.fractionRead
                let elapsed = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
                progress(Progress(fraction: done, remainingSeconds: elapsed / max(done, 0.001) * (1 - done)))
            }
        }
        let end = max(number * frame, length ?? 0)
        let names = Dictionary(uniqueKeysWithValues: sitters.indices.map { ($0, sitters[$0].name) })
        let chapters = timeline.chapters(names: names, end: end)
        try write { encoder, body throws(CodecError) in try encoder.finish(body) }
        do throws(MatroskaError) {
            for block in sound.finish() { try writer.write(block, durationNanoseconds: SoundTrack.frameNanoseconds) }
            try writer.finish(chapters: chapters)
        } catch { throw .output("\(error)") }
        progress(Progress(fraction: 1, remainingSeconds: 0))
        return CompositionResult(
            durationMilliseconds: writer.durationNanoseconds / 1_000_000, points: order.map { sitters[$0].name },
            chapters: chapters.count, undecodable: sitters.reduce(0) { $0 + $1.undecodable })
    }

    /// Mixes the sound of a frame's time, and writes the Opus packets that it completes. Returns each point's level.
    private func mix(from start: Int64, to end: Int64) throws(CompositionError) -> [Int: Double] {
        let first = Int(start / 1_000 * Int64(Voice.sampleRate) / 1_000_000)
        let last = Int(end / 1_000 * Int64(Voice.sampleRate) / 1_000_000)
        var sum = [Int32](repeating: 0, count: last - first)
        var levels: [Int: Double] = [:]
        for index in sitters.indices { levels[index] = sitters[index].mix(first..<last, into: &sum) }
        do throws(MatroskaError) {
            for block in sound.encode(sum) {
                try writer.write(block, durationNanoseconds: SoundTrack.frameNanoseconds)
            }
        } catch { throw .output("\(error)") }
        return levels
    }

    private mutating func draw(at time: Int64, frame: Int64) throws(CompositionError) {
        for index in sitters.indices {
            let sitter = sitters[index]
            let isPresent = sitter.isPresent(at: time, isComing: queue.holds(sitter.tracks))
            if isPresent, !order.contains(index) { order.append(index) }
        }
        let present = order.filter { sitters[$0].isPresent(at: time, isComing: queue.holds(sitters[$0].tracks)) }
        let tiles = present.map { index in
            Gallery.Tile(
                point: index, name: sitters[index].name, picture: sitters[index].picture(at: time),
                hasChanged: sitters[index].hasNewPicture)
        }
        let hasChanged = gallery.draw(tiles, speaker: timeline.current)
        for index in present { sitters[index].pictureWasDrawn() }
        guard hasChanged || lastPicture.map({ time - $0 >= Self.stillInterval }) ?? true else { return }
        lastPicture = time
        let canvas = gallery.canvas
        try write { encoder, body throws(CodecError) in
            try encoder.encode(
                canvas.view, timestampMicroseconds: time / 1_000, durationMicroseconds: frame / 1_000, body)
        }
    }

    /// Lets the encoder work, and writes what it gives out.
    private func write(
        _ work: (VPXEncoder, (EncodedPicture) -> Void) throws(CodecError) -> Void
    ) throws(CompositionError) {
        var blocks: [MatroskaBlock] = []
        do throws(CodecError) {
            try work(encoder) { picture in
                blocks.append(
                    MatroskaBlock(
                        track: 1, timestampNanoseconds: picture.timestampMicroseconds * 1_000,
                        isKeyframe: picture.isKeyframe, data: Array(picture.bytes)))
            }
        } catch { throw .codec("\(error)") }
        do throws(MatroskaError) {
            for block in blocks {
                try writer.write(block, durationNanoseconds: 1_000_000_000 / Int64(options.frameRate))
            }
        } catch { throw .output("\(error)") }
    }
}
