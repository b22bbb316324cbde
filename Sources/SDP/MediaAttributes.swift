/// Which way media flows, seen from the one who writes it (RFC 8866 §6.7).
public enum MediaDirection: String, Sendable, Hashable, CaseIterable {
    case sendReceive = "sendrecv"
    case sendOnly = "sendonly"
    case receiveOnly = "recvonly"
    case inactive

    public init(sends: Bool, receives: Bool) {
        self = sends ? (receives ? .sendReceive : .sendOnly) : (receives ? .receiveOnly : .inactive)
    }

    public var sends: Bool { self == .sendReceive || self == .sendOnly }
    public var receives: Bool { self == .sendReceive || self == .receiveOnly }
    /// The same flow seen from the other side.
    public var reversed: MediaDirection { MediaDirection(sends: receives, receives: sends) }
    public func intersection(_ other: MediaDirection) -> MediaDirection {
        MediaDirection(sends: sends && other.sends, receives: receives && other.receives)
    }
}

/// `a=rtpmap`: what a payload type means (RFC 8866 §6.6).
public struct RTPMap: Sendable, Equatable {
    public var payloadType: UInt8
    public var encodingName: String
    public var clockRate: UInt32
    /// 1 where left out.
    public var channels: Int

    public init(payloadType: UInt8, encodingName: String, clockRate: UInt32, channels: Int = 1) {
        self.payloadType = payloadType
        self.encodingName = encodingName
        self.clockRate = clockRate
        self.channels = channels
    }

    /// nil when malformed.
    public init?(parsing value: String) {
        let words = value.words
        guard words.count >= 2, let payloadType = UInt8(words[0]), payloadType < 128 else { return nil }
        let parts = words[1].parts(at: UInt8(ascii: "/"))
        guard (2...3).contains(parts.count), !parts[0].isEmpty, let clockRate = UInt32(parts[1]), clockRate > 0 else {
            return nil
        }
        var channels = 1
        if parts.count == 3 {
            guard let count = Int(parts[2]), (1...255).contains(count) else { return nil }
            channels = count
        }
        self.init(
            payloadType: payloadType, encodingName: String(parts[0]), clockRate: clockRate, channels: channels)
    }

    /// What a static payload type means without `a=rtpmap` (RFC 3551 §6).
    public init?(staticPayloadType: UInt8) {
        let name: String
        switch staticPayloadType {
        case 0: name = "PCMU"
        case 8: name = "PCMA"
        case 9: name = "G722"
        default: return nil
        }
        self.init(payloadType: staticPayloadType, encodingName: name, clockRate: 8000)
    }

    public var value: String {
        "\(payloadType) \(encodingName)/\(clockRate)" + (channels == 1 ? "" : "/\(channels)")
    }
}

/// `a=rtcp-fb`: feedback that may be sent about a payload type, or about all (RFC 4585 §4.2).
public struct RTCPFeedback: Sendable, Hashable {
    /// nil for "*".
    public var payloadType: UInt8?
    /// Lower case, such as "nack pli" or "ccm fir".
    public var kind: String

    public init(payloadType: UInt8?, kind: String) {
        self.payloadType = payloadType
        self.kind = kind
    }

    public init?(parsing value: String) {
        let words = value.words
        guard words.count >= 2 else { return nil }
        if words[0] != "*" {
            guard let payloadType = UInt8(words[0]), payloadType < 128 else { return nil }
            self.payloadType = payloadType
        }
        // Parameters beyond the second word, as in "ccm tmmbr smaxpr=120", do not change what is meant.
        kind = words.dropFirst().prefix(2).joined(separator: " ").lowercased()
    }

    public var value: String { "\(payloadType.map(String.init) ?? "*") \(kind)" }
}

/// `a=fmtp` parameters as a list of names and values (RFC 8866 §6.15).
public struct FormatParameters: Sendable, Equatable {
    /// Names in lower case, in order; a bare value has an empty name.
    public var items: [(name: String, value: String)] = []

    public init(parsing text: String) {
        for part in text.parts(at: UInt8(ascii: ";")).lazy.filter({ !$0.isEmpty }).prefix(64) {
            let item = part.trimmed
            guard !item.isEmpty else { continue }
            let sides = item.parts(at: UInt8(ascii: "="), maxSplits: 1)
            if sides.count == 2 {
                items.append((sides[0].trimmed.lowercased(), String(sides[1].trimmed)))
            } else {
                items.append(("", String(item)))
            }
        }
    }

    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    public static func == (left: FormatParameters, right: FormatParameters) -> Bool {
        left.items.elementsEqual(right.items) { $0 == $1 }
    }
}

