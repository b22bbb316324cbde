/// A connection point, as the register has it at some time. It has one account, which is not shared.
public struct PointEntry: Codable, Hashable, Sendable, Identifiable {
    /// What a point joins by; join guides are written for each.
    public enum Device: String, Codable, Hashable, Sendable, CaseIterable {
        case roomSystem = "room-system"
        case computer, tablet, phone, browser, telephone

        /// Carried about, and so on a mobile line.
        public var isMobile: Bool { self == .tablet || self == .phone }
    }

    /// The line of a tablet or phone.
    public enum MobileLine: Codable, Hashable, Sendable {
        /// By a 4G SIM that the Office issued.
        case issuedSIM
        /// By another, for this reason.
        case exception(reason: String)
    }

    /// In degrees (WGS 84); for the kilometres that a meeting saved.
    public struct Coordinates: Codable, Hashable, Sendable {
        public var latitude: Double
        public var longitude: Double
        public init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }
        var areOnEarth: Bool { (-90...90).contains(latitude) && (-180...180).contains(longitude) }
    }

    public var id: String
    public var name: String
    public var unit: String?
    /// The officer who answers for it, by name.
    public var officer: String
    /// The officer's.
    public var telephone: String
    /// The user part of its SIP account.
    public var username: String
    public var devices: Set<Device>
    /// Place in the order of protocol, as ``UnitEntry/order``.
    public var order: Int
    /// A SIP URI at which it is called when it has not registered.
    public var address: String?
    public var mobileLine: MobileLine?
    public var place: String?
    public var coordinates: Coordinates?

    public init(
        id: String, name: String, unit: String? = nil, officer: String = "", telephone: String = "",
        username: String? = nil, devices: Set<Device> = [], order: Int = 0, address: String? = nil,
        mobileLine: MobileLine? = nil, place: String? = nil, coordinates: Coordinates? = nil
    ) {
        self.id = id
        self.name = name
        self.unit = unit
        self.officer = officer
        self.telephone = telephone
        self.username = username ?? id
        self.devices = devices
        self.order = order
        self.address = address
        self.mobileLine = mobileLine
        self.place = place
        self.coordinates = coordinates
    }

    /// It is on a mobile device without an issued SIM: allowed, but shown.
    public var isOnForeignSIM: Bool {
        devices.contains(where: \.isMobile) && mobileLine != .issuedSIM
    }
}
