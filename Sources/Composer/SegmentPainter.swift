import Codecs
import Dispatch
import Foundation
import Layout
import Matroska

/// Draws and encodes the pictures of a run of segments, one after another. Each segment has an encoder of its own and begins
/// with a keyframe, and is the same whoever paints it: before the first of a run, pictures are decoded from the keyframes that
/// the plan names.
final class SegmentPainter {
    /// A picture is written at least this often, though nothing moved.
    private static let stillInterval: Int64 = 1_000_000_000
    private static let prerollStep: Int64 = 1_000_000_000

    private let options: CompositionOptions
    private let plan: CompositionPlan
    private let store: CompositionStore
    private let reader: MatroskaReader
    private let queue: BlockQueue
    private let seating: Seating
    private let order: [Int]
    /// Threads of each encoder.
    private let threads: Int
    private let onPicture: () -> Bool

    /// - Parameters:
    ///   - clusters: of the master, in order.
    ///   - first: the segment with which it begins.
    ///   - onPicture: called for each picture; when it returns false the painter gives up.
    init(
        master: String, _ plan: CompositionPlan, _ options: CompositionOptions, _ store: CompositionStore,
        clusters: [ClusterPlace], first: Int, threads: Int, onPicture: @escaping () -> Bool
    ) throws(CompositionError) {
        (self.plan, self.options, self.store) = (plan, options, store)
        (self.threads, self.onPicture) = (threads, onPicture)
        order = plan.order
        do throws(MatroskaError) { reader = try MatroskaReader(path: master) } catch { throw .master("\(error)") }
        seating = Seating(reader.tracks, .pictures)
        for (seat, presence) in zip(seating.points + seating.shows, plan.points + plan.shows) {
            seat.presence = presence
        }
        queue = BlockQueue(reader)
        guard first > 0 else { return }
        let entries = plan.entries[first]
        let start = plan.decodingStart(of: first)
        // Blocks stand in a file roughly in the order of their times.
        let from = (entries.values.min() ?? start) - BlockQueue.lookahead
        if let place = clusters.last(where: { $0.milliseconds * 1_000_000 <= from }) { reader.seek(to: place) }
        var time = from
        while time < start {
            time = min(start, time + Self.prerollStep)
            for block in try take(before: time) where block.timestampNanoseconds >= entries[block.track] ?? .max {
                seating.seatOfTrack[block.track]?.take(block)
            }
            decodePictures(before: time)
        }
        seating.forgetDecodings()
    }

    private func take(before time: Int64) throws(CompositionError) -> [MatroskaBlock] {
        do throws(MatroskaError) { return try queue.take(before: time) } catch { throw .master("\(error)") }
    }

    func paint(_ segment: Int) throws(CompositionError) {
        let part = store.segment(segment) + ".part"
        unlink(part)
        let gallery: Mosaic
        let encoder: PictureTrack
        var samples: PictureSamples
        do throws(CodecError) {
            gallery = try Mosaic(width: options.width, height: options.height)
            encoder = try PictureTrack(
                width: options.width, height: options.height, frameRate: options.frameRate, threads: threads)
            samples = PictureSamples(plan)
        } catch { throw .codec("\(error)") }
        let file: AccessCopyFile
        do throws(MatroskaError) {
            file = try AccessCopyFile(path: part, info: MatroskaInfo(documentType: .webm), tracks: [encoder.track])
        } catch { throw .output("\(error)") }
        var lastPicture: Int64?
        let frame = plan.frame
        for number in plan.pictures(of: segment) {
            let time = number * frame
            for block in try take(before: time + frame / 2) { seating.seatOfTrack[block.track]?.take(block) }
            decodePictures(before: time + frame / 2)
            let hasChanged = draw(on: gallery, at: time)
            if options.companions != nil { samples.see(gallery.canvas, number, store) }
            if hasChanged || lastPicture.map({ time - $0 >= Self.stillInterval }) ?? true {
                lastPicture = time
                encoder.add(gallery.canvas, at: time, duration: frame)
            }
            do throws(CodecError) { file.add(try encoder.take().blocks, duration: frame) } catch {
                throw .codec("\(error)")
            }
            try write(file)
            guard onPicture() else { throw .output("given up") }
        }
        if segment == plan.segments - 1 {
            // Those after the last sound, which no picture shows: every block is decoded.
            for block in try take(before: .max / 2) { seating.seatOfTrack[block.track]?.take(block) }
            decodePictures(before: .max)
        }
        do throws(CodecError) { file.add(try encoder.finish(), duration: frame) } catch { throw .codec("\(error)") }
        do throws(MatroskaError) { try file.finish(chapters: []) } catch { throw .output("\(error)") }
        if options.companions != nil { samples.save(to: store.thumbnails(segment)) }
        try store.keep(segment, part: part, decoding: seating.decodings)
        seating.forgetDecodings()
    }

    private func write(_ file: AccessCopyFile) throws(CompositionError) {
        do throws(MatroskaError) { try file.write(before: .max) } catch { throw .output("\(error)") }
    }

    private func draw(on gallery: Mosaic, at time: Int64) -> Bool {
        let (points, shows) = (seating.points, seating.shows)
        let tiles = order.filter { points[$0].isPresent(at: time) }.map { index in
            Mosaic.Tile(
                point: index, name: points[index].name, picture: points[index].picture(at: time),
                hasChanged: points[index].takeChange(at: time))
        }
        // One presents at a time; where two overlap, who began later.
        let content = shows.indices.last { shows[$0].isPresent(at: time) && shows[$0].picture(at: time) != nil }.map {
            Mosaic.Tile(
                point: $0, name: shows[$0].name, picture: shows[$0].picture(at: time),
                hasChanged: shows[$0].takeChange(at: time))
        }
        return gallery.draw(tiles, content: content, speaker: plan.timeline.speaker(at: time))
    }

    /// Each point's decoders belong to it, so that points are decoded at the same time.
    private func decodePictures(before time: Int64) {
        struct Work: @unchecked Sendable {
            // Each sitter is used by one iteration alone, and by nobody else until all have ended.
            let sitters: [Sitter]
        }
        let work = Work(sitters: (seating.points + seating.shows).filter { $0.hasPicture(before: time) })
        guard work.sitters.count > 1 else {
            work.sitters.first?.decodePictures(before: time)
            return
        }
        DispatchQueue.concurrentPerform(iterations: work.sitters.count) {
            work.sitters[$0].decodePictures(before: time)
        }
    }
}
