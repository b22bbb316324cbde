import Glibc

/// Where a cluster lies in a file, its head included, and the time at which it begins.
public struct ClusterPlace: Sendable, Hashable {
    public var offset: UInt64
    public var length: UInt64
    public var milliseconds: Int64

    public init(offset: UInt64, length: UInt64, milliseconds: Int64) {
        self.offset = offset
        self.length = length
        self.milliseconds = milliseconds
    }
}

/// Finds the clusters of a file that `MatroskaWriter` wrote, also behind damage: where no element follows, the next head of
/// a cluster is looked for.
public enum ClusterScan {
    /// At four a second, more than two weeks.
    private static let mostClusters = 8_000_000
    /// Between a cluster's head and its time: a checksum.
    private static let headOctets = 32
    private static let known: Set<UInt32> = [
        EBMLID.seekHead, EBMLID.void, EBMLID.info, EBMLID.tracks, EBMLID.tags, EBMLID.cues, EBMLID.chapters,
        EBMLID.cluster,
    ]

    /// Every whole cluster, as they lie.
    public static func clusters(of path: String) throws(MatroskaError) -> [ClusterPlace] {
        let cursor = try FileCursor(path: path)
        var found: [ClusterPlace] = []
        if let head = try cursor.element(), head.id == EBMLID.header, let end = head.end, end < cursor.size {
            cursor.seek(to: end)
            if let segment = try cursor.element(), segment.id == EBMLID.segment {
                cursor.seek(to: segment.dataOffset)
            } else {
                cursor.seek(to: end)
            }
        } else {
            cursor.seek(to: 0)
        }
        while found.count < mostClusters, cursor.position < cursor.size {
            let start = cursor.position
            guard let element = try cursor.element(), known.contains(element.id), let end = element.end,
                end <= cursor.size
            else {
                guard let next = try nextHead(cursor, from: start + 1) else { break }
                cursor.seek(to: next)
                continue
            }
            if element.id == EBMLID.cluster {
                found.append(
                    ClusterPlace(offset: start, length: end - start, milliseconds: try time(in: element, cursor)))
            }
            cursor.seek(to: end)
        }
        return found
    }

    private static func time(in cluster: EBMLElement, _ cursor: FileCursor) throws(MatroskaError) -> Int64 {
        cursor.seek(to: cluster.dataOffset)
        let count = min(Int(clamping: cluster.size ?? 0), headOctets)
        let children = EBMLChildren(try cursor.bytes(count) ?? [])
        return children.first { $0.id == EBMLID.timestamp }.map { Int64(clamping: $0.unsigned) } ?? 0
    }

    /// The next cluster's identifier and size of eight octets, as the writer writes them.
    private static func nextHead(_ cursor: FileCursor, from start: UInt64) throws(MatroskaError) -> UInt64? {
        let wanted: [UInt8] = [0x1F, 0x43, 0xB6, 0x75, 0x01]
        var position = start
        while position < cursor.size {
            cursor.seek(to: position)
            let octets = try cursor.bytes(Int(min(cursor.size - position, 1 << 18))) ?? []
            let place = octets.withUnsafeBytes { Self.first(wanted, in: $0) }
            if let place { return position + UInt64(place) }
            // One that begins at the end of these octets ends in the next.
            position += UInt64(max(1, octets.count - wanted.count + 1))
        }
        return nil
    }

    private static func first(_ wanted: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var start = 0
        while start + wanted.count <= bytes.count,
            let found = memchr(base + start, Int32(wanted[0]), bytes.count - start)
        {
            let place = base.distance(to: found)
            guard place + wanted.count <= bytes.count else { return nil }
            if bytes[place..<place + wanted.count].elementsEqual(wanted) { return place }
            start = place + 1
        }
        return nil
    }
}
