/// A session description (RFC 8866). Lines keep their order within the session and within each medium.
public struct SessionDescription: Sendable, Equatable {
    public static let maximumSize = 65_536
    public static let maximumLines = 1500
    public static let maximumMedia = 32

    public var origin: SDPOrigin
    public var name: String
    public var information: String?
    public var uri: String?
    public var emails: [String] = []
    public var phones: [String] = []
    public var connection: SDPConnection?
    /// Values of `b=` lines, such as "AS:512".
    public var bandwidths: [String] = []
    /// Values of `t=` lines; written as "0 0" when empty.
    public var times: [String] = []
    public var attributes: [SDPAttribute] = []
    public var media: [MediaDescription] = []

    public init(
        origin: SDPOrigin, name: String = "-", connection: SDPConnection? = nil, attributes: [SDPAttribute] = [],
        media: [MediaDescription] = []
    ) {
        self.origin = origin
        self.name = name
        self.connection = connection
        times = ["0 0"]
        self.attributes = attributes
        self.media = media
    }
}

/// `o=`: who made the description, and which version of it this is (RFC 8866 §5.2).
public struct SDPOrigin: Sendable, Equatable {
    public var username: String
    /// Digits, of any length.
    public var sessionID: String
    public var version: UInt64
    public var address: SDPConnection

    public init(username: String = "-", sessionID: String, version: UInt64, address: SDPConnection) {
        self.username = username
        self.sessionID = sessionID
        self.version = version
        self.address = address
    }
}

/// An address as `c=`, `o=` and `a=rtcp` have it; a name or a number (RFC 8866 §5.7).
public struct SDPConnection: Sendable, Hashable {
    public var isIPv6: Bool
    /// Without brackets, and without the TTL and count of multicast.
    public var address: String

    public init(isIPv6: Bool, address: String) {
        self.isIPv6 = isIPv6
        self.address = address
    }

    /// Tells the family from the text.
    public init(address: String) { self.init(isIPv6: address.utf8.contains(UInt8(ascii: ":")), address: address) }

    /// The old way to put a call on hold (RFC 3264 §8.4).
    public var isUnspecified: Bool { address == "0.0.0.0" || address == "::" || address == "0:0:0:0:0:0:0:0" }

    var text: String { "IN \(isIPv6 ? "IP6" : "IP4") \(address)" }
}

/// An attribute line; a property has no value (RFC 8866 §5.13). Keys in it are not printed.
public struct SDPAttribute: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    public var name: String
    public var value: String?

    public init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }

    public var description: String {
        let isSecret = name == "crypto" || name == "key-mgmt" || name == "ice-pwd"
        return "a=\(name)" + (value.map { isSecret ? ":(secret)" : ":\($0)" } ?? "")
    }
    public var debugDescription: String { description }

    var text: String { value.map { "\(name):\($0)" } ?? name }
}

/// `m=` and the lines under it (RFC 8866 §5.14).
public struct MediaDescription: Sendable, Equatable {
    public static let maximumFormats = 128

    /// "audio", "video", "application" …
    public var kind: String
    public var port: UInt16
    public var portCount: Int?
    /// Such as "RTP/SAVP".
    public var transport: String
    public var formats: [String]
    public var title: String?
    public var connection: SDPConnection?
    public var bandwidths: [String] = []
    public var attributes: [SDPAttribute] = []

    public init(
        kind: String, port: UInt16, transport: String, formats: [String], connection: SDPConnection? = nil,
        attributes: [SDPAttribute] = []
    ) {
        self.kind = kind
        self.port = port
        self.transport = transport
        self.formats = formats
        self.connection = connection
        self.attributes = attributes
    }
}
