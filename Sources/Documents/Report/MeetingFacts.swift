import Foundation

/// What is known of a meeting beside its events: from the catalogue, the register, the schedule.
public struct MeetingFacts: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        public var id: String
        public var name: String
        public var unit: String?
        /// It was invited.
        public var isExpected: Bool
        public var place: Coordinates?
        public init(id: String, name: String, unit: String? = nil, isExpected: Bool = false, place: Coordinates? = nil)
        {
            self.id = id
            self.name = name
            self.unit = unit
            self.isExpected = isExpected
            self.place = place
        }
    }

    public struct Note: Hashable, Sendable {
        public var at: Date
        public var text: String
        public init(at: Date, text: String) {
            self.at = at
            self.text = text
        }
    }

    public var id: String
    public var title: String
    public var room: String
    public var convener: String?
    public var document: String?
    public var chair: String?
    public var openedAt: Date
    public var closedAt: Date?
    public var closeReason: String?
    /// In the order of protocol.
    public var points: [Point]
    /// Warnings and faults.
    public var notes: [Note]
    /// Where the room is.
    public var place: Coordinates?
    /// A notice of its conclusions is ordered.
    public var ordersConclusionNotice: Bool

    public init(
        id: String, title: String, room: String, convener: String? = nil, document: String? = nil,
        chair: String? = nil, openedAt: Date, closedAt: Date? = nil, closeReason: String? = nil,
        points: [Point] = [], notes: [Note] = [], place: Coordinates? = nil,
        ordersConclusionNotice: Bool = true
    ) {
        self.id = id
        self.title = title
        self.room = room
        self.convener = convener
        self.document = document
        self.chair = chair
        self.openedAt = openedAt
        self.closedAt = closedAt
        self.closeReason = closeReason
        self.points = points
        self.notes = notes
        self.place = place
        self.ordersConclusionNotice = ordersConclusionNotice
    }
}

/// A place on earth, in degrees (WGS 84).
public struct Coordinates: Hashable, Sendable {
    public var latitude: Double
    public var longitude: Double

    /// Nil where there is no such place.
    public init?(latitude: Double, longitude: Double) {
        guard (-90...90).contains(latitude), (-180...180).contains(longitude) else { return nil }
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Along the great circle (haversine formula), on a sphere of the earth's mean radius.
    public func kilometres(to other: Coordinates) -> Double {
        let radians = Double.pi / 180
        let latitudes = sin((other.latitude - latitude) * radians / 2)
        let longitudes = sin((other.longitude - longitude) * radians / 2)
        let chord =
            latitudes * latitudes
            + cos(latitude * radians) * cos(other.latitude * radians) * longitudes * longitudes
        return 2 * 6371.0088 * asin(min(1, chord.squareRoot()))
    }
}
