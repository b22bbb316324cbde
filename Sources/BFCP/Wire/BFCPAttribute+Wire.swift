extension BFCPAttribute {
    /// How deep groups lie in what RFC 8855 defines: REQUEST-STATUS in OVERALL-REQUEST-STATUS in
    /// FLOOR-REQUEST-INFORMATION.
    static let maximumDepth = 3
    /// What an attribute holds beside type and length.
    static let maximumValue = 253

    /// Reads a sequence of attributes to its end.
    static func sequence(_ octets: ArraySlice<UInt8>, depth: Int = 1) throws(BFCPParseError.Reason) -> [BFCPAttribute] {
        var reader = OctetReader(octets)
        var attributes: [BFCPAttribute] = []
        while reader.count > 0 {
            guard let first = reader.octet(), let length = reader.octet(), length >= 2,
                let value = reader.take(Int(length) - 2)
            else { throw .malformedAttribute }
            // A group's last attribute may come without its padding: some count it out of the group's length.
            reader.skip(atMost: -Int(length) & 3)
            let type = BFCPAttributeType(rawValue: first >> 1)
            attributes.append(.init(try Self.value(of: type, value, depth: depth), isMandatory: first & 1 != 0))
        }
        return attributes
    }

    private static func value(
        of type: BFCPAttributeType, _ octets: ArraySlice<UInt8>, depth: Int
    ) throws(BFCPParseError.Reason) -> Value {
        switch type {
        case .beneficiaryID: return .beneficiaryID(try half(octets))
        case .floorID: return .floorID(try half(octets))
        case .floorRequestID: return .floorRequestID(try half(octets))
        case .priority: return .priority(UInt8(try half(octets) >> 13))
        case .requestStatus:
            let status = try half(octets)
            guard let known = BFCPRequestStatus(rawValue: UInt8(status >> 8)) else { throw .malformedAttribute }
            return .requestStatus(known, queuePosition: UInt8(truncatingIfNeeded: status))
        case .errorCode:
            guard let code = octets.first else { throw .malformedAttribute }
            return .errorCode(.init(rawValue: code), details: Array(octets.dropFirst()))
        case .errorInfo: return .errorInfo(.init(octets: octets))
        case .participantProvidedInfo: return .participantProvidedInfo(.init(octets: octets))
        case .statusInfo: return .statusInfo(.init(octets: octets))
        case .supportedAttributes: return .supportedAttributes(octets.map { .init(rawValue: $0 >> 1) })
        case .supportedPrimitives: return .supportedPrimitives(octets.map(BFCPPrimitive.init(rawValue:)))
        case .userDisplayName: return .userDisplayName(.init(octets: octets))
        case .userURI: return .userURI(.init(octets: octets))
        case .beneficiaryInformation:
            let (id, attributes) = try group(octets, depth: depth)
            return .beneficiaryInformation(userID: id, attributes)
        case .floorRequestInformation:
            let (id, attributes) = try group(octets, depth: depth)
            return .floorRequestInformation(floorRequestID: id, attributes)
        case .requestedByInformation:
            let (id, attributes) = try group(octets, depth: depth)
            return .requestedByInformation(userID: id, attributes)
        case .floorRequestStatus:
            let (id, attributes) = try group(octets, depth: depth)
            return .floorRequestStatus(floorID: id, attributes)
        case .overallRequestStatus:
            let (id, attributes) = try group(octets, depth: depth)
            return .overallRequestStatus(floorRequestID: id, attributes)
        default: return .unknown(type, Array(octets))
        }
    }

    private static func half(_ octets: ArraySlice<UInt8>) throws(BFCPParseError.Reason) -> UInt16 {
        var reader = OctetReader(octets)
        guard octets.count == 2, let half = reader.half() else { throw .malformedAttribute }
        return half
    }

    private static func group(
        _ octets: ArraySlice<UInt8>, depth: Int
    ) throws(BFCPParseError.Reason) -> (UInt16, [BFCPAttribute]) {
        var reader = OctetReader(octets)
        guard depth < maximumDepth, let id = reader.half() else { throw .malformedAttribute }
        return (id, try sequence(reader.takeRest(), depth: depth + 1))
    }

    // MARK: Writing

    /// With type, length and padding. What does not fit is left out: of a list its end, of a group the attributes beyond
    /// 255 octets.
    var octets: [UInt8] {
        var value: [UInt8] = []
        switch self.value {
        case .beneficiaryID(let id), .floorID(let id), .floorRequestID(let id): value.append(half: id)
        case .priority(let priority): value.append(half: UInt16(priority & 7) << 13)
        case .requestStatus(let status, let queuePosition): value = [status.rawValue, queuePosition]
        case .errorCode(let code, let details): value = [code.rawValue] + details
        case .errorInfo(let text), .participantProvidedInfo(let text), .statusInfo(let text),
            .userDisplayName(let text),
            .userURI(let text):
            value = text.octets
        case .supportedAttributes(let types): value = types.map { $0.rawValue << 1 }
        case .supportedPrimitives(let primitives): value = primitives.map(\.rawValue)
        case .beneficiaryInformation(let id, let attributes), .floorRequestInformation(let id, let attributes),
            .requestedByInformation(let id, let attributes), .floorRequestStatus(let id, let attributes),
            .overallRequestStatus(let id, let attributes):
            value.append(half: id)
            for attribute in attributes {
                let octets = attribute.octets
                if value.count + octets.count <= Self.maximumValue { value += octets }
            }
        case .unknown(_, let octets): value = octets
        }
        value = Array(value.prefix(Self.maximumValue))
        var octets = [type.rawValue << 1 | (isMandatory ? 1 : 0), UInt8(value.count + 2)] + value
        octets.pad()
        return octets
    }
}
