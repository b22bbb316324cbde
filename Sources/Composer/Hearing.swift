import Codecs
import Foundation
import Matroska

/// Listens to a master from end to end: mixes and encodes its sound, in one piece, and finds out what the pictures need to know
/// of the whole. It decodes no picture, and so takes a small part of the time that they do.
struct Hearing {
    private static let bitrate = 64_000

    private let options: CompositionOptions
    private let reader: MatroskaReader
    private let seating: Seating
    private let store: CompositionStore
    private let source: CompositionPlan.Source

    init(
        _ reader: MatroskaReader, _ options: CompositionOptions, _ source: CompositionPlan.Source,
        into store: CompositionStore
    ) {
        self.options = options
        self.reader = reader
        self.source = source
        self.store = store
        seating = Seating(reader.tracks, .sound)
    }

    /// - Parameter progress: hears how much of the master was read, 0…1.
    func run(_ progress: (Double) -> Void) throws(CompositionError) -> CompositionPlan {
        let queue = BlockQueue(reader)
        var plan = CompositionPlan(
            source: source,
            timeline: SpeakerTimeline(spotlights: reader.chapters, names: seating.points.map(\.name)))
        var keyframes = KeyframeWatch(plan)
        let isPicture = Set(reader.tracks.filter(\.codec.isVideo).map(\.number))
        let sound: SoundTrack
        do throws(CodecError) { sound = try SoundTrack(bitrate: Self.bitrate) } catch { throw .codec("\(error)") }
        let companions = options.companions.map {
            SoundCompanions(folder: $0, sound: sound.track, title: options.title)
        }
        let part = store.sound + ".part"
        unlink(part)
        let file: AccessCopyFile
        do throws(MatroskaError) {
            file = try AccessCopyFile(path: part, info: MatroskaInfo(documentType: .webm), tracks: [sound.track])
        } catch { throw .output("\(error)") }
        let frame = plan.frame
        while !queue.isEmpty || seating.points.contains(where: \.isSounding) {
            let start = plan.frames * frame
            do throws(MatroskaError) {
                for block in try queue.take(before: start + frame) {
                    let seat = seating.seatOfTrack[block.track]
                    seat?.notePresence(at: block.timestampNanoseconds)
                    seat?.take(block)
                    guard isPicture.contains(block.track) else { continue }
                    keyframes.note(block.track, at: block.timestampNanoseconds, isKeyframe: block.isKeyframe)
                }
            } catch { throw .master("\(error)") }
            let first = Int(start / 1_000 * Int64(Voice.sampleRate) / 1_000_000)
            let last = Int((start + frame) / 1_000 * Int64(Voice.sampleRate) / 1_000_000)
            var sum = [Int32](repeating: 0, count: last - first)
            plan.timeline.take(seating.points.map { $0.mix(first..<last, into: &sum) }, at: start)
            let packets = sound.encode(sum)
            companions?.hear(sum, packets)
            try write(packets, to: file)
            plan.frames += 1
            if plan.frames % Int64(options.frameRate * 5) == 0 { progress(queue.fractionRead) }
        }
        let last = sound.finish()
        companions?.hear([], last)
        companions?.finish()
        try write(last, to: file)
        do throws(MatroskaError) { try file.finish(chapters: []) } catch { throw .output("\(error)") }
        guard rename(part, store.sound) == 0 else { throw CompositionStore.failure(part) }
        plan.points = seating.points.map(\.presence)
        plan.shows = seating.shows.map(\.presence)
        plan.entries = keyframes.finish(plan.segments)
        plan.heard = seating.decodings
        plan.misplaced = queue.misplaced
        try store.keep(plan)
        return plan
    }

    private func write(_ packets: [MatroskaBlock], to file: AccessCopyFile) throws(CompositionError) {
        file.add(packets, duration: SoundTrack.frameNanoseconds)
        do throws(MatroskaError) { try file.write(before: .max) } catch { throw .output("\(error)") }
    }
}
