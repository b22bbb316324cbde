import SIP

/// Whose streams a trunk's call carries: the header `Causeway-Trunk` of its INVITE, which means something only from the
/// trunks' own account and is refused from everybody else. It is an address, `<sip:POINT@DOMAIN>`, with the parameters
/// `course`, `bridge`, `origin` and `participant`.
public struct TrunkSubject: Sendable, Hashable {
    public enum Course: String, Sendable, Hashable {
        /// From the bridge that has the point to the one that leads the room.
        case toHome = "home"
        /// From the bridge that leads the room to one at which others sit.
        case toBranch = "branch"
    }

    public var course: Course
    /// The bridge that calls.
    public var bridge: String
    /// The bridge that has the point's own call, and the number that it gave it.
    public var origin: String
    public var participant: UInt64
    /// The point, as the register has it.
    public var point: String

    public init(course: Course, bridge: String, origin: String, participant: UInt64, point: String) {
        self.course = course
        self.bridge = bridge
        self.origin = origin
        self.participant = participant
        self.point = point
    }

    private static let mostOctets = 1_024
    private static let longestBridge = 64
    private static let longestPoint = 256

    /// Nil where the header is missing, given twice, or not whole.
    init?(_ headers: SIPHeaders) {
        let values = headers.values(.trunk)
        guard values.count == 1, values[0].utf8.count <= Self.mostOctets,
            let address = try? NameAddress(parsing: values[0]), let point = address.uri.user,
            (1...Self.longestPoint).contains(point.utf8.count),
            let course = address.parameters["course"].flatMap(Course.init(rawValue:)),
            let bridge = address.parameters["bridge"], Self.isName(bridge),
            let origin = address.parameters["origin"], Self.isName(origin),
            let participant = address.parameters["participant"], participant.utf8.allSatisfy({ $0.isDigit }),
            let number = UInt64(participant)
        else { return nil }
        self.init(course: course, bridge: bridge, origin: origin, participant: number, point: point)
    }

    func headerValue(domain: String) -> String {
        var address = NameAddress(.sip(SIPURI(user: point, host: domain)))
        address.parameters["course"] = course.rawValue
        address.parameters["bridge"] = bridge
        address.parameters["origin"] = origin
        address.parameters["participant"] = String(participant)
        return address.description
    }

    private static func isName(_ text: String) -> Bool {
        (1...longestBridge).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isDigit || $0.isLetter || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}

extension SIPHeaderName {
    static let trunk = SIPHeaderName("Causeway-Trunk")
}
