/// The header extensions that the bridge may speak (RFC 8285 §5).
public enum HeaderExtension: String, Sendable, Hashable, CaseIterable {
    /// RFC 6464.
    case audioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    case absoluteSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    case transportSequenceNumber = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    /// RFC 9143 §15.
    case identification = "urn:ietf:params:rtp-hdrext:sdes:mid"
    /// RFC 8852.
    case streamID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    case repairedStreamID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"

    func belongs(to kind: MediaKind) -> Bool {
        switch self {
        case .audioLevel: kind == .audio
        case .streamID, .repairedStreamID: kind == .video
        case .absoluteSendTime, .transportSequenceNumber, .identification: true
        }
    }
}

/// `a=extmap`: the number of a header extension in the packets (RFC 8285 §8).
public struct ExtensionMap: Sendable, Hashable {
    /// 1...14 in either form of headers, 15...255 in the two-byte form alone.
    public var id: UInt8
    /// nil: both ways. Seen from the one who writes it.
    public var direction: MediaDirection?
    public var uri: String
    public var parameters: String?

    public init(id: UInt8, direction: MediaDirection? = nil, uri: String, parameters: String? = nil) {
        self.id = id
        self.direction = direction
        self.uri = uri
        self.parameters = parameters
    }

    /// nil when malformed, and for the numbers from 4096 on, by which more extensions are offered than fit (§6): what is
    /// known has its place among the first.
    public init?(parsing value: String) {
        let words = value.words
        guard words.count >= 2 else { return nil }
        let sides = words[0].parts(at: UInt8(ascii: "/"), maxSplits: 1)
        guard let id = UInt8(sides[0]), id > 0 else { return nil }
        if sides.count == 2 {
            guard let direction = MediaDirection(rawValue: sides[1].lowercased()) else { return nil }
            self.direction = direction
        }
        self.id = id
        uri = String(words[1])
        parameters = words.count > 2 ? words.dropFirst(2).joined(separator: " ") : nil
    }

    public var value: String {
        "\(id)" + (direction.map { "/\($0.rawValue)" } ?? "") + " \(uri)" + (parameters.map { " \($0)" } ?? "")
    }

    var known: HeaderExtension? { HeaderExtension(rawValue: uri) }
}

/// The numbers of header extensions that were agreed on.
public struct NegotiatedExtensions: Sendable, Hashable {
    /// In the packets of the peer.
    public var receivable: [HeaderExtension: UInt8] = [:]
    /// In ours.
    public var sending: [HeaderExtension: UInt8] = [:]
    /// Headers of the one-byte and of the two-byte form may come in one stream (RFC 8285 §4.1.2).
    public var mixesForms = false

    public init() {}
}

/// The header extensions of one m-line, as agreed on and as written.
struct ExtensionAgreement {
    var negotiated = NegotiatedExtensions()
    var lines: [ExtensionMap] = []

    init() {}

    /// What of an offer we take, with the offer's numbers (RFC 8285 §6).
    init(
        offer: MediaDescription, of session: SessionDescription, kind: MediaKind, capabilities: MediaCapabilities
    ) {
        var taken: Set<UInt8> = []
        for map in offer.extensionMaps(of: session) {
            // Who numbers two things the same has said nothing of the second.
            guard taken.insert(map.id).inserted, let known = map.known, known.belongs(to: kind),
                capabilities.headerExtensions.contains(known), !lines.contains(where: { $0.uri == map.uri }),
                map.direction != .inactive
            else { continue }
            lines.append(ExtensionMap(id: map.id, direction: map.direction?.reversed, uri: map.uri))
            let theirs = map.direction ?? .sendReceive
            if theirs.sends { negotiated.receivable[known] = map.id }
            if theirs.receives { negotiated.sending[known] = map.id }
        }
        negotiated.mixesForms = capabilities.mixesExtensionForms && offer.mixesExtensionForms(of: session)
    }

    /// What an answer leaves of our offer.
    init(
        offer: MediaDescription, in offering: SessionDescription, answer: MediaDescription,
        of session: SessionDescription
    ) {
        let offered = offer.extensionMaps(of: offering)
        for map in answer.extensionMaps(of: session) {
            guard let known = map.known, offered.contains(where: { $0.id == map.id && $0.uri == map.uri }) else {
                continue
            }
            let theirs = map.direction ?? .sendReceive
            if theirs.sends { negotiated.receivable[known] = map.id }
            if theirs.receives { negotiated.sending[known] = map.id }
        }
        negotiated.mixesForms =
            offer.mixesExtensionForms(of: offering) && answer.mixesExtensionForms(of: session)
    }

    /// Leaves out what is numbered otherwise elsewhere on the same transport (RFC 9143 §9.2).
    mutating func agree(with numbers: inout [UInt8: String]) {
        lines.removeAll { line in
            guard let uri = numbers[line.id], uri != line.uri else {
                numbers[line.id] = line.uri
                return false
            }
            line.known.map {
                negotiated.receivable[$0] = nil
                negotiated.sending[$0] = nil
            }
            return true
        }
    }

    /// What we offer for a medium.
    static func offered(_ kind: MediaKind, _ capabilities: MediaCapabilities) -> [ExtensionMap] {
        // Numbered alike on every m-line, as they must be where those are bundled.
        zip(UInt8(1)..., capabilities.headerExtensions).compactMap { id, known in
            known.belongs(to: kind) ? ExtensionMap(id: id, uri: known.rawValue) : nil
        }
    }
}

extension MediaDescription {
    static let maximumExtensions = 64

    public var extensionMaps: [ExtensionMap] {
        attributes.all("extmap").prefix(Self.maximumExtensions).compactMap { ExtensionMap(parsing: $0) }
    }

    /// With those that the session has for all its media.
    func extensionMaps(of session: SessionDescription) -> [ExtensionMap] {
        extensionMaps
            + session.attributes.all("extmap").prefix(Self.maximumExtensions).compactMap { ExtensionMap(parsing: $0) }
    }

    func mixesExtensionForms(of session: SessionDescription) -> Bool {
        attributes.first("extmap-allow-mixed") != nil || session.attributes.first("extmap-allow-mixed") != nil
    }
}
