/// What bridges tell each other of a point, in the call by which it is projected: the first line says what it is, each
/// further one has a word and what belongs to it. Lines whose word is not known are passed over, so that bridges of two
/// versions understand each other.
public enum TrunkOrder: Hashable, Sendable {
    /// The home's word on how the point stands. The last one counts.
    case stand(TrunkStanding)
    /// The home has the point leave, for this reason. A call that ends without it ended because the home is gone.
    case end(reason: String)
    /// The point is to hear recordings of these keys, one after another.
    case say([String])
    /// It heard them to their end.
    case heard([String])
    /// It pressed a key other than in its sound.
    case key(Character)

    /// Octets of an order at most, and what of it there may be.
    public static let mostOctets = 4_096
    static let mostLines = 32
    static let mostWords = 32
    static let longestReason = 64

    public var text: String {
        switch self {
        case .stand(let standing): (["stand"] + standing.lines).joined(separator: "\n")
        case .end(let reason): "end\nreason \(reason.percentEncoded)"
        case .say(let keys): "say\nkeys \(keys.map(\.percentEncoded).joined(separator: " "))"
        case .key(let key): "key\nkey \(String(key).percentEncoded)"
        case .heard(let keys): "heard\nkeys \(keys.map(\.percentEncoded).joined(separator: " "))"
        }
    }

    /// Nil for a text that is no order.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.mostOctets else { return nil }
        let lines = text.split(maxSplits: Self.mostLines, whereSeparator: \.isNewline)
        guard let first = lines.first, lines.count <= Self.mostLines else { return nil }
        var fields: [String: [String]] = [:]
        for line in lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: Self.mostWords, omittingEmptySubsequences: true)
            guard let word = words.first, words.count <= Self.mostWords else { return nil }
            let rest = words.dropFirst().map { String($0).percentDecoded }
            // Said twice, it is not said.
            guard !rest.contains(nil), fields.updateValue(rest.compactMap(\.self), forKey: String(word)) == nil else {
                return nil
            }
        }
        switch first {
        case "stand":
            guard let standing = TrunkStanding(fields) else { return nil }
            self = .stand(standing)
        case "end":
            guard let reason = fields["reason"]?.first, reason.utf8.count <= Self.longestReason else { return nil }
            self = .end(reason: reason)
        case "say", "heard":
            guard let keys = fields["keys"], !keys.isEmpty else { return nil }
            self = first == "say" ? .say(keys) : .heard(keys)
        case "key":
            guard let text = fields["key"]?.first, let key = text.first, text.count == 1,
                "0123456789*#ABCD".contains(key)
            else { return nil }
            self = .key(key)
        default: return nil
        }
    }
}

extension TrunkStanding {
    /// Of what stands on pictures.
    private static var longestLine: Int { 600 }

    fileprivate var lines: [String] {
        var lines = ["microphone \(microphone.rawValue)"]
        switch place {
        case .hall: lines.append("place hall")
        case .waiting: lines.append("place waiting")
        case .side(let room): lines.append("place side \(room.rawValue.percentEncoded)")
        }
        if isInSpotlight { lines.append("spotlight") }
        if let layout { lines.append("layout \(layout.rawValue)") }
        if let layoutOfAll { lines.append("layout-of-all \(layoutOfAll.rawValue)") }
        if !chosen.isEmpty {
            lines.append("chosen " + chosen.map(\.rawValue.percentEncoded).joined(separator: " "))
        }
        if isRecorded { lines.append("recorded") }
        if isMarked { lines.append("marked") }
        if !line.isEmpty { lines.append("line \(String(line.prefix(Self.longestLine)).percentEncoded)") }
        return lines
    }

    fileprivate init?(_ fields: [String: [String]]) {
        guard let microphone = fields["microphone"]?.first.flatMap(Microphone.init(rawValue:)),
            let where_ = fields["place"], let first = where_.first
        else { return nil }
        switch (first, where_.count) {
        case ("hall", 1): self.init(microphone: microphone, place: .hall)
        case ("waiting", 1): self.init(microphone: microphone, place: .waiting)
        case ("side", 2): self.init(microphone: microphone, place: .side(SideRoomID(where_[1])))
        default: return nil
        }
        isInSpotlight = fields["spotlight"] != nil
        // A layout that this bridge does not know is none: it shows whoever speaks.
        layout = fields["layout"]?.first.flatMap(Layout.init(rawValue:))
        layoutOfAll = fields["layout-of-all"]?.first.flatMap(Layout.init(rawValue:))
        chosen = (fields["chosen"] ?? []).prefix(Conference.mostChosen).map { PointID($0) }
        isRecorded = fields["recorded"] != nil
        isMarked = fields["marked"] != nil
        line = String((fields["line"]?.first ?? "").prefix(Self.longestLine))
    }
}

extension String {
    /// Octets that are no letter or digit of ASCII, and none of `-._~`, as `%XX`.
    var percentEncoded: String {
        var text = ""
        for octet in utf8 {
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(octet))
            default:
                let digits = String(octet, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }

    /// Nil where a `%` has no two digits, or what comes out is not UTF-8.
    var percentDecoded: String? {
        var octets: [UInt8] = []
        var rest = utf8[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                octets.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.digit), let low = rest.popFirst().flatMap(Self.digit) else {
                return nil
            }
            octets.append(high << 4 | low)
        }
        return String(validating: octets, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
