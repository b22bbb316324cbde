/// A paper of a meeting that is kept outside of its package.
public struct KeptPaper: Codable, Sendable, Hashable {
    /// Whoever keeps it knows it by this.
    public var id: Int64
    public var name: String
    public var octets: Int64
    public var sha256: String

    public init(id: Int64, name: String, octets: Int64, sha256: String) {
        self.id = id
        self.name = name
        self.octets = octets
        self.sha256 = sha256
    }
}

/// Who keeps papers of meetings outside of their packages: they are destroyed with the meeting, and its certificate names them.
public protocol PaperKeeper: Sendable {
    /// What is kept for this meeting alone, and for no other that was not destroyed or is still to be.
    func papers(keptFor meeting: MeetingRecord) async throws -> [KeptPaper]
    /// Destroys them; one that is gone already is no fault.
    func destroy(_ papers: [KeptPaper], of meeting: MeetingRecord) async throws
}
