/// `a=ice-ufrag` and `a=ice-pwd`: by what connectivity checks are known (RFC 8839 §5.4). The password is not printed.
public struct ICECredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    public let usernameFragment: String
    public let password: String

    /// nil unless both are of the characters and lengths of the RFC: 4...256 and 22...256 letters, digits, "+" or "/".
    public init?(usernameFragment: String, password: String) {
        guard Self.isText(usernameFragment, 4...256), Self.isText(password, 22...256) else { return nil }
        self.usernameFragment = usernameFragment
        self.password = password
    }

    private static func isText(_ text: String, _ lengths: ClosedRange<Int>) -> Bool {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy(\.isICECharacter)
    }

    public var description: String { "ICE \(usernameFragment) (password secret)" }
    public var debugDescription: String { description }

    var attributes: [SDPAttribute] {
        [SDPAttribute("ice-ufrag", usernameFragment), SDPAttribute("ice-pwd", password)]
    }
}

/// `a=candidate`: a way by which somebody may be reached (RFC 8839 §5.1). Read whatever its kind; the bridge, being
/// lite, writes host candidates.
public struct ICECandidate: Sendable, Hashable {
    /// 1 to 32 characters; candidates of one kind, base and server share it.
    public var foundation: String
    /// 1 for RTP, and RTCP with it where they are multiplexed; 2 for RTCP.
    public var component: UInt16
    /// Lower case: "udp", "tcp".
    public var transport: String
    public var priority: UInt32
    /// A number, or a name, as browsers have that do not tell their address ("….local").
    public var address: String
    public var port: UInt16
    /// Lower case: "host", "srflx", "prflx", "relay", or one that is not known.
    public var kind: String
    /// What follows, in pairs of a name and a value: "raddr", "rport", "tcptype", "generation" …
    public var extensions: [Extension] = []

    public struct Extension: Sendable, Hashable {
        public var name: String
        public var value: String
    }

    public init(
        foundation: String, component: UInt16 = 1, priority: UInt32, address: String, port: UInt16,
        kind: String = "host"
    ) {
        self.foundation = foundation
        self.component = component
        transport = "udp"
        self.priority = priority
        self.address = address
        self.port = port
        self.kind = kind
    }

    /// nil when malformed.
    public init?(parsing value: String) {
        let words = value.words
        guard words.count >= 8, words.count <= 64, words[6].isSameIgnoringCase("typ"),
            (1...32).contains(words[0].utf8.count), words[0].utf8.allSatisfy(\.isICECharacter),
            let component = UInt16(words[1]), (1...256).contains(component), let priority = UInt32(words[3]),
            words[4].utf8.count <= 255, let port = UInt16(words[5])
        else { return nil }
        foundation = String(words[0])
        self.component = component
        transport = words[2].lowercased()
        self.priority = priority
        address = String(words[4])
        self.port = port
        kind = words[7].lowercased()
        var index = 8
        while index + 1 < words.count {
            extensions.append(Extension(name: String(words[index]), value: String(words[index + 1])))
            index += 2
        }
    }

    public var value: String {
        let fixed = "\(foundation) \(component) \(transport) \(priority) \(address) \(port) typ \(kind)"
        return ([fixed] + extensions.map { "\($0.name) \($0.value)" }).joined(separator: " ")
    }

    /// A name that only the peer's own network can resolve (draft-ietf-mmusic-mdns-ice-candidates).
    public var isHidden: Bool { address.utf8.count > 6 && address.suffix(6).isSameIgnoringCase(".local") }

    /// Media may go there: RTP over UDP, to an address in numbers.
    public var isUsable: Bool {
        component == 1 && transport == "udp" && port != 0
            && SDPConnection(address: address).isNumeric && !SDPConnection(address: address).isUnspecified
    }

    /// Of a host candidate with the `rank`th address, the best being 0 (RFC 8445 §5.1.2).
    static func hostPriority(rank: Int, component: UInt16) -> UInt32 {
        let preference = UInt32(65_535 &- min(max(rank, 0), 65_535))
        return 126 << 24 | preference << 8 | UInt32(256 &- min(component, 256))
    }
}

extension UInt8 {
    /// ice-char (RFC 8839 §5.1).
    var isICECharacter: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
    }
}

extension SDPConnection {
    /// Looks like an address rather than a name: digits and points, or with colons.
    var isNumeric: Bool {
        isIPv6 || address.utf8.contains(UInt8(ascii: ":"))
            || !address.isEmpty && address.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
    }
}

extension MediaDescription {
    static let maximumCandidates = 64

    /// Those that can be read, in order; a line that cannot is as if it were not there.
    public var candidates: [ICECandidate] {
        attributes.all("candidate").prefix(Self.maximumCandidates).compactMap { ICECandidate(parsing: $0) }
    }
    public var hasAllCandidates: Bool { attributes.first("end-of-candidates") != nil }
}

/// What a description says of ICE for one m-line.
struct PeerICE {
    var credentials: ICECredentials
    var candidates: [ICECandidate]
    var isLite: Bool
    /// More candidates may come by other messages (RFC 8840 §4.1).
    var trickles: Bool
    /// Somebody on the way changed the address, so that ICE is off (RFC 8839 §5.3).
    var hasMismatch: Bool

    /// nil without credentials. `tagged` is the m-line of the BUNDLE that has the transport's attributes, if not this.
    init?(_ media: MediaDescription, tagged: MediaDescription?, of session: SessionDescription) {
        let levels = [media.attributes, tagged?.attributes ?? [], session.attributes]
        let first = { (name: String) in levels.lazy.compactMap { $0.first(name) }.first }
        guard let fragment = first("ice-ufrag"), let password = first("ice-pwd"),
            let credentials = ICECredentials(usernameFragment: fragment, password: password)
        else { return nil }
        self.credentials = credentials
        let own = media.candidates
        candidates = own.isEmpty ? tagged?.candidates ?? [] : own
        isLite = session.attributes.first("ice-lite") != nil
        trickles = levels.contains { $0.all("ice-options").contains { $0.words.contains("trickle") } }
        hasMismatch = media.attributes.first("ice-mismatch") != nil
    }

    /// The address that media would have without ICE is none of the candidates (RFC 8839 §4.2.5): whoever put itself
    /// between wants to be sent the media. Names and placeholders tell nothing.
    func contradicts(address: String, port: UInt16) -> Bool {
        let told = SDPConnection(address: address)
        guard !candidates.isEmpty, port != 0, port != 9, told.isNumeric, !told.isUnspecified,
            !candidates.contains(where: \.isHidden)
        else { return false }
        return !candidates.contains { $0.address.isSameIgnoringCase(address) && $0.port == port }
    }

    /// Where to send when nobody checks (RFC 8445 §8.1.2: the candidate of the highest priority).
    func best(isIPv6: Bool) -> ICECandidate? {
        let usable = candidates.filter(\.isUsable)
        let sameFamily = usable.filter { SDPConnection(address: $0.address).isIPv6 == isIPv6 }
        return sameFamily.max { $0.priority < $1.priority }
    }
}
