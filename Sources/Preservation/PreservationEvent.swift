import Foundation

/// A program and its version.
public struct PreservationProgram: Hashable, Sendable {
    public var name: String
    /// Empty where nobody knows.
    public var version: String
    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    /// `Causeway 1.2`, or a name alone; nil of nothing.
    public init?(_ text: String?) {
        guard let parts = text?.split(separator: " ", maxSplits: 1), let first = parts.first else { return nil }
        self.init(name: String(first), version: parts.count > 1 ? String(parts[1]) : "")
    }
}

/// Who or what did something to the material (PREMIS 3.0 §3).
public struct PreservationAgent: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case software, person, organization }
    /// Unlike that of every other agent of the dossier.
    public var id: String
    public var kind: Kind
    public var name: String
    public var version: String?

    public init(id: String, kind: Kind, name: String, version: String? = nil) {
        self.id = id
        self.kind = kind
        self.name = name
        self.version = version
    }
}

/// What was done to the material (PREMIS 3.0 §2).
public struct PreservationEvent: Hashable, Sendable {
    /// Of the Library of Congress's vocabulary: `creation`, `message digest calculation`, `migration`, …
    public var type: String
    public var at: Date
    public var detail: String?
    /// `success`, `failure`, `warning`.
    public var outcome: String?
    public var note: String?
    /// Agents and what they were in it: `executing program`, `implementer`, `authorizer`.
    public var agents: [Link]
    /// Paths of the dossier's files and what they were in it: `source`, `outcome`.
    public var objects: [Link]

    public struct Link: Hashable, Sendable {
        public var id: String
        public var role: String
        public init(_ id: String, role: String) {
            self.id = id
            self.role = role
        }
    }

    public init(
        type: String, at: Date, detail: String? = nil, outcome: String? = nil, note: String? = nil,
        agents: [Link] = [], objects: [Link] = []
    ) {
        self.type = type
        self.at = at
        self.detail = detail
        self.outcome = outcome
        self.note = note
        self.agents = agents
        self.objects = objects
    }
}
