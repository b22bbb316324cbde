/// What a message is for (RFC 8855 §5.1, table 1).
public struct BFCPPrimitive: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let floorRequest = Self(rawValue: 1)
    public static let floorRelease = Self(rawValue: 2)
    public static let floorRequestQuery = Self(rawValue: 3)
    public static let floorRequestStatus = Self(rawValue: 4)
    public static let userQuery = Self(rawValue: 5)
    public static let userStatus = Self(rawValue: 6)
    public static let floorQuery = Self(rawValue: 7)
    public static let floorStatus = Self(rawValue: 8)
    public static let chairAction = Self(rawValue: 9)
    public static let chairActionAck = Self(rawValue: 10)
    public static let hello = Self(rawValue: 11)
    public static let helloAck = Self(rawValue: 12)
    public static let error = Self(rawValue: 13)
    public static let floorRequestStatusAck = Self(rawValue: 14)
    public static let floorStatusAck = Self(rawValue: 15)
    public static let goodbye = Self(rawValue: 16)
    public static let goodbyeAck = Self(rawValue: 17)

    /// All of them, in order.
    public static let all = (UInt8(1)...17).map(Self.init(rawValue:))
    /// Those of RFC 4582, which knew reliable transports only.
    public static let reliable = (UInt8(1)...13).map(Self.init(rawValue:))
}

/// What became of a floor request (RFC 8855 §5.2.5, table 4).
public enum BFCPRequestStatus: UInt8, Hashable, Sendable, CaseIterable {
    case pending = 1
    case accepted = 2
    case granted = 3
    case denied = 4
    case cancelled = 5
    case released = 6
    case revoked = 7

    /// Nothing more becomes of the request.
    public var isFinal: Bool { rawValue >= Self.denied.rawValue }
}

/// Why a request is answered with Error (RFC 8855 §5.2.6, table 5).
public struct BFCPErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let conferenceDoesNotExist = Self(rawValue: 1)
    public static let userDoesNotExist = Self(rawValue: 2)
    public static let unknownPrimitive = Self(rawValue: 3)
    public static let unknownMandatoryAttribute = Self(rawValue: 4)
    public static let unauthorizedOperation = Self(rawValue: 5)
    public static let invalidFloorID = Self(rawValue: 6)
    public static let floorRequestIDDoesNotExist = Self(rawValue: 7)
    public static let maximumFloorRequestsReached = Self(rawValue: 8)
    public static let useTLS = Self(rawValue: 9)
    public static let unableToParse = Self(rawValue: 10)
    public static let useDTLS = Self(rawValue: 11)
    public static let unsupportedVersion = Self(rawValue: 12)
    public static let incorrectMessageLength = Self(rawValue: 13)
    public static let genericError = Self(rawValue: 14)
}

/// The type of an attribute, 7 bits (RFC 8855 §5.2, table 2).
public struct BFCPAttributeType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue & 0x7F }

    public static let beneficiaryID = Self(rawValue: 1)
    public static let floorID = Self(rawValue: 2)
    public static let floorRequestID = Self(rawValue: 3)
    public static let priority = Self(rawValue: 4)
    public static let requestStatus = Self(rawValue: 5)
    public static let errorCode = Self(rawValue: 6)
    public static let errorInfo = Self(rawValue: 7)
    public static let participantProvidedInfo = Self(rawValue: 8)
    public static let statusInfo = Self(rawValue: 9)
    public static let supportedAttributes = Self(rawValue: 10)
    public static let supportedPrimitives = Self(rawValue: 11)
    public static let userDisplayName = Self(rawValue: 12)
    public static let userURI = Self(rawValue: 13)
    public static let beneficiaryInformation = Self(rawValue: 14)
    public static let floorRequestInformation = Self(rawValue: 15)
    public static let requestedByInformation = Self(rawValue: 16)
    public static let floorRequestStatus = Self(rawValue: 17)
    public static let overallRequestStatus = Self(rawValue: 18)

    /// All of them, in order.
    public static let all = (UInt8(1)...18).map(Self.init(rawValue:))
}
