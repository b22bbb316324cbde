public import Foundation

/// That the audit log ended with this entry at some time; signed, it stands for all entries up to it.
public struct AuditHead: Codable, Sendable, Hashable {
    public static let format = "causeway-audit-head/1"

    public enum Kind: String, Codable, Sendable {
        case head
        /// What comes before and this entry itself were taken away, for their term was over.
        case cut
    }

    public var format = Self.format
    public var kind: Kind
    /// Of the newest entry that it stands for.
    public var number: Int64
    /// Its hash.
    public var entry: String
    /// ISO 8601.
    public var at: String
    /// SHA-256 of the head before, as it was signed; of the first 64 zeros.
    public var previous: String

    public init(_ kind: Kind, number: Int64, entry: String, at: String, previous: String) {
        self.kind = kind
        self.number = number
        self.entry = entry
        self.at = at
        self.previous = previous
    }

    /// Canonical JSON: what is signed.
    public var document: String {
        CanonicalJSON.members([
            "format": .string(format), "kind": .string(kind.rawValue), "number": .integer(number),
            "entry": .string(entry), "at": .string(at), "previous": .string(previous),
        ]).text
    }
}

/// A head as it was signed.
public struct SignedAuditHead: Sendable, Hashable {
    public var document: String
    /// Ed25519 (RFC 8032).
    public var signature: Data

    public init(document: String, signature: Data) {
        self.document = document
        self.signature = signature
    }

    /// SHA-256 of the document.
    public var hash: String { Hex.sha256(Data(document.utf8)) }

    /// Nil where the document is none.
    public var head: AuditHead? {
        guard document.utf8.count <= 4096,
            let head = try? JSONDecoder().decode(AuditHead.self, from: Data(document.utf8)),
            head.format == AuditHead.format, head.document == document, AuditEntry.numbers.contains(head.number)
        else { return nil }
        return head
    }

    /// Whether one of the public keys in a PEM text signed it.
    public func isSigned(by trusted: String) -> Bool {
        SealKey.isValid(signature, of: Data(document.utf8), by: trusted)
    }
}
