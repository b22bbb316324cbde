import Foundation
import Matroska

/// Puts the sound and the segments together to one film, and what goes beside it.
struct FilmJoin {
    private let plan: CompositionPlan
    private let options: CompositionOptions
    private let store: CompositionStore
    private let master: MatroskaReader
    private let output: String

    init(
        _ plan: CompositionPlan, _ options: CompositionOptions, _ store: CompositionStore, _ master: MatroskaReader,
        output: String
    ) {
        (self.plan, self.options, self.store, self.master, self.output) = (plan, options, store, master, output)
    }

    func run() throws(CompositionError) -> CompositionResult {
        let seating = Seating(master.tracks, [])
        let names = seating.points.map(\.name)
        let end = plan.frames * plan.frame
        let chapters = plan.timeline.chapters(names: names, end: end)
        let duration: Int64
        do throws(MatroskaError) {
            let sound = try MatroskaReader(path: store.sound)
            let first = try plan.segments > 0 ? MatroskaReader(path: store.segment(0)).tracks : []
            let file = try AccessCopyFile(
                path: output,
                info: MatroskaInfo(
                    documentType: .webm, title: options.title, writingApplication: "Causeway composer",
                    dateNanoseconds: master.info.dateNanoseconds), tracks: first + sound.tracks)
            var waiting = try sound.nextBlock()
            for segment in 0..<plan.segments {
                let part = try MatroskaReader(path: store.segment(segment))
                while let picture = try part.nextBlock() {
                    file.add([picture], duration: plan.frame)
                    while let packet = waiting, packet.timestampNanoseconds <= picture.timestampNanoseconds {
                        file.add([packet], duration: SoundTrack.frameNanoseconds)
                        waiting = try sound.nextBlock()
                    }
                    try file.write(before: picture.timestampNanoseconds)
                }
            }
            while let packet = waiting {
                file.add([packet], duration: SoundTrack.frameNanoseconds)
                waiting = try sound.nextBlock()
            }
            try file.finish(chapters: chapters)
            duration = file.durationNanoseconds
        } catch { throw .output("\(error)") }
        if let folder = options.companions { PictureCompanions(plan, store).save(to: folder) }
        return CompositionResult(
            durationMilliseconds: duration / 1_000_000, points: plan.order.map { names[$0] },
            chapters: chapters.count, decoding: decoding)
    }

    /// What became of the master's blocks, segment after segment.
    private var decoding: MasterDecoding {
        var tracks: [UInt64: TrackDecoding] = [:]
        for part in [plan.heard] + (0..<plan.segments).map(store.decodings) {
            for track in part { tracks[track.track]?.append(track) ?? (tracks[track.track] = track) }
        }
        return MasterDecoding(misplaced: plan.misplaced, tracks: tracks.values.sorted { $0.track < $1.track })
    }
}
