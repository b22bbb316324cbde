import Foundation

/// What a rehearsal looks at, at each point.
public enum RehearsalCheck: String, Codable, Hashable, Sendable, CaseIterable {
    case equipment, line, sound, picture
}

/// What became of a point's rehearsal for one sitting.
public struct PointRehearsal: Codable, Hashable, Sendable {
    public struct Result: Codable, Hashable, Sendable {
        public var isPassed: Bool
        /// What was measured, or what is wrong.
        public var note: String
        public var by: String
        public var at: Date
        public init(isPassed: Bool, note: String, by: String, at: Date) {
            self.isPassed = isPassed
            self.note = note
            self.by = by
            self.at = at
        }
    }

    /// A named officer takes the point as it is.
    public struct Waiver: Codable, Hashable, Sendable {
        public var officer: String
        public var reason: String
        public var at: Date
        public init(officer: String, reason: String, at: Date) {
            self.officer = officer
            self.reason = reason
            self.at = at
        }
    }

    /// The latest of each check.
    public var results: [String: Result]
    public var waiver: Waiver?
    /// Who stays at the point.
    public var technician: String?

    public init(results: [String: Result] = [:], waiver: Waiver? = nil, technician: String? = nil) {
        self.results = results
        self.waiver = waiver
        self.technician = technician
    }

    public subscript(check: RehearsalCheck) -> Result? {
        get { results[check.rawValue] }
        set { results[check.rawValue] = newValue }
    }
}

/// Whether a sitting may begin: red until every required point passed every check, or was waived.
public struct RehearsalGate: Codable, Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case passed, waived
        /// A check is still to come.
        case open
        case failed
    }

    public struct Point: Codable, Hashable, Sendable {
        public var point: String
        public var necessity: ScheduledMeeting.Necessity
        public var state: State
        public var rehearsal: PointRehearsal
    }

    /// In the order of the invitation.
    public var points: [Point]
    public var isGreen: Bool

    public init(invited: [ScheduledMeeting.Invitee], rehearsals: [String: PointRehearsal]) {
        points = invited.map { invitee in
            let rehearsal = rehearsals[invitee.point] ?? PointRehearsal()
            return Point(
                point: invitee.point, necessity: invitee.necessity, state: Self.state(rehearsal), rehearsal: rehearsal)
        }
        isGreen = points.allSatisfy {
            $0.necessity == .optional || $0.state == .passed || $0.state == .waived
        }
    }

    private static func state(_ rehearsal: PointRehearsal) -> State {
        let results = RehearsalCheck.allCases.map { rehearsal[$0] }
        if results.allSatisfy({ $0?.isPassed == true }) { return .passed }
        if rehearsal.waiver != nil { return .waived }
        return results.contains { $0?.isPassed == false } ? .failed : .open
    }
}
