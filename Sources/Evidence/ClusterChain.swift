import Foundation
public import Matroska

/// A cluster of a master as the chain has it.
public struct ChainedCluster: Sendable, Hashable {
    public var place: ClusterPlace
    /// SHA-256 of its octets, head included; lower-case hexadecimal.
    public var hash: String
    /// The chain up to it.
    public var link: String
}

/// The hash chain over a master's clusters, in the order in which they were written:
///
///     link₀ = SHA-256("causeway-cluster-chain/1 " ‖ meeting ‖ LF)
///     linkᵢ = SHA-256(linkᵢ₋₁ ‖ " " ‖ hashᵢ ‖ " " ‖ offset ‖ " " ‖ length ‖ " " ‖ milliseconds ‖ LF)
///
/// in ASCII, hashes in lower-case hexadecimal and numbers in decimal, so that anybody can compute it with `sha256sum`. A cluster
/// that is cut out, put elsewhere or changed breaks it there, and nothing behind it can be made to fit.
public struct ClusterChain: Sendable, Equatable {
    static let format = "causeway-cluster-chain/1"
    public private(set) var head: String
    public private(set) var count = 0

    public init(meeting: String) {
        head = Hex.sha256(Data("\(Self.format) \(meeting)\n".utf8))
    }

    /// Takes the next cluster in.
    @discardableResult
    public mutating func append(_ place: ClusterPlace, hash: String) -> ChainedCluster {
        head = Hex.sha256(Data("\(head) \(hash) \(place.offset) \(place.length) \(place.milliseconds)\n".utf8))
        count += 1
        return ChainedCluster(place: place, hash: hash, link: head)
    }
}

/// How a chain ended.
public enum ChainEnd: Sendable, Equatable {
    /// Not at all: the recorder died, or could not write it.
    case open
    case finished
    /// The recorder died; clusters from this one on (counted from 0) were chained when the master was recovered.
    case recovered(from: Int)
}

/// The side file that keeps a chain: `causeway-cluster-chain/1 MEETING`, a line a cluster
/// (`offset length milliseconds hash link`), and `end finished COUNT LINK` or `end recovered COUNT LINK FIRST`.
public struct ClusterChainRecord: Sendable {
    public private(set) var meeting: String
    public private(set) var clusters: [ChainedCluster] = []
    public private(set) var end = ChainEnd.open
    public private(set) var chain: ClusterChain
    /// The number of the first line (from 1) that does not follow from what is before it; nothing behind it was read.
    public private(set) var brokenAt: Int?

    static func header(_ meeting: String) -> String { "\(ClusterChain.format) \(meeting)\n" }

    static func line(_ cluster: ChainedCluster) -> String {
        let place = cluster.place
        return "\(place.offset) \(place.length) \(place.milliseconds) \(cluster.hash) \(cluster.link)\n"
    }

    static func endLine(_ end: ChainEnd, _ chain: ClusterChain) -> String? {
        switch end {
        case .open: nil
        case .finished: "end finished \(chain.count) \(chain.head)\n"
        case .recovered(let first): "end recovered \(chain.count) \(chain.head) \(first)\n"
        }
    }

    /// Reads as much as holds together; nil where not even the first line is one.
    public init?(parsing data: Data) {
        var meeting: String?
        var chain = ClusterChain(meeting: "")
        var number = 0
        for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            // What follows the last line feed is a line that was torn, or nothing.
            guard line.endIndex < data.endIndex else {
                if !line.isEmpty { brokenAt = number + 1 }
                break
            }
            number += 1
            let fields = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
            if meeting == nil {
                guard fields.count == 2, fields[0] == ClusterChain.format else { return nil }
                meeting = String(fields[1])
                chain = ClusterChain(meeting: String(fields[1]))
            } else if end != .open {
                brokenAt = number
            } else if fields.first == "end" {
                if let end = Self.end(fields, chain) { self.end = end } else { brokenAt = number }
            } else if let cluster = Self.cluster(fields, after: chain) {
                chain.append(cluster.place, hash: cluster.hash)
                clusters.append(cluster)
            } else {
                brokenAt = number
            }
            guard brokenAt == nil else { break }
        }
        guard let meeting else { return nil }
        self.meeting = meeting
        self.chain = chain
    }

    private static func cluster(_ fields: [Substring], after chain: ClusterChain) -> ChainedCluster? {
        guard fields.count == 5, let offset = UInt64(fields[0]), let length = UInt64(fields[1]),
            let milliseconds = Int64(fields[2]), Hex.octets(fields[3], count: 32) != nil
        else { return nil }
        var chain = chain
        let cluster = chain.append(
            ClusterPlace(offset: offset, length: length, milliseconds: milliseconds), hash: String(fields[3]))
        return cluster.link == fields[4] ? cluster : nil
    }

    private static func end(_ fields: [Substring], _ chain: ClusterChain) -> ChainEnd? {
        guard fields.count >= 4, Int(fields[2]) == chain.count, fields[3] == chain.head else { return nil }
        switch (fields[1], fields.count) {
        case ("finished", 4): return .finished
        case ("recovered", 5): return Int(fields[4]).map { .recovered(from: $0) }
        default: return nil
        }
    }
}
