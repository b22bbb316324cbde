/// Finishes a file whose writer died: what follows the last whole cluster is cut off, and the index, duration and sizes are
/// written as `MatroskaWriter.finish` would have. A finished file stays as it is, so doing it twice does no harm.
public enum MatroskaRecovery {
    public struct Outcome: Sendable, Hashable {
        /// False when the file had been finished already.
        public var wasNeeded: Bool
        public var durationNanoseconds: Int64
        /// Whole clusters found.
        public var clusters: Int
        /// Octets of a cluster that was being written, cut off.
        public var octetsCutOff: UInt64
    }

    /// Finishes the file at `path`, which `MatroskaWriter` wrote.
    public static func recover(path: String) throws(MatroskaError) -> Outcome {
        let scan = try Scan(path: path)
        if scan.isFinished {
            return Outcome(
                wasNeeded: false, durationNanoseconds: scan.durationNanoseconds, clusters: scan.clusters, octetsCutOff: 0)
        }
        let sink = try FileSink(reopening: path, end: scan.end)
        try scan.layout.finish(
            sink, cues: scan.cues, chapters: [], tagsOffset: scan.tagsOffset,
            durationNanoseconds: scan.durationNanoseconds, hasTracks: scan.hasTracks)
        return Outcome(
            wasNeeded: true, durationNanoseconds: scan.durationNanoseconds, clusters: scan.clusters,
            octetsCutOff: scan.size - scan.end)
    }

    /// What a walk over the file finds.
    private struct Scan {
        var layout: SegmentLayout
        var cues = CueIndex()
        var durationNanoseconds: Int64 = 0
        var clusters = 0
        var tagsOffset: Int?
        var hasTracks = false
        /// Behind the last whole cluster.
        var end: UInt64
        var size: UInt64
        var isFinished = false

        init(path: String) throws(MatroskaError) {
            let cursor = try FileCursor(path: path)
            size = cursor.size
            guard let head = try cursor.element(), head.id == EBMLID.header, let headEnd = head.end, headEnd < size else {
                throw .notMatroska(path: path)
            }
            cursor.seek(to: headEnd)
            guard let segment = try cursor.element(), segment.id == EBMLID.segment else { throw .notMatroska(path: path) }
            isFinished = segment.size != nil
            layout = SegmentLayout(
                segmentSizeOffset: segment.offset + 4, segmentStart: segment.dataOffset, infoOffset: 0,
                durationOffset: 0, trackRegionOffset: 0, trackRegionSize: 0)
            end = segment.dataOffset
            try readHead(cursor, path)
            let reader = try MatroskaReader(path: path)
            if isFinished { durationNanoseconds = reader.info.durationNanoseconds ?? 0 }
            let isVideo = Set(reader.tracks.filter(\.codec.isVideo).map(\.number))
            while let element = try cursor.element(), element.id == EBMLID.cluster, let clusterEnd = element.end,
                clusterEnd <= size, let clusterSize = element.size, clusterSize <= 512 << 20,
                let body = try cursor.bytes(Int(clusterSize)), take(body, at: element.offset, isVideo)
            {
                end = clusterEnd
                clusters += 1
            }
        }

        /// Finds the places that are written again.
        private mutating func readHead(_ cursor: FileCursor, _ path: String) throws(MatroskaError) {
            while let element = try cursor.element() {
                guard element.id != EBMLID.cluster else {
                    cursor.seek(to: element.offset)
                    break
                }
                guard let next = element.end, next <= size else {
                    throw .malformed(path: path, reason: "its head was not written whole")
                }
                switch element.id {
                case EBMLID.info:
                    layout.infoOffset = element.offset
                    layout.durationOffset = next - UInt64(SegmentLayout.durationSize)
                    layout.trackRegionOffset = next
                case EBMLID.tracks: hasTracks = true
                case EBMLID.tags: tagsOffset = Int(clamping: element.offset - layout.trackRegionOffset)
                default: break
                }
                end = next
                cursor.seek(to: next)
            }
            guard layout.infoOffset > 0 else { throw .malformed(path: path, reason: "it has no Info element") }
        }

        /// A cluster's times and keyframes; false when its checksum is wrong.
        private mutating func take(_ body: [UInt8], at offset: UInt64, _ isVideo: Set<UInt64>) -> Bool {
            var time: Int64 = 0
            var keyframes: [(track: UInt64, milliseconds: UInt64)] = []
            for child in EBMLChildren(body) {
                switch child.id {
                case EBMLID.crc32:
                    let stored = child.data.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                    guard CRC32.of(body[child.data.endIndex...]) == stored else { return false }
                case EBMLID.timestamp:
                    time = Int64(clamping: child.unsigned)
                case EBMLID.simpleBlock:
                    var rest = child.data
                    guard let track = EBMLChildren.vint(&rest, mostOctets: 8, keepsMarker: false), rest.count >= 3 else {
                        return false
                    }
                    let head = Array(rest.prefix(3))
                    let milliseconds = time &+ Int64(Int16(bitPattern: UInt16(head[0]) << 8 | UInt16(head[1])))
                    durationNanoseconds = max(durationNanoseconds, max(0, milliseconds) &* 1_000_000)
                    if head[2] & 0x80 != 0, isVideo.isEmpty ? keyframes.isEmpty : isVideo.contains(track) {
                        keyframes.append((track, UInt64(max(0, milliseconds))))
                    }
                default: break
                }
            }
            cues.note(cluster: offset, keyframes)
            return true
        }
    }
}
