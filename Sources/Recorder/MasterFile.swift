import Evidence
import Glibc
import Matroska

/// The master while it is written: blocks of all tracks in the order of their times, and room kept back on the disk to
/// end it well.
final class MasterFile {
    /// How long a block waits for older ones of other tracks.
    static let holdNanoseconds: Int64 = 250_000_000
    /// How long a cluster is gathered.
    private static let clusterNanoseconds: Int64 = 250_000_000
    /// The master's tag with the meeting's id.
    static let meetingTag = "MEETING"
    /// Enough for the last second and the index of a long meeting.
    private static let reserveSize = 4 << 20

    private struct Pending {
        var order: UInt64
        /// In the master's time.
        var time: Int64
        /// Its time, or when it came if that says it lies ahead.
        var due: Int64
        var content: Content
    }
    private enum Content {
        case block(MatroskaBlock, duration: Int64, [BlockPacket])
        case note(TapNote)
    }
    /// Notes wait no longer than this for a cluster to go with.
    private static let noteNanoseconds: Int64 = 1_000_000_000

    private let writer: MatroskaWriter<FileSink>
    private let sink: FileSink
    private let disk: DiskSync
    /// Nil where it could not be made; the archive makes up for it before it seals.
    private let chain: ClusterChainFile?
    /// Nil where it could not be made; the recording cannot be merged then.
    private let packets: PacketFile?
    /// What the packet file's next chunk will have.
    private var chunk = PacketChunk(cluster: nil, written: 0)
    private var nextNotes = MasterFile.noteNanoseconds
    private let hold: Int64
    private let reservePath: String
    /// In the master's time.
    private(set) var now: Int64 = 0
    private var pending: [Pending] = []
    private var order: UInt64 = 0
    private var nextNumber: UInt64 = 1
    private var clusterOpenSince: Int64?

    /// - Parameters:
    ///   - startNanoseconds: when the master's time begins, on the clock by which arrivals are told.
    ///   - tags: of the file, beside the meeting's.
    ///   - hold: how long a block waits for older ones of other tracks, in nanoseconds.
    init(
        path: String, title: String, meetingID: String, dateNanoseconds: Int64?, startNanoseconds: UInt64,
        tags: [String: String] = [:], hold: Int64 = MasterFile.holdNanoseconds
    ) throws(MatroskaError) {
        self.hold = hold
        sink = try FileSink(creating: path)
        do {
            // Clusters end by the clock here; the writer's own limit is for blocks whose times lie far apart.
            writer = try MatroskaWriter(
                sink,
                info: MatroskaInfo(
                    title: title, writingApplication: "Causeway recorder", dateNanoseconds: dateNanoseconds,
                    tags: tags.merging([Self.meetingTag: meetingID]) { $1 }), clusterNanoseconds: 1_000_000_000)
        } catch {
            unlink(path)
            throw error
        }
        chain = try? ClusterChainFile(creating: ClusterChainFile.path(of: path), meeting: meetingID)
        packets = try? PacketFile(
            creating: PacketFile.path(of: path), meeting: meetingID, startNanoseconds: startNanoseconds)
        disk = DiskSync(
            [path] + (chain == nil ? [] : [ClusterChainFile.path(of: path)])
                + (packets == nil ? [] : [PacketFile.path(of: path)]))
        reservePath = Self.reservePath(of: path)
        // Without room for it the recording still begins; it then ends without an index if the disk fills up.
        let descriptor = open(reservePath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            if posix_fallocate(descriptor, 0, off_t(Self.reserveSize)) != 0 { unlink(reservePath) }
            close(descriptor)
        }
        writer.onGathered = { [unowned self] in writeChunk($0) }
        writer.onCluster = { [unowned self] in
            chain?.append($0, $1)
            chunk = PacketChunk(cluster: nil, written: chunk.written)
        }
    }

    /// Before the cluster: a recorder that dies between the two leaves no block whose packets are unknown.
    private func writeChunk(_ place: ClusterPlace?) {
        chunk.cluster = place.map { PacketChunk.Place(offset: $0.offset, length: $0.length) }
        packets?.append(chunk)
        nextNotes = now + Self.noteNanoseconds
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

    /// Takes a block in, with the packets of which it was made; `duration` in nanoseconds.
    func add(_ block: MatroskaBlock, duration: Int64, packets: [BlockPacket] = []) {
        wait(block.timestampNanoseconds, .block(block, duration: duration, packets))
    }

    /// Takes in what goes beside the blocks, at its time in the master.
    func note(_ note: TapNote, at time: Int64) {
        if packets != nil { wait(time, .note(note)) }
    }

    private func wait(_ time: Int64, _ content: Content) {
        pending.append(Pending(order: order, time: time, due: min(time, now), content: content))
        order += 1
    }

    /// Writes what has waited long enough, and has it go to the disk; throws also where that failed before.
    func write() throws(MatroskaError) {
        if let failure = disk.failure { throw .writeFailed(path: failure.path, errno: failure.errno) }
        try write(dueBy: now - hold)
        if let since = clusterOpenSince, now - since >= Self.clusterNanoseconds {
            try writer.flush()
            clusterOpenSince = nil
            disk.request()
        }
        if now >= nextNotes, clusterOpenSince == nil { writeNotes() }
    }

    private func write(dueBy limit: Int64) throws(MatroskaError) {
        defer { chunk.written = max(chunk.written, min(limit, now)) }
        let firstDue = pending.partition { $0.due <= limit }
        guard firstDue < pending.endIndex else { return }
        let due = pending[firstDue...].sorted { ($0.time, $0.order) < ($1.time, $1.order) }
        pending.removeSubrange(firstDue...)
        for (index, item) in due.enumerated() {
            chunk.written = max(chunk.written, min(item.due, limit))
            switch item.content {
            case .note(let note): chunk.notes.append(note)
            case .block(let block, let duration, let packets):
                do {
                    try writer.write(block, durationNanoseconds: duration)
                } catch {
                    pending.append(contentsOf: due[index...])
                    throw error
                }
                chunk.blocks.append(packets)
                if clusterOpenSince == nil { clusterOpenSince = now }
            }
        }
    }

    /// What came beside no cluster.
    private func writeNotes() {
        guard !chunk.notes.isEmpty else { return }
        writeChunk(nil)
        chunk = PacketChunk(cluster: nil, written: chunk.written)
    }

    /// Ends the file with everything in it, with its chapters, and with what became known of its tracks, by their numbers.
    func finish(
        _ chapters: [MatroskaChapter] = [], tags: [UInt64: [String: String]] = [:]
    ) throws(MatroskaError) {
        unlink(reservePath)
        try write(dueBy: .max)
        try writer.finish(chapters: chapters, tags: tags)
        writeNotes()
        packets?.finish()
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
        chunk.blocks = []
        writeNotes()
        // Where not even this can be written, the file stays as a killed process leaves it, and recovery ends it.
        if (try? writer.finish()) != nil { chain?.finish() }
    }
}
