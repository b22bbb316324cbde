import Crypto
import Foundation

/// The Merkle tree hash over a list of entries (RFC 9162 §2.1.1): leaves and nodes are told apart by their first octet, so
/// that no node can be passed off as an entry.
public struct MerkleTree: Sendable {
    /// The roots of full subtrees of what was added so far, largest first, each with the number of its leaves.
    private var subtrees: [(hash: [UInt8], leaves: Int)] = []

    public init() {}

    public init(_ entries: some Sequence<[UInt8]>) {
        for entry in entries { add(entry) }
    }

    public mutating func add(_ entry: [UInt8]) {
        var node = (hash: Self.hash(0x00, entry), leaves: 1)
        while let last = subtrees.last, last.leaves == node.leaves {
            subtrees.removeLast()
            node = (Self.hash(0x01, last.hash + node.hash), 2 * node.leaves)
        }
        subtrees.append(node)
    }

    /// SHA-256; of no entries that of nothing.
    public var root: [UInt8] {
        guard var hash = subtrees.last?.hash else { return Array(SHA256.hash(data: [UInt8]())) }
        for subtree in subtrees.dropLast().reversed() { hash = Self.hash(0x01, subtree.hash + hash) }
        return hash
    }

    private static func hash(_ domain: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: [domain] + bytes))
    }
}
