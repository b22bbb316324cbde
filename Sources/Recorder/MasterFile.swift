import Evidence
import Glibc
import Matroska

/// The master while it is written: blocks of all tracks in the order of their times, and room kept back on the disk to
/// end it well.
final class MasterFile {
    /// How long a block waits for older ones of other tracks.
    private static let holdNanoseconds: Int64 = 250_000_000
    /// How long a cluster is gathered.
    private static let clusterNanoseconds: Int64 = 250_000_000
    /// The master's tag with the meeting's id.
    static let meetingTag = "MEETING"
    /// Enough for the last second and the index of a long meeting.
    private static let reserveSize = 4 << 20

    private struct Pending {
        var order: UInt64
        /// Its time, or when it came if that says it lies ahead.
        var due: Int64
        var block: MatroskaBlock
        var duration: Int64
    }

    private let writer: MatroskaWriter<FileSink>
    private let sink: FileSink
    private let disk: DiskSync
    /// Nil where it could not be made; the archive makes up for it before it seals.
    private let chain: ClusterChainFile?
    private let reservePath: String
    private var now: Int64 = 0
    private var pending: [Pending] = []
    private var order: UInt64 = 0
    private var nextNumber: UInt64 = 1
    private var clusterOpenSince: Int64?

    init(path: String, title: String, meetingID: String, dateNanoseconds: Int64) throws(MatroskaError) {
        sink = try FileSink(creating: path)
        do {
            // Clusters end by the clock here; the writer's own limit is for blocks whose times lie far apart.
            writer = try MatroskaWriter(
                sink,
                info: MatroskaInfo(
                    title: title, writingApplication: "Causeway recorder", dateNanoseconds: dateNanoseconds,
                    tags: [Self.meetingTag: meetingID]), clusterNanoseconds: 1_000_000_000)
        } catch {
            unlink(path)
            throw error
        }
        chain = try? ClusterChainFile(creating: ClusterChainFile.path(of: path), meeting: meetingID)
        writer.onCluster = { [chain] in chain?.append($0, $1) }
        disk = DiskSync([path] + (chain == nil ? [] : [ClusterChainFile.path(of: path)]))
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

    /// Tells the time, in the master's.
    func advance(to now: Int64) { self.now = now }

    /// Takes a block in; `duration` in nanoseconds.
    func add(_ block: MatroskaBlock, duration: Int64) {
        pending.append(
            Pending(order: order, due: min(block.timestampNanoseconds, now), block: block, duration: duration))
        order += 1
    }

    /// Writes what has waited long enough, and has it go to the disk; throws also where that failed before.
    func write() throws(MatroskaError) {
        if let failure = disk.failure { throw .writeFailed(path: failure.path, errno: failure.errno) }
        try write(dueBy: now - Self.holdNanoseconds)
        if let since = clusterOpenSince, now - since >= Self.clusterNanoseconds {
            try writer.flush()
            clusterOpenSince = nil
            disk.request()
        }
    }

    private func write(dueBy limit: Int64) throws(MatroskaError) {
        let firstDue = pending.partition { $0.due <= limit }
        guard firstDue < pending.endIndex else { return }
        let due = pending[firstDue...].sorted {
            ($0.block.timestampNanoseconds, $0.order) < ($1.block.timestampNanoseconds, $1.order)
        }
        pending.removeSubrange(firstDue...)
        for (index, item) in due.enumerated() {
            do {
                try writer.write(item.block, durationNanoseconds: item.duration)
            } catch {
                pending.append(contentsOf: due[index...])
                throw error
            }
            if clusterOpenSince == nil { clusterOpenSince = now }
        }
    }

    /// Ends the file with everything in it, with its chapters, and with what became known of its tracks, by their numbers.
    func finish(
        _ chapters: [MatroskaChapter] = [], tags: [UInt64: [String: String]] = [:]
    ) throws(MatroskaError) {
        unlink(reservePath)
        try write(dueBy: .max)
        try writer.finish(chapters: chapters, tags: tags)
        chain?.finish()
    }

    /// Ends the file after a write failed: with what the reserve has room for, and at the last whole cluster at least.
    func abandon() {
        unlink(reservePath)
        do {
            try write(dueBy: .max)
            try writer.flush()
        } catch {
            pending = []
            writer.dropCluster()
        }
        // Where not even this can be written, the file stays as a killed process leaves it, and recovery ends it.
        if (try? writer.finish()) != nil { chain?.finish() }
    }
}
