import Crypto
public import Foundation

/// One entry of the audit log: who did what, in the form that is hashed. Of what it was done to, only a digest is in it, so that the
/// chain can be shown to who may not know of a secret meeting.
public struct AuditEntry: Codable, Sendable, Hashable {
    /// That there can be: all that JSON's readers know exactly.
    static let numbers: ClosedRange<Int64> = 1...(1 << 53)

    public var number: Int64
    /// ISO 8601.
    public var at: String
    public var by: String
    public var action: String
    /// SHA-256 of the nonce, a line feed and the subject.
    public var subject: String
    /// SHA-256 of the line before, its line feed included; of the first entry 64 zeros.
    public var previous: String

    public init(number: Int64, at: String, by: String, action: String, subject: String, previous: String) {
        self.number = number
        self.at = at
        self.by = by
        self.action = action
        self.subject = subject
        self.previous = previous
    }

    /// Canonical JSON (RFC 8785).
    public var text: String {
        CanonicalJSON.members([
            "number": .integer(number), "at": .string(at), "by": .string(by), "action": .string(action),
            "subject": .string(subject), "previous": .string(previous),
        ]).text
    }

    /// Of the line with its line feed.
    public var hash: String { Hex.sha256(Data((text + "\n").utf8)) }

    /// What stands for a subject in an entry.
    public static func digest(of subject: String, nonce: String) -> String {
        Hex.sha256(Data("\(nonce)\n\(subject)".utf8))
    }

    /// 128 random bits in hexadecimal, so that nobody finds a subject by trying.
    public static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hex.text((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}

/// A line of an exported audit log: an entry with what it was done to, or a signed head.
public struct AuditLine: Codable, Sendable, Hashable {
    /// An ``AuditEntry`` as it is hashed.
    public var entry: String?
    /// Left out where whoever exported may not know of it.
    public var subject: String?
    public var nonce: String?
    /// An ``AuditHead`` as it is signed.
    public var head: String?
    /// Ed25519 over `head`, in base64.
    public var signature: String?

    public init(_ entry: AuditEntry, subject: String?, nonce: String?) {
        self.entry = entry.text
        self.subject = subject
        self.nonce = nonce
    }

    public init(_ head: SignedAuditHead) {
        self.head = head.document
        signature = head.signature.base64EncodedString()
    }

    /// With its line feed.
    public var data: Data {
        CanonicalJSON.members([
            "entry": .optional(entry), "subject": .optional(subject), "nonce": .optional(nonce),
            "head": .optional(head), "signature": .optional(signature),
        ]).data + [UInt8(ascii: "\n")]
    }
}
