/// Finishes a file whose writer died: what follows the last whole cluster is cut off, and the index, duration and sizes are
/// written as `MatroskaWriter.finish` would have. A finished file stays as it is, so doing it twice does no harm.
///
/// A cluster between whole ones whose checksum is wrong, as a disk leaves it, becomes a void, with its octets in it; those behind it
/// stay. They are found by its own length alone, never looked for: what a point sent could look like a cluster.
public enum MatroskaRecovery {
    public struct Outcome: Sendable, Hashable {
        /// False when the file had been finished already.
        public var wasNeeded: Bool
        public var durationNanoseconds: Int64
        /// Whole clusters found.
        public var clusters: Int
        /// Clusters between them that were damaged.
        public var damagedClusters: Int
        /// Octets of a cluster that was being written, cut off.
        public var octetsCutOff: UInt64
    }

    /// Finishes the file at `path`, which `MatroskaWriter` wrote. It can itself be stopped at any moment and done again.
    public static func recover(path: String) throws(MatroskaError) -> Outcome {
        let scan = try Scan(path: path)
        if scan.isFinished {
            return Outcome(
                wasNeeded: false, durationNanoseconds: scan.durationNanoseconds, clusters: scan.clusters,
                damagedClusters: 0, octetsCutOff: 0)
        }
        let sink = try FileSink(reopening: path, end: scan.end)
        for part in scan.orphanTags + scan.damaged { try sink.overwrite(part.void, at: part.offset) }
        try scan.layout.finish(
            sink, cues: scan.cues, chapters: [], tracksOffset: scan.tracksOffset, tagsOffset: scan.tagsOffset,
            durationNanoseconds: scan.durationNanoseconds)
        return Outcome(
            wasNeeded: true, durationNanoseconds: scan.durationNanoseconds, clusters: scan.clusters,
            damagedClusters: scan.damaged.count, octetsCutOff: scan.size - scan.end)
    }

    /// What a walk over the file finds.
    private struct Scan {
        var layout: SegmentLayout
        var cues = CueIndex()
        var durationNanoseconds: Int64 = 0
        var clusters = 0
        var tracksOffset: UInt64?
        var tagsOffset: UInt64?
        /// Tags of tracks whose entries were not written any more, and the heads that make them voids.
        var orphanTags: [(offset: UInt64, void: [UInt8])] = []
        /// Clusters that are not whole, between such as are, and the heads that make them voids.
        var damaged: [(offset: UInt64, void: [UInt8])] = []
        private var trackUIDs: Set<UInt64> = []
        /// Behind the last whole cluster.
        var end: UInt64
        var size: UInt64
        var isFinished = false

        init(path: String) throws(MatroskaError) {
            let cursor = try FileCursor(path: path)
            size = cursor.size
            guard let head = try cursor.element(), head.id == EBMLID.header, let headEnd = head.end, headEnd < size
            else {
                throw .notMatroska(path: path)
            }
            cursor.seek(to: headEnd)
            guard let segment = try cursor.element(), segment.id == EBMLID.segment else {
                throw .notMatroska(path: path)
            }
            isFinished = segment.size != nil
            layout = SegmentLayout(
                segmentSizeOffset: segment.offset + 4, segmentStart: segment.dataOffset, infoOffset: 0,
                durationOffset: 0)
            end = segment.dataOffset
            let reader = try MatroskaReader(path: path)
            if isFinished {
                durationNanoseconds = reader.info.durationNanoseconds ?? 0
                return
            }
            guard segment.dataOffset - segment.offset == 12 else { throw Self.foreign(path) }
            try readHead(cursor, path)
            let isVideo = Set(reader.tracks.filter(\.codec.isVideo).map(\.number))
            var waiting: [(offset: UInt64, void: [UInt8])] = []
            while let element = try cursor.element(), let elementEnd = element.end, elementEnd <= size,
                let elementSize = element.size
            {
                if element.id == EBMLID.void {
                    // Of a recovery that was stopped.
                    cursor.seek(to: elementEnd)
                    continue
                }
                guard element.id == EBMLID.cluster, elementSize <= 512 << 20,
                    let body = try cursor.bytes(Int(elementSize))
                else { break }
                if take(body, at: element.offset, isVideo) {
                    damaged += waiting
                    waiting = []
                    end = elementEnd
                    clusters += 1
                } else if let void = Self.void(of: elementEnd - element.offset), waiting.count < Self.mostDamaged {
                    waiting.append((element.offset, void))
                } else {
                    break
                }
            }
        }

