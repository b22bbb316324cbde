import Matroska

/// Decodes a master end to end and makes nothing of it.
public enum MasterCheck {
    /// A step along the timeline, in nanoseconds.
    private static let step: Int64 = 1_000_000_000

    public static func run(
        master: String, progress: (Composition.Progress) -> Void = { _ in }
    ) throws(CompositionError) -> MasterDecoding {
        let reader: MatroskaReader
        do throws(MatroskaError) { reader = try MatroskaReader(path: master) } catch { throw .master("\(error)") }
        let queue = BlockQueue(reader)
        let seating = Seating(reader.tracks)
        let began = ContinuousClock.now
        var time: Int64 = 0
        while !queue.isEmpty {
            do throws(MatroskaError) {
                for block in try queue.take(before: time + step) { seating.seatOfTrack[block.track]?.take(block) }
            } catch { throw .master("\(error)") }
            time += step
            for seat in seating.points + seating.shows {
                seat.decodePictures(before: time)
                seat.dropSound(before: Int(time / step) * Voice.sampleRate)
            }
            let done = queue.fractionRead
            let elapsed = (ContinuousClock.now - began) / .seconds(1)
            progress(
                Composition.Progress(fraction: done, remainingSeconds: elapsed / max(done, 0.001) * (1 - done)))
        }
        return seating.decoding(misplaced: queue.misplaced)
    }
}
