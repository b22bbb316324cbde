/// What a join guide says of the bridge: the live configuration, as endpoints meet it.
public struct GuideSite: Hashable, Sendable {
    public enum Transport: String, Hashable, Sendable { case udp, tcp, tls, wss }

    /// Where SIP is heard, as points are told.
    public struct Entrance: Hashable, Sendable {
        public var transport: Transport
        public var host: String
        public var port: UInt16
        /// Lets calls in whose media is not encrypted.
        public var allowsClearMedia: Bool
        public init(transport: Transport, host: String, port: UInt16, allowsClearMedia: Bool = false) {
            self.transport = transport
            self.host = host
            self.port = port
            self.allowsClearMedia = allowsClearMedia
        }

        /// The host as it stands in a URI (RFC 3986 §3.2.2).
        var uriHost: String { host.contains(":") ? "[\(host)]" : host }
        /// The route for requests, for example `sip:hop.example.vn:5061;transport=tls`.
        var route: String { "sip:\(uriHost):\(port);transport=\(transport.rawValue)" }
    }

    /// By what the bridge's certificate is trusted.
    public enum Trust: Hashable, Sendable {
        /// The site's own CA: endpoints must be given its certificate, whose SHA-256 this is, in hexadecimal digits.
        case ownAuthority(fingerprint: String)
        /// A certificate that the site brought, from an authority that endpoints know.
        case known
    }

    public var domain: String
    public var entrances: [Entrance]
    /// Under which browsers reach the portal, without a slash at its end; nil where it serves none.
    public var portalURL: String?
    public var trust: Trust
    /// UDP ports of sound and picture, and where they are.
    public var mediaHost: String
    public var mediaPorts: ClosedRange<UInt16>
    /// The user part of the address that checks a line.
    public var lineCheck: String
    /// The number by which plain telephones come in through a gateway; nil where there is none.
    public var telephoneNumber: String?
    /// Who helps, with telephone; empty where nobody is named.
    public var support: String

    public init(
        domain: String, entrances: [Entrance], portalURL: String?, trust: Trust, mediaHost: String,
        mediaPorts: ClosedRange<UInt16>, lineCheck: String = "kiemtra", telephoneNumber: String? = nil,
        support: String = ""
    ) {
        self.domain = domain
        self.entrances = entrances
        self.portalURL = portalURL
        self.trust = trust
        self.mediaHost = mediaHost
        self.mediaPorts = mediaPorts
        self.lineCheck = lineCheck
        self.telephoneNumber = telephoneNumber
        self.support = support
    }

    /// The best way in for a SIP endpoint: encrypted before connected before neither.
    var entrance: Entrance? {
        [.tls, .tcp, .udp].lazy.compactMap { transport in entrances.first { $0.transport == transport } }.first
    }

    var authorityURL: String? { portalURL.map { $0 + "/ca.pem" } }
    func address(of user: String) -> String { "sip:\(user)@\(domain)" }
}

/// What a guide says of the point that it is for.
public struct GuidePoint: Hashable, Sendable {
    public struct Room: Hashable, Sendable {
        public var id: String
        public var title: String
        public init(id: String, title: String) {
            self.id = id
            self.title = title
        }
    }

    public var id: String
    public var name: String
    public var unit: String?
    /// The user part of its account.
    public var username: String
    /// The officer who answers for it, with telephone; empty where nobody is named.
    public var officer: String
    /// Those that let it in.
    public var rooms: [Room]

    public init(
        id: String, name: String, unit: String? = nil, username: String, officer: String = "", rooms: [Room] = []
    ) {
        self.id = id
        self.name = name
        self.unit = unit
        self.username = username
        self.officer = officer
        self.rooms = rooms
    }
}

/// What a point joins by.
public enum GuideDevice: String, Codable, Hashable, Sendable, CaseIterable {
    case roomSystem = "room-system"
    case computer
    /// Phone or tablet, Android or iOS.
    case linphone
    case browser, telephone

    /// Also by the names that the register of devices has.
    public init?(name: String) {
        switch name {
        case "phone", "tablet", "android", "ios": self = .linphone
        default: self.init(rawValue: name)
        }
    }

    /// It can be set up by an address that it fetches.
    public var takesProvisioning: Bool { self == .computer || self == .linphone }

    func title(_ language: Language) -> String {
        switch self {
        case .roomSystem: language.say("Thiết bị phòng họp (SIP)", "Room system (SIP)")
        case .computer:
            language.say("Máy tính Windows hoặc macOS, phần mềm Linphone", "Windows or macOS computer, Linphone")
        case .linphone:
            language.say(
                "Điện thoại hoặc máy tính bảng (Android, iOS), Linphone", "Phone or tablet (Android, iOS), Linphone")
        case .browser: language.say("Trình duyệt", "Browser")
        case .telephone: language.say("Điện thoại thường", "Plain telephone")
        }
    }
}