extension Array where Element == SDPAttribute {
    /// The value of the first attribute of this name; "" for a property.
    public func first(_ name: String) -> String? { first { $0.name == name }.map { $0.value ?? "" } }

    /// The values of all attributes of this name, in order.
    public func all(_ name: String) -> [String] { filter { $0.name == name }.map { $0.value ?? "" } }

    var direction: MediaDirection? {
        for attribute in self where attribute.value == nil {
            if let direction = MediaDirection(rawValue: attribute.name) { return direction }
        }
        return nil
    }
}

extension MediaDescription {
    /// What each format means, in the order of the m-line; formats that are not payload types or mean nothing known are
    /// left out.
    public var payloadMaps: [RTPMap] {
        let maps = attributes.all("rtpmap").compactMap { RTPMap(parsing: $0) }
        var seen: Set<UInt8> = []
        return formats.compactMap { format in
            guard let payloadType = UInt8(format), payloadType < 128, seen.insert(payloadType).inserted else {
                return nil
            }
            return maps.first { $0.payloadType == payloadType } ?? RTPMap(staticPayloadType: payloadType)
        }
    }

    /// The text of `a=fmtp` after the payload type; "" if there is none.
    public func formatParameters(of payloadType: UInt8) -> String {
        for attribute in attributes where attribute.name == "fmtp" {
            let value = (attribute.value ?? "").trimmed
            guard let blank = value.utf8.firstIndex(where: \.isBlank), UInt8(value[..<blank]) == payloadType else {
                continue
            }
            return String(value[blank...].trimmed)
        }
        return ""
    }

    /// The formats in which others are sent again, each with the one it belongs to (RFC 4588 §8.1).
    public var retransmissions: [RetransmissionFormat] { retransmissions(among: payloadMaps) }

    func retransmissions(among maps: [RTPMap]) -> [RetransmissionFormat] {
        maps.filter { $0.encodingName.isSameIgnoringCase("rtx") }.compactMap { map in
            FormatParameters(parsing: formatParameters(of: map.payloadType))["apt"].flatMap { UInt8($0) }.map {
                RetransmissionFormat(payloadType: map.payloadType, original: $0)
            }
        }
    }

    public var direction: MediaDirection? { attributes.direction }
    public var packetTimeMilliseconds: Int? {
        attributes.first("ptime").flatMap { Int($0) }.flatMap { (1...200).contains($0) ? $0 : nil }
    }
    /// By one port (RFC 5761), or by nothing else (RFC 8858).
    public var multiplexesRTCP: Bool { attributes.first("rtcp-mux") != nil || attributes.first("rtcp-mux-only") != nil }
    public var feedback: [RTCPFeedback] { attributes.all("rtcp-fb").compactMap { RTCPFeedback(parsing: $0) } }
    public var extendedReports: ExtendedReports { ExtendedReports(parsing: attributes.first("rtcp-xr") ?? "") }
    /// Those that can be read; a line that cannot is as if it were not there.
    public var cryptos: [CryptoAttribute] {
        attributes.all("crypto").compactMap { try? CryptoAttribute(parsing: $0) }
    }
    public var identification: String? { attributes.first("mid") }
    /// What the stream shows, such as "slides" (RFC 4796).
    public var content: [String] {
        attributes.first("content").map {
            $0.parts(at: UInt8(ascii: ",")).filter { !$0.isEmpty }.map { String($0.trimmed) }
        }
            ?? []
    }
    /// The SSRCs named by `a=ssrc` (RFC 5576), without repetition.
    public var sources: [UInt32] {
        var seen: Set<UInt32> = []
        return attributes.all("ssrc").compactMap { $0.words.first.flatMap { UInt32($0) } }.filter {
            seen.insert($0).inserted
        }
    }

    /// Port and, if given, address of `a=rtcp` (RFC 3605 §2.1).
    public var rtcp: (port: UInt16, address: SDPConnection?)? {
        guard let words = attributes.first("rtcp")?.words, let port = words.first.flatMap({ UInt16($0) }), port > 0
        else { return nil }
        guard words.count >= 4 else { return (port, nil) }
        return (port, SDPConnection(isIPv6: words[2].isSameIgnoringCase("IP6"), address: String(words[3])))
    }
}
