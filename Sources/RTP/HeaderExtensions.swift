/// A header extension that the bridge understands (RFC 8285 §5), named in SDP by its URI.
public enum HeaderExtension: UInt8, CaseIterable, Sendable {
    /// RFC 6464.
    case audioLevel
    /// The sender's clock when the packet left, in 24 bits.
    case absoluteSendTime
    /// draft-holmer-rmcat-transport-wide-cc-extensions-01 §2.
    case transportSequence
    /// RFC 8843 §15.
    case mediaIdentification
    /// RFC 8852 §3.1.
    case streamIdentifier
    /// RFC 8852 §3.2.
    case repairedStreamIdentifier

    public var uri: String {
        switch self {
        case .audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
        case .absoluteSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
        case .transportSequence:
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        case .mediaIdentification: "urn:ietf:params:rtp-hdrext:sdes:mid"
        case .streamIdentifier: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
        case .repairedStreamIdentifier: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
        }
    }

    public init?(uri: String) {
        guard let found = Self.allCases.first(where: { $0.uri == uri }) else { return nil }
        self = found
    }
}

/// The ids that offer and answer gave to header extensions, 1...14 or 1...255; 0 for those that are not in use.
public struct HeaderExtensionMap: Sendable, Equatable {
    private var ids: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0, 0)

    public init() {}

    public subscript(kind: HeaderExtension) -> UInt8 {
        get {
            switch kind {
            case .audioLevel: ids.0
            case .absoluteSendTime: ids.1
            case .transportSequence: ids.2
            case .mediaIdentification: ids.3
            case .streamIdentifier: ids.4
            case .repairedStreamIdentifier: ids.5
            }
        }
        set {
            switch kind {
            case .audioLevel: ids.0 = newValue
            case .absoluteSendTime: ids.1 = newValue
            case .transportSequence: ids.2 = newValue
            case .mediaIdentification: ids.3 = newValue
            case .streamIdentifier: ids.4 = newValue
            case .repairedStreamIdentifier: ids.5 = newValue
            }
        }
    }

    public var isEmpty: Bool { ids == (0, 0, 0, 0, 0, 0) }

    public static func == (left: Self, right: Self) -> Bool { left.ids == right.ids }
}

/// How loud a packet's sound is (RFC 6464 §3).
public struct AudioLevel: Sendable, Equatable {
    /// Decibels below the loudest that there is, 0...127.
    public var decibelsBelowOverload: UInt8
    /// The sender takes it for speech; says nothing where `vad=off` was agreed on.
    public var isVoice: Bool

    public init(decibelsBelowOverload: UInt8, isVoice: Bool) {
        self.decibelsBelowOverload = min(decibelsBelowOverload, 127)
        self.isVoice = isVoice
    }

    init(octet: UInt8) {
        decibelsBelowOverload = octet & 0x7f
        isVoice = octet & 0x80 != 0
    }

    var octet: UInt8 { decibelsBelowOverload & 0x7f | (isVoice ? 0x80 : 0) }
}

/// When a packet left, as abs-send-time says it: seconds of 6.18 fixed point, which wrap after 64 s.
public struct AbsoluteSendTime: Sendable, Equatable {
    /// The lower 24 bits.
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue & 0xff_ffff }

    /// Of any clock; what counts is the difference of two.
    public init(nanoseconds: UInt64) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        rawValue = UInt32(truncatingIfNeeded: (seconds & 63) << 18 | (rest << 18) / 1_000_000_000)
    }

    /// Signed nanoseconds from `other` to `self`, of which the smaller of the two possible ones.
    public func nanoseconds(since other: AbsoluteSendTime) -> Int64 {
        let difference = Int32(bitPattern: (rawValue &- other.rawValue) << 8) >> 8
        return (Int64(difference) * 1_000_000_000) >> 18
    }
}

/// A short name in a packet: a mid, or a stream's identifier in simulcast. What browsers write fits in sixteen octets; a
/// longer one is none.
public struct StreamName: Sendable, Hashable {
    public static let capacity = 16
    private var high: UInt64 = 0
    private var low: UInt64 = 0
    /// Octets, 1...16.
    public private(set) var count: UInt8 = 0

    /// nil for no octet, more than sixteen, and octets that no identifier has (RFC 8852 §3 for rid, tokens for mid).
    public init?(_ octets: UnsafeRawBufferPointer) {
        guard (1...Self.capacity).contains(octets.count) else { return nil }
        for octet in octets {
            guard octet > 0x20, octet < 0x7f else { return nil }
            append(octet)
        }
    }

    public init?(_ text: String) {
        var text = text
        guard let name = text.withUTF8({ StreamName(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = name
    }

    private mutating func append(_ octet: UInt8) {
        high = high << 8 | low >> 56
        low = low << 8 | UInt64(octet)
        count += 1
    }

    /// The octet at `index`, in 0..<`count`.
    func octet(_ index: Int) -> UInt8 {
        let fromEnd = Int(count) - 1 - index
        let half = fromEnd >= 8 ? high : low
        return UInt8(truncatingIfNeeded: half >> (UInt64(fromEnd & 7) * 8))
    }
}

extension StreamName: CustomStringConvertible {
    public var description: String {
        String(decoding: (0..<Int(count)).map { octet($0) }, as: UTF8.self)
    }
}

/// What a packet's header extensions say, of those that were agreed on. Of one that comes twice the last counts.
public struct HeaderExtensionValues: Sendable, Equatable {
    public var audioLevel: AudioLevel?
    public var absoluteSendTime: AbsoluteSendTime?
    public var transportSequence: UInt16?
    public var mediaIdentification: StreamName?
    public var streamIdentifier: StreamName?
    public var repairedStreamIdentifier: StreamName?

    public init() {}
}

extension RTPPacketInfo {
    /// Reads all extensions in one walk. What is of a wrong size is left out.
    public func headerExtensions(
        _ map: HeaderExtensionMap, of packet: UnsafeRawBufferPointer
    ) -> HeaderExtensionValues {
        var values = HeaderExtensionValues()
        guard extensionLength > 0, let base = packet.baseAddress else { return values }
        let start = Int(extensionOffset)
        let end = start + Int(extensionLength)
        guard end <= packet.count,
            var elements = HeaderExtensionElements(profile: extensionProfile, start: start, end: end)
        else { return values }
        while let (id, data) = elements.next(byte: { base.byte($0) }) {
            if id == map[.transportSequence] {
                // Version 2 puts two octets of a request behind it.
                if data.count == 2 || data.count == 4 { values.transportSequence = base.big16(data.lowerBound) }
            } else if id == map[.audioLevel] {
                if data.count == 1 { values.audioLevel = AudioLevel(octet: base.byte(data.lowerBound)) }
            } else if id == map[.absoluteSendTime] {
                if data.count == 3 {
                    let high = UInt32(base.big16(data.lowerBound))
                    values.absoluteSendTime = AbsoluteSendTime(
                        rawValue: high << 8 | UInt32(base.byte(data.lowerBound + 2)))
                }
            } else if id == map[.mediaIdentification] {
                values.mediaIdentification = StreamName(UnsafeRawBufferPointer(rebasing: packet[data]))
            } else if id == map[.streamIdentifier] {
                values.streamIdentifier = StreamName(UnsafeRawBufferPointer(rebasing: packet[data]))
            } else if id == map[.repairedStreamIdentifier] {
                values.repairedStreamIdentifier = StreamName(UnsafeRawBufferPointer(rebasing: packet[data]))
            }
        }
        return values
    }
}