        private static let mostDamaged = 100_000

        /// The head of a void that has so many octets with it; nil where there is no room for one.
        private static func void(of length: UInt64) -> [UInt8]? {
            guard length >= 9 else { return nil }
            var void = EBMLBuilder()
            void.id(EBMLID.void)
            void.size(length - 9, length: 8)
            return void.bytes
        }

        private static func foreign(_ path: String) -> MatroskaError {
            .malformed(path: path, reason: "another program wrote it, and left no room to finish it")
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
                case EBMLID.seekHead:
                    guard element.offset == layout.segmentStart else { throw Self.foreign(path) }
                case EBMLID.info:
                    guard element.offset == layout.segmentStart + UInt64(SegmentLayout.seekHeadSize) else {
                        throw Self.foreign(path)
                    }
                    layout.infoOffset = element.offset
                    layout.durationOffset = next - UInt64(SegmentLayout.durationSize)
                    cursor.seek(to: layout.durationOffset)
                    let place = try cursor.bytes(3) ?? []
                    guard place.starts(with: [0xEC, 0x89]) || place == [0x44, 0x89, 0x88] else {
                        throw Self.foreign(path)
                    }
                case EBMLID.tracks:
                    tracksOffset = element.offset
                    for entry in try children(of: element, cursor) where entry.id == EBMLID.trackEntry {
                        let uid = entry.children.first { $0.id == EBMLID.trackUID }?.unsigned
                        if let uid { trackUIDs.insert(uid) }
                    }
                case EBMLID.tags:
                    tagsOffset = element.offset
                    for tag in try children(of: element, cursor) where tag.id == EBMLID.tag {
                        noteOrphan(tag, at: element.dataOffset)
                    }
                default: break
                }
                end = next
                cursor.seek(to: next)
            }
            guard layout.infoOffset > 0 else { throw .malformed(path: path, reason: "it has no Info element") }
        }

        private func children(of element: EBMLElement, _ cursor: FileCursor) throws(MatroskaError) -> EBMLChildren {
            guard let size = element.size, size <= 16 << 20 else { return EBMLChildren([]) }
            cursor.seek(to: element.dataOffset)
            return EBMLChildren(try cursor.bytes(Int(size)) ?? [])
        }

        private mutating func noteOrphan(_ tag: EBMLChildren.Child, at start: UInt64) {
            let targets = tag.children.first { $0.id == EBMLID.targets }
            let uid = targets?.children.first { $0.id == EBMLID.tagTrackUID }?.unsigned
            guard let uid, !trackUIDs.contains(uid) else { return }
            // A void's identifier is an octet shorter than a tag's, and so its size takes one more.
            let head = tag.data.startIndex - tag.offset
            guard (3...9).contains(head) else { return }
            var void = EBMLBuilder()
            void.id(EBMLID.void)
            void.size(UInt64(tag.data.count), length: head - 1)
            orphanTags.append((start + UInt64(tag.offset), void.bytes))
        }

        /// A cluster's times and keyframes; false when its checksum is wrong, or it has no time.
        private mutating func take(_ body: [UInt8], at offset: UInt64, _ isVideo: Set<UInt64>) -> Bool {
            var time: Int64 = 0
            var hasTime = false
            var keyframes: [(track: UInt64, milliseconds: UInt64)] = []
            for child in EBMLChildren(body) {
                switch child.id {
                case EBMLID.crc32:
                    let stored = child.data.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                    guard CRC32.of(body[child.data.endIndex...]) == stored else { return false }
                case EBMLID.timestamp:
                    time = Int64(clamping: child.unsigned)
                    hasTime = true
                case EBMLID.simpleBlock:
                    var rest = child.data
                    guard let track = EBMLChildren.vint(&rest, mostOctets: 8, keepsMarker: false), rest.count >= 3
                    else {
                        return false
                    }
                    let head = Array(rest.prefix(3))
                    let milliseconds = time &+ Int64(Int16(bitPattern: UInt16(head[0]) << 8 | UInt16(head[1])))
                    durationNanoseconds = max(durationNanoseconds, max(0, milliseconds) &* 1_000_000)
                    if head[2] & 0x80 != 0, isVideo.contains(track) || keyframes.isEmpty {
                        keyframes.append((track, UInt64(max(0, milliseconds))))
                    }
                default: break
                }
            }
            guard hasTime else { return false }
            cues.note(cluster: offset, keyframes) { isVideo.contains($0) }
            return true
        }
    }
}
