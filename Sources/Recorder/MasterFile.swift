import Glibc
import Matroska

/// The master while it is written: blocks of all tracks in the order of their times, and room kept back on the disk to
/// end it well.
final class MasterFile {
    /// How long a block waits for older ones of other tracks.
    private static let holdNanoseconds: Int64 = 250_000_000
    private static let clusterNanoseconds: Int64 = 300_000_000
    /// Enough for the index of a long meeting.
    private static let reserveSize = 4 << 20

    private struct Pending {
        var order: UInt64
        var block: MatroskaBlock
        var duration: Int64
    }

    private let writer: MatroskaWriter<FileSink>
    private let sink: FileSink
    private let reservePath: String
    private var pending: [Pending] = []
    private var order: UInt64 = 0
    private var nextNumber: UInt64 = 1
    private var clusterOpenSince: Int64?

    init(path: String, title: String, meetingID: String, dateNanoseconds: Int64) throws(MatroskaError) {
        sink = try FileSink(creating: path)
        writer = try MatroskaWriter(
            sink,
            info: MatroskaInfo(
                title: title, writingApplication: "Causeway recorder", dateNanoseconds: dateNanoseconds,
                tags: ["MEETING": meetingID]), clusterNanoseconds: Self.clusterNanoseconds)
        reservePath = Self.reservePath(of: path)
        // Without room for it the recording still begins; it then ends without an index if the disk fills up.
        let descriptor = open(reservePath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            if posix_fallocate(descriptor, 0, off_t(Self.reserveSize)) != 0 { unlink(reservePath) }
            close(descriptor)
        }
    }

    static func reservePath(of path: String) -> String { path + ".reserve" }

    var octets: UInt64 { sink.position }
    var durationNanoseconds: Int64 { writer.durationNanoseconds }

    /// Declares a track and gives it a number.
    func addTrack(_ track: MatroskaTrack) throws(MatroskaError) -> UInt64 {
        var track = track
        track.number = nextNumber
        track.uid = nextNumber
        try writer.addTrack(track)
        nextNumber += 1
        return track.number
    }

    func updateTrack(_ track: MatroskaTrack) throws(MatroskaError) { try writer.updateTrack(track) }

    /// Takes a block in; `duration` in nanoseconds.
    func add(_ block: MatroskaBlock, duration: Int64) {
        pending.append(Pending(order: order, block: block, duration: duration))
        order += 1
    }

    /// Writes what is older than the hold at `now`, in the master's time.
    func write(upTo now: Int64) throws(MatroskaError) {
        try writePending { $0.block.timestampNanoseconds <= now - Self.holdNanoseconds }
        if let since = clusterOpenSince, now - since >= Self.clusterNanoseconds {
            try writer.flush()
            clusterOpenSince = nil
        }
    }

    private func writePending(_ isDue: (Pending) -> Bool) throws(MatroskaError) {
        let due = pending.filter(isDue).sorted {
            ($0.block.timestampNanoseconds, $0.order) < ($1.block.timestampNanoseconds, $1.order)
        }
        guard !due.isEmpty else { return }
        pending.removeAll(where: isDue)
        for item in due {
            if clusterOpenSince == nil { clusterOpenSince = item.block.timestampNanoseconds }
            try writer.write(item.block, durationNanoseconds: item.duration)
        }
    }

    /// Ends the file with everything in it.
    func finish() throws(MatroskaError) {
        unlink(reservePath)
        try writePending { _ in true }
        try writer.finish()
    }

    /// Ends the file as it lies on the disk, after a write failed.
    func abandon() {
        unlink(reservePath)
        pending = []
        try? writer.finish()
    }
}
