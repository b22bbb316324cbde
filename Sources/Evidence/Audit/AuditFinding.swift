/// Something of an audit log that is not as it was written.
public struct AuditFinding: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// No entry, or not in its one form.
        case malformed
        /// Not what the entry behind it, or a signature, says that it was.
        case changed
        /// Not there any more.
        case removed
        /// Never written by the log.
        case inserted
        /// In another place than it was written.
        case reordered
        /// The end is missing: a signature, or the running daemon, knows more.
        case cutOff = "cut-off"
        /// The beginning is missing without a signed cut.
        case beginningMissing = "beginning-missing"
        /// What an entry is told to be about is not what it was written with.
        case subjectChanged = "subject-changed"
        /// A head is signed by nobody who is trusted, or is none.
        case badSignature = "bad-signature"
        /// A signed head is missing between others.
        case headMissing = "head-missing"
        /// Nothing signed stands for the end, so it may have been cut off.
        case unsigned
    }

    public var kind: Kind
    /// The entries' numbers, where it is about entries.
    public var from: Int64?
    public var to: Int64?
    public var text: String

    init(_ kind: Kind, _ range: ClosedRange<Int64>?, _ text: (String) -> String) {
        self.kind = kind
        from = range?.lowerBound
        to = range?.upperBound
        self.text = text(
            range.map {
                $0.count == 1 ? "entry \($0.lowerBound)" : "entries \($0.lowerBound) to \($0.upperBound)"
            } ?? "")
    }
}

/// What came of looking through an audit log.
public struct AuditReport: Codable, Sendable, Hashable {
    /// The first and the last entry that is there; nil of an empty log.
    public var first: Int64?
    public var last: Int64?
    public var entries: Int
    /// The newest entry that a good signature stands for, and when it was signed (ISO 8601).
    public var signedTo: Int64?
    public var signedAt: String?
    /// The entry up to which older ones were cut, with a signature.
    public var cutTo: Int64?
    /// Entries of which nothing was said what they are about.
    public var withheld: Int
    /// Whether heads that are kept in the second location were compared.
    public var isCompared = false
    /// A thousand at most.
    public var findings: [AuditFinding]

    public var isWhole: Bool { findings.isEmpty }
}
