/// A meeting that was called together: what the Office's schedule says of it, handed to the rules when its rehearsal
/// begins.
public struct Convening: Hashable, Sendable, Codable {
    /// How much of a meeting may be known outside its list.
    public enum Confidentiality: String, Hashable, Sendable, CaseIterable, Codable {
        case ordinary
        /// Shown to its list and to those who manage meetings.
        case restricted
        /// State secret, *Mật*: nothing is recorded unless the chair orders it.
        case secret
        /// *Tối mật*: never recorded.
        case highlySecret = "highly-secret"
        /// *Tuyệt mật*: never recorded.
        case topSecret = "top-secret"

        /// Nobody outside the list sees anything of it, and no standing order of a room counts.
        public var isStateSecret: Bool { self == .secret || self == .highlySecret || self == .topSecret }
        /// Whether anybody may order it to be recorded.
        public var allowsRecording: Bool { self != .highlySecret && self != .topSecret }
    }

    /// Who leads the meeting: somebody known to the portal, somebody who sits at a point, or both.
    public struct Chair: Hashable, Sendable, Codable {
        public var point: PointID?
        public var person: PersonID?
        /// As it is shown.
        public var name: String
        public init(point: PointID?, person: PersonID?, name: String) {
            self.point = point
            self.person = person
            self.name = name
        }
    }

    /// A point of the agenda.
    public struct AgendaItem: Hashable, Sendable, Codable {
        public var title: String
        /// Where its speaker sits, as far as that is known.
        public var point: PointID?
        /// What is planned for it; nil for no limit.
        public var time: Duration?
        public init(title: String, point: PointID? = nil, time: Duration? = nil) {
            self.title = title
            self.point = point
            self.time = time
        }
    }

    public var id: ConveningID
    public var room: RoomID
    public var title: String
    /// From then on the invited points are let in to rehearse; nothing is recorded of that.
    public var rehearsalFrom: WallTime
    public var opensAt: WallTime
    /// When it is planned to end. A meeting that lasts longer goes on.
    public var endsAt: WallTime
    public var chair: Chair?
    /// In the order of protocol. Nobody else is let in.
    public var invited: [PointID]
    /// Of those invited, the ones without which the meeting is not complete.
    public var required: Set<PointID>
    public var confidentiality: Confidentiality
    /// Given with the convening; nil where the chair is to order it in the meeting.
    public var recordingOrder: Conference.RecordingOrder?
    /// In order.
    public var agenda: [AgendaItem]
    /// Who called it together, and the document by which; the rules do not look at them.
    public var convener: String?
    public var document: String?

    public init(
        id: ConveningID, room: RoomID, title: String, rehearsalFrom: WallTime, opensAt: WallTime, endsAt: WallTime,
        chair: Chair? = nil, invited: [PointID], required: Set<PointID> = [],
        confidentiality: Confidentiality = .ordinary, recordingOrder: Conference.RecordingOrder? = nil,
        agenda: [AgendaItem] = [], convener: String? = nil, document: String? = nil
    ) {
        self.id = id
        self.room = room
        self.title = title
        self.rehearsalFrom = rehearsalFrom
        self.opensAt = opensAt
        self.endsAt = endsAt
        self.chair = chair
        self.invited = invited
        self.required = required
        self.confidentiality = confidentiality
        self.recordingOrder = recordingOrder
        self.agenda = agenda
        self.convener = convener
        self.document = document
    }
}

extension Convening {
    /// Whom the meeting lets in: who is invited, and the chair.
    var points: [PointID] {
        var seen: Set<PointID> = []
        let all = chair?.point.map { invited.contains($0) ? invited : [$0] + invited } ?? invited
        return all.filter { seen.insert($0).inserted }
    }
}

/// One sitting of a scheduled meeting; of a repeated one each has its own.
public struct ConveningID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Somebody known to the portal.
public struct PersonID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}
