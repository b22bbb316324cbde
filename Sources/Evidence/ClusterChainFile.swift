import Foundation
public import Matroska
import Crypto

/// Writes a master's chain beside it while it is written: one line of some 180 octets a cluster, appended in one write by the
/// recorder's thread. What cannot be written ends the chain, not the recording; `complete` makes up for it.
public final class ClusterChainFile {
    private let descriptor: Int32
    private var chain: ClusterChain
    private var isBroken = false

    /// `data/master.mkv` has its chain in `data/master.chain`.
    public static func path(of master: String) -> String {
        (master.hasSuffix(".mkv") ? String(master.dropLast(4)) : master) + ".chain"
    }

    /// Makes the file at `path`, in place of one that is there.
    public init(creating path: String, meeting: String) throws(EvidenceError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw .file(path: path, errno: errno) }
        chain = ClusterChain(meeting: meeting)
        write(ClusterChainRecord.header(meeting))
    }

    deinit { close(descriptor) }

    public func append(_ place: ClusterPlace, _ octets: [UInt8]) {
        write(ClusterChainRecord.line(chain.append(place, hash: Hex.sha256(octets))))
    }

    /// Ends the chain of a master that was ended in order.
    public func finish() {
        if let line = ClusterChainRecord.endLine(.finished, chain) { write(line) }
        fdatasync(descriptor)
    }

    private func write(_ line: String) {
        guard !isBroken else { return }
        var line = line
        let isWhole = line.withUTF8 { Foundation.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        // A torn line must not be followed by another.
        isBroken = !isWhole
    }

    /// Ends a chain that its recorder did not: lines that do not hold together, and those of clusters that the file has not any
    /// more, go; clusters that have no line get theirs, and the last line says from which on. One that has its end stays as it is.
    @discardableResult
    public static func complete(
        _ path: String, master: String, meeting: String
    ) throws(EvidenceError) -> ClusterChainRecord {
        var kept = [ChainedCluster]()
        if let data = try? FileDigest.contents(of: path, limit: 1 << 30),
            let record = ClusterChainRecord(parsing: data), record.meeting == meeting
        {
            if record.end != .open, record.brokenAt == nil { return record }
            kept = record.clusters
        }
        let places: [ClusterPlace]
        do throws(MatroskaError) { places = try ClusterScan.clusters(of: master) } catch {
            throw .malformed(path: master, reason: "\(error)")
        }
        var chain = ClusterChain(meeting: meeting)
        var text = ClusterChainRecord.header(meeting)
        var known = 0
        while known < min(kept.count, places.count), kept[known].place == places[known] {
            text += ClusterChainRecord.line(chain.append(places[known], hash: kept[known].hash))
            known += 1
        }
        for place in places[known...] {
            guard let hash = try FileDigest.sha256(of: master, offset: place.offset, length: place.length) else {
                throw .malformed(path: master, reason: "shorter than it was")
            }
            text += ClusterChainRecord.line(chain.append(place, hash: hash))
        }
        text += ClusterChainRecord.endLine(.recovered(from: known), chain) ?? ""
        try SafeFile.replace(path, with: Data(text.utf8))
        guard let record = ClusterChainRecord(parsing: Data(text.utf8)) else {
            throw .malformed(path: path, reason: "the meeting's id cannot stand in it")
        }
        return record
    }
}
