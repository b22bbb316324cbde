import Matroska

/// The access copy's file: sound and pictures, which are ready at different times, written in the order of their times.
final class AccessCopyFile {
    private let writer: MatroskaWriter<FileSink>
    private var waiting: [(block: MatroskaBlock, duration: Int64)] = []

    init(path: String, info: MatroskaInfo, tracks: [MatroskaTrack]) throws(MatroskaError) {
        writer = try MatroskaWriter(
            try FileSink(creating: path), info: info, tracks: tracks, trackRegionSize: 4096,
            clusterNanoseconds: 2_000_000_000)
    }

    var durationNanoseconds: Int64 { writer.durationNanoseconds }

    /// Takes blocks in; `duration` is that of each.
    func add(_ blocks: [MatroskaBlock], duration: Int64) {
        waiting.append(contentsOf: blocks.lazy.map { ($0, duration) })
    }

    /// Writes what is before `time`, before which nothing more will come.
    func write(before time: Int64) throws(MatroskaError) {
        let due = waiting.filter { $0.block.timestampNanoseconds < time }
        guard !due.isEmpty else { return }
        waiting.removeAll { $0.block.timestampNanoseconds < time }
        for (block, duration) in due.sorted(by: {
            ($0.block.timestampNanoseconds, $0.block.track) < ($1.block.timestampNanoseconds, $1.block.track)
        }) {
            try writer.write(block, durationNanoseconds: duration)
        }
    }

    func finish(chapters: [MatroskaChapter]) throws(MatroskaError) {
        try write(before: .max)
        try writer.finish(chapters: chapters)
    }
}
