import BFCP

/// Octets written in hexadecimal, in groups as one likes.
func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.filter { !$0.isWhitespace })
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
}

/// Random numbers that a seed repeats.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

// MARK: - Random messages

extension SplitMix64 {
    mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255, using: &self) } }

    mutating func half() -> UInt16 { .random(in: 0...UInt16.max, using: &self) }

    mutating func text() -> BFCPText { .init(octets: octets(.random(in: 0...40, using: &self))) }

    mutating func status() -> BFCPAttribute {
        .init(
            .requestStatus(
                BFCPRequestStatus.allCases.randomElement(using: &self) ?? .pending,
                queuePosition: .random(in: 0...255, using: &self)))
    }

    mutating func names() -> [BFCPAttribute] { [.init(.userDisplayName(text())), .init(.userURI(text()))] }

    mutating func attribute() -> BFCPAttribute {
        let value: BFCPAttribute.Value
        switch Int.random(in: 1...19, using: &self) {
        case 1: value = .beneficiaryID(half())
        case 2: value = .floorID(half())
        case 3: value = .floorRequestID(half())
        case 4: value = .priority(.random(in: 0...7, using: &self))
        case 5: value = status().value
        case 6:
            value = .errorCode(
                .init(rawValue: .random(in: 0...255, using: &self)), details: octets(.random(in: 0...252, using: &self))
            )
        case 7: value = .errorInfo(text())
        case 8: value = .participantProvidedInfo(text())
        case 9: value = .statusInfo(.init(octets: octets(253)))
        case 10: value = .supportedAttributes(octets(18).map(BFCPAttributeType.init(rawValue:)))
        case 11: value = .supportedPrimitives(octets(17).map(BFCPPrimitive.init(rawValue:)))
        case 12: value = .userDisplayName(text())
        case 13: value = .userURI(text())
        case 14: value = .beneficiaryInformation(userID: half(), names())
        case 15:
            value = .floorRequestInformation(
                floorRequestID: half(),
                [
                    .init(.overallRequestStatus(floorRequestID: half(), [status(), .init(.statusInfo(text()))])),
                    .init(.floorRequestStatus(floorID: half(), [status()])),
                    .init(.beneficiaryInformation(userID: half(), names())), .init(.priority(2)),
                ])
        case 16: value = .requestedByInformation(userID: half(), names())
        case 17: value = .floorRequestStatus(floorID: half(), [status()])
        case 18: value = .overallRequestStatus(floorRequestID: half(), [status()])
        default:
            value = .unknown(
                .init(rawValue: .random(in: 19...127, using: &self)), octets(.random(in: 0...253, using: &self)))
        }
        return .init(value, isMandatory: .random(using: &self))
    }

    mutating func message() -> BFCPMessage {
        BFCPMessage(
            .init(rawValue: .random(in: 0...20, using: &self)), version: .random(in: 1...2, using: &self),
            isResponse: .random(using: &self), conferenceID: .random(in: 0...UInt32.max, using: &self),
            transactionID: half(), userID: half(),
            attributes: (0..<Int.random(in: 0...6, using: &self)).map { _ in attribute() })
    }
}
