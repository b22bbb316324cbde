/// One attribute of a message, or of a grouped attribute (RFC 8855 §5.2).
public struct BFCPAttribute: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case beneficiaryID(UInt16)
        case floorID(UInt16)
        case floorRequestID(UInt16)
        /// 0 (lowest) to 4 (highest); 2 is normal.
        case priority(UInt8)
        /// A queue position of 0 says that there is none to tell.
        case requestStatus(BFCPRequestStatus, queuePosition: UInt8)
        case errorCode(BFCPErrorCode, details: [UInt8])
        case errorInfo(BFCPText)
        case participantProvidedInfo(BFCPText)
        case statusInfo(BFCPText)
        case supportedAttributes([BFCPAttributeType])
        case supportedPrimitives([BFCPPrimitive])
        case userDisplayName(BFCPText)
        case userURI(BFCPText)
        case beneficiaryInformation(userID: UInt16, [BFCPAttribute])
        case floorRequestInformation(floorRequestID: UInt16, [BFCPAttribute])
        case requestedByInformation(userID: UInt16, [BFCPAttribute])
        case floorRequestStatus(floorID: UInt16, [BFCPAttribute])
        case overallRequestStatus(floorRequestID: UInt16, [BFCPAttribute])
        /// Of a type that is not known here, at most 253 octets.
        case unknown(BFCPAttributeType, [UInt8])
    }

    /// The M bit: whoever does not know the type must refuse the message.
    public var isMandatory: Bool
    public var value: Value

    public init(_ value: Value, isMandatory: Bool = false) {
        self.value = value
        self.isMandatory = isMandatory
    }

    public var type: BFCPAttributeType {
        switch value {
        case .beneficiaryID: .beneficiaryID
        case .floorID: .floorID
        case .floorRequestID: .floorRequestID
        case .priority: .priority
        case .requestStatus: .requestStatus
        case .errorCode: .errorCode
        case .errorInfo: .errorInfo
        case .participantProvidedInfo: .participantProvidedInfo
        case .statusInfo: .statusInfo
        case .supportedAttributes: .supportedAttributes
        case .supportedPrimitives: .supportedPrimitives
        case .userDisplayName: .userDisplayName
        case .userURI: .userURI
        case .beneficiaryInformation: .beneficiaryInformation
        case .floorRequestInformation: .floorRequestInformation
        case .requestedByInformation: .requestedByInformation
        case .floorRequestStatus: .floorRequestStatus
        case .overallRequestStatus: .overallRequestStatus
        case .unknown(let type, _): type
        }
    }

    /// The attributes of a grouped attribute; none of another.
    public var grouped: [BFCPAttribute] {
        switch value {
        case .beneficiaryInformation(_, let attributes), .floorRequestInformation(_, let attributes),
            .requestedByInformation(_, let attributes), .floorRequestStatus(_, let attributes),
            .overallRequestStatus(_, let attributes):
            attributes
        default: []
        }
    }
}

// MARK: - What is looked for in a sequence of attributes

extension [BFCPAttribute] {
    /// The first value that `pick` takes.
    public func first<Found>(_ pick: (BFCPAttribute.Value) -> Found?) -> Found? {
        for attribute in self {
            if let found = pick(attribute.value) { return found }
        }
        return nil
    }

    public var beneficiaryID: UInt16? { first { if case .beneficiaryID(let id) = $0 { id } else { nil } } }
    public var floorRequestID: UInt16? { first { if case .floorRequestID(let id) = $0 { id } else { nil } } }
    public var priority: UInt8? { first { if case .priority(let priority) = $0 { priority } else { nil } } }
    public var requestStatus: BFCPRequestStatus? {
        first { if case .requestStatus(let status, _) = $0 { status } else { nil } }
    }
    public var floorIDs: [UInt16] {
        compactMap { if case .floorID(let id) = $0.value { id } else { nil } }
    }

    /// Types that must be understood and are not, each once, in groups too (RFC 8855 §13.8).
    public var notUnderstood: [BFCPAttributeType] {
        var types: [BFCPAttributeType] = []
        for attribute in self {
            if case .unknown(let type, _) = attribute.value, attribute.isMandatory { types.append(type) }
            types += attribute.grouped.notUnderstood
        }
        var seen: Set<BFCPAttributeType> = []
        return types.filter { seen.insert($0).inserted }
    }
}
