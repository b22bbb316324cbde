/// `a=rid`: a stream of several that a sender has of one source (RFC 8851 §4).
public struct StreamRestriction: Sendable, Hashable {
    /// 1 to 64 letters, digits, "-" or "_".
    public var id: String
    /// Seen from the one who writes it.
    public var sends: Bool
    /// "pt=96,97", "max-width=1280" …, in order.
    public var parameters: [String] = []

    /// nil when malformed.
    public init?(parsing value: String) {
        let words = value.words
        guard words.count >= 2, Self.isID(words[0]) else { return nil }
        switch words[1].lowercased() {
        case "send": sends = true
        case "recv": sends = false
        default: return nil
        }
        id = String(words[0])
        guard words.count > 2 else { return }
        let items = words[2...].joined().parts(at: UInt8(ascii: ";"))
        parameters = items.filter { !$0.isEmpty }.prefix(32).map(String.init)
    }

    public init(id: String, sends: Bool, parameters: [String] = []) {
        self.id = id
        self.sends = sends
        self.parameters = parameters
    }

    public var value: String {
        "\(id) \(sends ? "send" : "recv")" + (parameters.isEmpty ? "" : " \(parameters.joined(separator: ";"))")
    }

    /// Empty where every format of the m-line may be used.
    var payloadTypes: [UInt8] {
        guard let list = parameters.first(where: { $0.hasPrefix("pt=") }) else { return [] }
        return list.dropFirst(3).parts(at: UInt8(ascii: ",")).compactMap { UInt8($0.trimmed) }
    }

    static func isID(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0.isICECharacter && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "_")
            }
    }
}

/// A stream of a simulcast that the peer sends.
public struct SimulcastStream: Sendable, Hashable {
    /// As in the header extension of its packets (RFC 8852).
    public var id: String
    /// It may come, and does not yet (RFC 8853 §5.1).
    public var isPaused: Bool
}

/// `a=simulcast`: the streams of one source, in the sender's order (RFC 8853 §5.1).
struct SimulcastAttribute: Equatable {
    /// Of each stream its alternatives.
    var sends: [[SimulcastStream]] = []
    var receives: [[SimulcastStream]] = []

    static let maximumStreams = 16

    init(receives: [SimulcastStream]) { self.receives = receives.map { [$0] } }

    /// nil when malformed.
    init?(parsing value: String) {
        let words = value.words
        guard words.count == 2 || words.count == 4 else { return nil }
        for index in stride(from: 0, to: words.count, by: 2) {
            guard let streams = Self.streams(words[index + 1]) else { return nil }
            switch words[index].lowercased() {
            case "send" where sends.isEmpty: sends = streams
            case "recv" where receives.isEmpty: receives = streams
            default: return nil
            }
        }
    }

    var value: String {
        let lists = [("send", sends), ("recv", receives)].filter { !$0.1.isEmpty }
        return lists.map { name, streams in
            let texts = streams.map { $0.map { ($0.isPaused ? "~" : "") + $0.id }.joined(separator: ",") }
            return "\(name) \(texts.joined(separator: ";"))"
        }.joined(separator: " ")
    }

    private static func streams(_ text: Substring) -> [[SimulcastStream]]? {
        var streams: [[SimulcastStream]] = []
        for part in text.parts(at: UInt8(ascii: ";")) {
            var alternatives: [SimulcastStream] = []
            for name in part.parts(at: UInt8(ascii: ",")) {
                let isPaused = name.hasPrefix("~")
                let id = isPaused ? name.dropFirst() : name
                guard StreamRestriction.isID(id), alternatives.count < maximumStreams else { return nil }
                alternatives.append(SimulcastStream(id: String(id), isPaused: isPaused))
            }
            guard streams.count < maximumStreams else { return nil }
            streams.append(alternatives)
        }
        return streams
    }
}

/// The simulcast of one m-line, as agreed on and as written.
struct SimulcastAgreement {
    var streams: [SimulcastStream] = []
    var restrictions: [StreamRestriction] = []

    init() {}

    /// What we offer to receive: browsers send the smallest first.
    init(offering limit: Int) {
        guard limit > 1 else { return }
        streams = ["l", "m", "h"].suffix(limit).map { SimulcastStream(id: $0, isPaused: false) }
        restrictions = streams.map { StreamRestriction(id: $0.id, sends: false) }
    }

    /// What of an offered simulcast we receive: of each stream the first alternative whose format we take.
    init(offer: MediaDescription, codecs: [CodecMapping], limit: Int) {
        guard let simulcast = offer.attributes.first("simulcast").flatMap({ SimulcastAttribute(parsing: $0) }) else {
            return
        }
        let offered = offer.restrictions.filter(\.sends)
        for alternatives in simulcast.sends where streams.count < limit {
            for stream in alternatives where !streams.contains(where: { $0.id == stream.id }) {
                guard var restriction = offered.first(where: { $0.id == stream.id }) else { continue }
                let types = restriction.payloadTypes
                let taken = types.filter { type in codecs.contains { $0.payloadType == type } }
                guard types.isEmpty || !taken.isEmpty else { continue }
                restriction.sends = false
                restriction.parameters = restriction.parameters.map {
                    $0.hasPrefix("pt=") ? "pt=\(taken.map(String.init).joined(separator: ","))" : $0
                }
                streams.append(stream)
                restrictions.append(restriction)
                break
            }
        }
    }

    /// What an answer leaves of a simulcast that we offered to receive.
    init(offer: MediaDescription, answer: MediaDescription) {
        let value = answer.attributes.first("simulcast") ?? ""
        guard let simulcast = SimulcastAttribute(parsing: value) else { return }
        let offered = offer.restrictions.filter { !$0.sends }
        streams = simulcast.sends.compactMap(\.first).filter { stream in offered.contains { $0.id == stream.id } }
    }

    var attributes: [SDPAttribute] {
        guard !streams.isEmpty else { return [] }
        return restrictions.map { SDPAttribute("rid", $0.value) }
            + [SDPAttribute("simulcast", SimulcastAttribute(receives: streams).value)]
    }
}

extension MediaDescription {
    public var restrictions: [StreamRestriction] {
        attributes.all("rid").prefix(32).compactMap { StreamRestriction(parsing: $0) }
    }
}
