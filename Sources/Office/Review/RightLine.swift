import Foundation

/// One who has a right, as a review of access has it: an account, a token, a point's account, or a grant over a recording.
public struct RightLine: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable { case person, token, point, grant }

    public var kind: Kind
    public var id: String
    public var name: String
    /// Of a person or a point: the unit; of a grant: the agency.
    public var agency: String?
    public var roles: [Role]
    /// Of a token; nil for all that its role may.
    public var scopes: [TokenScope]?
    /// Over which recording.
    public var recording: String?
    public var endsAt: Date?
    /// `locked`, `dormant`, `unused`, `fixed` (the configuration file's); nil where nothing is to be said.
    public var state: String?
    public var lastUsedAt: Date?

    public init(
        kind: Kind, id: String, name: String, agency: String? = nil, roles: [Role] = [],
        scopes: [TokenScope]? = nil, recording: String? = nil, endsAt: Date? = nil, state: String? = nil,
        lastUsedAt: Date? = nil
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.agency = agency
        self.roles = roles
        self.scopes = scopes
        self.recording = recording
        self.endsAt = endsAt
        self.state = state
        self.lastUsedAt = lastUsedAt
    }

    /// The right itself, whether or not it was used since.
    public var right: RightLine {
        var line = self
        line.state = nil
        line.lastUsedAt = nil
        return line
    }
}

/// What became of a right since the last review.
public struct ReviewedRight: Codable, Hashable, Sendable {
    public enum Change: String, Codable, Hashable, Sendable, CaseIterable { case same, new, changed, gone }

    public var line: RightLine
    public var change: Change

    public init(line: RightLine, change: Change) {
        self.line = line
        self.change = change
    }

    private struct Key: Hashable {
        var kind: RightLine.Kind
        var id: String
    }

    /// Those of now, and those of the last review that are no more.
    public static func compare(_ now: [RightLine], with before: [RightLine]) -> [ReviewedRight] {
        let old = Dictionary(before.map { (Key(kind: $0.kind, id: $0.id), $0) }) { first, _ in first }
        let present = Set(now.map { Key(kind: $0.kind, id: $0.id) })
        return now.map { line in
            guard let earlier = old[Key(kind: line.kind, id: line.id)] else { return .init(line: line, change: .new) }
            return .init(line: line, change: earlier.right == line.right ? .same : .changed)
        }
            + before.filter { !present.contains(Key(kind: $0.kind, id: $0.id)) }.map {
                .init(line: $0, change: .gone)
            }
    }
}
