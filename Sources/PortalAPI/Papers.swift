/// What comes of asking for a meeting's papers on the join page.
public enum PaperAdmission: Sendable, Equatable {
    /// This point is invited to the meeting that goes on there, which is this sitting.
    case admitted(point: String, sitting: String)
    /// It is to prove itself: the value of `WWW-Authenticate`. `isWrong` where it tried to.
    case challenged(String, isWrong: Bool)
    /// No meeting goes on there to which it is invited.
    case nothing
}

/// `GET /join/{room}/papers`: those of the meeting that goes on there to which whoever asks is invited.
public struct JoinPapers: Codable, Sendable, Equatable {
    public var papers: [JoinPaper]
    /// Whoever asked has not proved yet who it is: what `WWW-Authenticate` would say (RFC 7616). Pages that only look whether
    /// there are papers are not refused.
    public var challenge: String?
    public init(papers: [JoinPaper] = [], challenge: String? = nil) {
        self.papers = papers
        self.challenge = challenge
    }
}

public struct JoinPaper: Codable, Sendable, Equatable {
    public var id: Int64
    public var name: String
    public var bytes: Int64
    /// It has scripts, macros or files within it, or may have.
    public var hasCode: Bool
    public init(id: Int64, name: String, bytes: Int64, hasCode: Bool = false) {
        self.id = id
        self.name = name
        self.bytes = bytes
        self.hasCode = hasCode
    }
}
