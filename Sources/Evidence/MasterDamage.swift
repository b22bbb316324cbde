import Matroska

/// What became of a part of a master.
public enum MasterDamage: Sendable, Equatable {
    /// What is before the first cluster: tracks and tags.
    case head
    /// What is behind the last: index and chapters.
    case index
    /// Other octets than were recorded.
    case changed(cluster: Int, milliseconds: ClosedRange<Int64>)
    /// Not there any more, and nothing in its place.
    case missing(cluster: Int, milliseconds: ClosedRange<Int64>)
    /// Whole, but not where it was among the others.
    case misplaced(cluster: Int, milliseconds: ClosedRange<Int64>)
    /// A cluster that was never recorded, or one a second time; it lies behind this one (nil: before all).
    case inserted(behind: Int?)
}

/// Finds where a master differs from its chain.
struct MasterExamination {
    let path: String
    /// The file's size now.
    let fileOctets: UInt64
    let clusters: [ChainedCluster]
    let seal: SealDocument.Master

    func damage() throws(EvidenceError) -> [MasterDamage] {
        var found: [MasterDamage] = []
        var wrong: [Int] = []
        for index in clusters.indices where try !isInPlace(clusters[index]) { wrong.append(index) }
        let places = try scan()
        // A file of the same clusters in their places has nothing to look for.
        let isAsChained = places.map { ($0.offset, $0.length) }.elementsEqual(
            clusters.map { ($0.place.offset, $0.place.length) }, by: ==)
        if !wrong.isEmpty || !isAsChained {
            let actual = try identify(places, wrong: Set(wrong))
            found += compare(actual.map(\.recorded), gapsAreKeptUpTo: try lastInPlace(wrong))
        }
        if try !isAt(0, seal.headOctets, seal.headSHA256) { found.insert(.head, at: 0) }
        // Wherever clusters that were cut out or put in have moved it to, it is the file's end.
        let index = UInt64(clamping: seal.indexOctets)
        if fileOctets < index {
            found.append(.index)
        } else if try !isAt(fileOctets - index, seal.indexOctets, seal.indexSHA256) {
            found.append(.index)
        }
        return found
    }

    private func scan() throws(EvidenceError) -> [ClusterPlace] {
        do { return try ClusterScan.clusters(of: path) } catch {
            throw .malformed(path: path, reason: "\(error)")
        }
    }

    private static func end(_ cluster: ChainedCluster) -> UInt64 { cluster.place.offset &+ cluster.place.length }

    /// The last cluster behind which nothing has moved, so that those missing before it were written over.
    private func lastInPlace(_ wrong: [Int]) throws(EvidenceError) -> Int {
        let end = clusters.last.map(Self.end) ?? 0
        if try isAt(end, seal.indexOctets, seal.indexSHA256) { return clusters.count }
        let wrong = Set(wrong)
        return clusters.indices.last { !wrong.contains($0) } ?? -1
    }

    private func isInPlace(_ cluster: ChainedCluster) throws(EvidenceError) -> Bool {
        try FileDigest.sha256(of: path, offset: cluster.place.offset, length: cluster.place.length) == cluster.hash
    }

    private func isAt(_ offset: UInt64, _ count: Int64, _ hash: String) throws(EvidenceError) -> Bool {
        try FileDigest.sha256(of: path, offset: offset, length: UInt64(clamping: count)) == hash
    }

    /// Which recorded cluster each one in the file is; those in their places are known without the scan, which a damaged head
    /// of a cluster leads past others.
    private func identify(
        _ places: [ClusterPlace], wrong: Set<Int>
    ) throws(EvidenceError) -> [(place: ClusterPlace, recorded: Int?)] {
        var actual = clusters.indices.filter { !wrong.contains($0) }.map {
            (place: clusters[$0].place, recorded: Int?($0))
        }
        let taken = Dictionary(
            actual.map { ($0.place.offset, $0.place.length) }, uniquingKeysWith: { first, _ in first })
        var lost = Dictionary(wrong.map { (clusters[$0].hash, $0) }, uniquingKeysWith: min)
        for place in places where taken[place.offset] == nil {
            let hash = try FileDigest.sha256(of: path, offset: place.offset, length: place.length)
            actual.append((place, hash.flatMap { lost.removeValue(forKey: $0) }))
        }
        // What a wrong size makes of a cluster may reach over those behind it.
        let good = actual.filter { $0.recorded != nil }.map { $0.place.offset..<$0.place.offset + $0.place.length }
            .sorted { $0.lowerBound < $1.lowerBound }
        return actual.sorted { $0.place.offset < $1.place.offset }.filter { candidate in
            candidate.recorded != nil
                || !good.contains { $0.contains(candidate.place.offset) }
        }
    }

    /// Compares what is there, by its recorded numbers, with what was recorded.
    private func compare(_ actual: [Int?], gapsAreKeptUpTo kept: Int) -> [MasterDamage] {
        var found: [MasterDamage] = []
        let present = actual.compactMap(\.self)
        let inOrder = present.sorted()
        for (there, recorded) in zip(present, inOrder) where there != recorded {
            found.append(.misplaced(cluster: recorded, milliseconds: range(recorded)))
        }
        // Unknown ones stand for those that are missing between the same neighbours.
        let isThere = Set(present)
        var unknown: [Int: Int] = [:]
        var before = -1
        for cluster in actual {
            if let cluster { before = max(before, cluster) } else { unknown[before, default: 0] += 1 }
        }
        var neighbour = -1
        for index in clusters.indices {
            if isThere.contains(index) {
                neighbour = index
            } else if let count = unknown[neighbour], count > 0 {
                unknown[neighbour] = count - 1
                found.append(.changed(cluster: index, milliseconds: range(index)))
            } else if index < kept {
                found.append(.changed(cluster: index, milliseconds: range(index)))
            } else {
                found.append(.missing(cluster: index, milliseconds: range(index)))
            }
        }
        for (before, count) in unknown.sorted(by: { $0.key < $1.key }) {
            found += repeatElement(.inserted(behind: before < 0 ? nil : before), count: count)
        }
        return found
    }

    /// The master's time that a cluster covers.
    private func range(_ index: Int) -> ClosedRange<Int64> {
        let start = clusters[index].place.milliseconds
        let next = index + 1 < clusters.count ? clusters[index + 1].place.milliseconds : start &+ 1_000
        return start...max(start, next)
    }
}
