/// A room, as the register has it at some time.
public struct RoomEntry: Codable, Hashable, Sendable, Identifiable {
    /// The decision by which every meeting in it is recorded.
    public struct StandingOrder: Codable, Hashable, Sendable {
        public var orderedBy: String
        /// Its number and date.
        public var document: String
        public init(orderedBy: String, document: String) {
            self.orderedBy = orderedBy
            self.document = document
        }
    }

    /// The user part of its SIP address.
    public var id: String
    public var title: String
    public var isOpen: Bool
    /// Who comes in while no meeting is convened there: nil for every point of the register.
    public var points: Set<String>?
    public var standingOrder: StandingOrder?
    /// How long a meeting waits for somebody to come back once the last point left.
    public var lingerSeconds: Double
    public var maximumPoints: Int
    /// The document that declares the cipher service's line of this room. Without one no state secret is spoken in it.
    public var cipherLine: String?
    /// Points join with open microphones; otherwise the chair opens them.
    public var opensMicrophones: Bool?
    /// The point that leads meetings here which nobody convened.
    public var chair: String?
    /// Whether a point that drops is called back at once; it is where nothing is said.
    public var callsBack: Bool?
    /// The code of the class in the retention table that meetings here have; the standard one where nothing is said.
    public var retentionClass: String?

    public init(
        id: String, title: String, isOpen: Bool = true, points: Set<String>? = nil,
        standingOrder: StandingOrder? = nil, lingerSeconds: Double = 60, maximumPoints: Int = 200,
        cipherLine: String? = nil
    ) {
        self.id = id
        self.title = title
        self.isOpen = isOpen
        self.points = points
        self.standingOrder = standingOrder
        self.lingerSeconds = lingerSeconds
        self.maximumPoints = maximumPoints
        self.cipherLine = cipherLine
    }
}

/// What telephones are asked for by a room. It stands in no list and no journal.
public enum RoomPIN {
    public enum Fault: OfficeFault {
        case invalid
        public var words: Words { Words("Mã PIN gồm 4 đến 16 chữ số.", "A PIN is 4 to 16 digits.") }
    }

    public static func check(_ pin: String) throws(Fault) {
        guard (4...16).contains(pin.utf8.count), pin.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .invalid
        }
    }
}
