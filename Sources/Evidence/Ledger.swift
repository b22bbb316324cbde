public import Foundation

/// One line of the archive's ledger.
public struct LedgerEntry: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        case sealed
        /// A damaged file was replaced by a good copy.
        case restored
        /// The package was destroyed; its seal stays known.
        case destroyed
    }

    /// From 1 on.
    public var number: Int64
    /// ISO 8601.
    public var at: String
    public var kind: Kind
    public var meeting: String
    /// The package's directory, relative to the archive.
    public var package: String
    /// SHA-256 of `seal/seal.json`, and the root that it states.
    public var seal: String
    public var merkleRoot: String
    /// Whatever else there is to say.
    public var note: String?
    /// SHA-256 of the line before, its line feed included; of the first entry 64 zeros.
    public var previous: String

    public init(
        number: Int64, at: String, kind: Kind, meeting: String, package: String, seal: String, merkleRoot: String,
        note: String? = nil, previous: String
    ) {
        self.number = number
        self.at = at
        self.kind = kind
        self.meeting = meeting
        self.package = package
        self.seal = seal
        self.merkleRoot = merkleRoot
        self.note = note
        self.previous = previous
    }

    /// With its line feed.
    public var line: Data {
        CanonicalJSON.members([
            "number": .integer(number), "at": .string(at), "kind": .string(kind.rawValue), "meeting": .string(meeting),
            "package": .string(package), "seal": .string(seal), "merkleRoot": .string(merkleRoot),
            "note": .optional(note), "previous": .string(previous),
        ]).data + [UInt8(ascii: "\n")]
    }
}

/// The ledger of a whole archive: each line has the hash of the one before, so that none can be changed, taken out or put in
/// without every later one being other than the seals that name them say.
public struct Ledger: Sendable, Equatable {
    public static let genesis = String(repeating: "0", count: 64)

    public private(set) var entries: [LedgerEntry] = []
    /// SHA-256 of each entry's line.
    public private(set) var hashes: [String] = []
    /// The number of the first line (from 1) that does not follow from the one before; nothing behind it was read.
    public private(set) var brokenAt: Int?

    public var head: String { hashes.last ?? Self.genesis }

    public init() {}

    /// Reads as many lines as hold together. A last line without its line feed is one that a crash tore.
    public init(parsing data: Data) {
        let decoder = JSONDecoder()
        for line in data.split(separator: UInt8(ascii: "\n")) {
            let whole = line + [UInt8(ascii: "\n")]
            guard let entry = try? decoder.decode(LedgerEntry.self, from: Data(line)), entry.line == whole,
                append(entry)
            else {
                brokenAt = entries.count + 1
                return
            }
        }
    }

    /// False where the entry does not continue the ledger.
    @discardableResult
    public mutating func append(_ entry: LedgerEntry) -> Bool {
        guard entry.previous == head, entry.number == Int64(entries.count) + 1 else { return false }
        entries.append(entry)
        hashes.append(Hex.sha256(entry.line))
        return true
    }

    /// The entries of a meeting's package, oldest first.
    public func entries(of meeting: String) -> [LedgerEntry] { entries.filter { $0.meeting == meeting } }
}
