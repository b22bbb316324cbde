extension Conference {
    /// Who and what there is: the site's units, points and rooms, in the order of protocol.
    public struct Register: Hashable, Sendable {
        public let units: [Unit]
        public let points: [Point]
        public let rooms: [Room]
        private let unitIndex: [UnitID: Int]
        private let pointIndex: [PointID: Int]
        private let roomIndex: [RoomID: Int]

        /// Of entries with the same id the first counts.
        public init(units: [Unit], points: [Point], rooms: [Room]) {
            self.units = units
            self.points = points
            self.rooms = rooms
            unitIndex = Dictionary(zip(units.map(\.id), units.indices)) { first, _ in first }
            pointIndex = Dictionary(zip(points.map(\.id), points.indices)) { first, _ in first }
            roomIndex = Dictionary(zip(rooms.map(\.id), rooms.indices)) { first, _ in first }
        }

        public func unit(_ id: UnitID) -> Unit? { unitIndex[id].map { units[$0] } }
        public func point(_ id: PointID) -> Point? { pointIndex[id].map { points[$0] } }
        public func room(_ id: RoomID) -> Room? { roomIndex[id].map { rooms[$0] } }

        /// The points that a meeting in `room` waits for, in the order of protocol; none where the room admits whoever is
        /// in the register and nobody convened the meeting.
        func expected(in room: Room, _ convening: Convening?) -> [Point] {
            if let convening { return convening.points.compactMap(point) }
            guard case .points(let invited) = room.admits else { return [] }
            return points.filter { invited.contains($0.id) }
        }
    }

    /// An agency.
    public struct Unit: Hashable, Sendable {
        public var id: UnitID
        public var name: String
        public init(id: UnitID, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// A connection point as the Office knows it. Its name is shown everywhere; what SIP claims is not.
    public struct Point: Hashable, Sendable {
        public var id: PointID
        public var name: String
        public var unit: UnitID?
        /// How many calls it may have at once; one more takes the place of its oldest.
        public var maximumCalls: Int
        /// It brings plain telephones in: who calls by it gives the room's PIN, where there is one.
        public var isTelephone: Bool
        public init(
            id: PointID, name: String, unit: UnitID? = nil, maximumCalls: Int = 1, isTelephone: Bool = false
        ) {
            self.id = id
            self.name = name
            self.unit = unit
            self.maximumCalls = maximumCalls
            self.isTelephone = isTelephone
        }
    }

    /// Where meetings are held.
    public struct Room: Hashable, Sendable {
        public enum Admission: Hashable, Sendable {
            /// Every point of the register.
            case all
            case points(Set<PointID>)

            func admits(_ point: PointID) -> Bool {
                switch self {
                case .all: true
                case .points(let invited): invited.contains(point)
                }
            }
        }
        public enum Door: Hashable, Sendable { case open, closed }

        public var id: RoomID
        public var title: String
        public var admits: Admission
        public var door: Door
        /// The order under which each meeting here is recorded; without one nothing reaches the disk.
        public var standingOrder: RecordingOrder?
        /// How long a meeting waits, once the last point left, before it closes.
        public var linger: Duration
        public var maximumParticipants: Int
        /// How the microphones of points stand that join.
        public var microphones: Microphone
        /// What telephones are asked for; nil for nothing.
        public var pin: String?
        /// Who leads meetings here that nobody convened.
        public var chair: PointID?
        /// A point that drops is called back at once.
        public var callsBack: Bool

        public init(
            id: RoomID, title: String, admits: Admission = .all, door: Door = .open,
            standingOrder: RecordingOrder? = nil, linger: Duration = .seconds(60), maximumParticipants: Int = 500,
            microphones: Microphone = .muted, pin: String? = nil, chair: PointID? = nil, callsBack: Bool = false
        ) {
            self.id = id
            self.title = title
            self.admits = admits
            self.door = door
            self.standingOrder = standingOrder
            self.linger = linger
            self.maximumParticipants = maximumParticipants
            self.microphones = microphones
            self.pin = pin
            self.chair = chair
            self.callsBack = callsBack
        }
    }

    /// The decision without which nothing is recorded.
    public struct RecordingOrder: Hashable, Sendable, Codable {
        public enum Scope: String, Hashable, Sendable, Codable { case wholeMeeting = "whole-meeting" }
        /// Who decided.
        public var orderedBy: String
        /// Number and date of the document that says so.
        public var document: String
        public var scope: Scope
        public init(orderedBy: String, document: String, scope: Scope = .wholeMeeting) {
            self.orderedBy = orderedBy
            self.document = document
            self.scope = scope
        }
    }
}
