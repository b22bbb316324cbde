import Evidence

/// Where the journal ends: its newest line and that line's hash.
struct JournalTip: Hashable, Sendable {
    var number: Int64
    var hash: String

    /// Of a journal without a line.
    static let none = JournalTip(number: 0, hash: Ledger.genesis)
}
