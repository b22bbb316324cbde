/// A name of something in the conference: text with a type of its own, so that a room is never taken for a point.
public protocol ConferenceIdentifier: RawRepresentable<String>, Hashable, Comparable, Sendable, Codable,
    CustomStringConvertible, ExpressibleByStringLiteral
{
    init(rawValue: String)
}

extension ConferenceIdentifier {
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public init(_ text: String) { self.init(rawValue: text) }
    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A connection point (điểm cầu) in the register.
public struct PointID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// An agency in the register.
public struct UnitID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A room: the user part of its SIP address.
public struct RoomID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// One sitting in a room; ASCII, sortable by time, for example `20261124-093000-giaoban-k3f9`.
public struct MeetingID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A point's presence by one call; the executor numbers them, never twice in a process.
public struct ParticipantID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public var description: String { "p\(rawValue)" }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension MeetingID {
    /// Letters and digits that are not mistaken for one another when read aloud: no i, l, o, 0 or 1.
    private static let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")

    /// Makes an id from the wall clock, the room and 64 random bits; letters that are not ASCII become `-`.
    init(room: RoomID, at wall: WallTime, utcOffset: Duration, random: UInt64) {
        let time = wall.civil(utcOffset: utcOffset)
        var bits = random
        var tail = ""
        for _ in 0..<4 {
            let (rest, digit) = bits.quotientAndRemainder(dividingBy: UInt64(Self.alphabet.count))
            tail.append(Self.alphabet[Int(digit)])
            bits = rest
        }
        let name = room.rawValue.unicodeScalars.prefix(40).map { scalar -> Character in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain ? Character(scalar) : "-"
        }
        rawValue = "\(time.compactDate)-\(time.compactTime)-\(String(name))-\(tail)"
    }
}
