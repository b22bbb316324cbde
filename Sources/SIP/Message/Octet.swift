/// The character classes of RFC 3261 §25.1.
extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let percent: UInt8 = 0x25
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let less: UInt8 = 0x3C
    static let equals: UInt8 = 0x3D
    static let greater: UInt8 = 0x3E
    static let question: UInt8 = 0x3F
    static let at: UInt8 = 0x40
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D
    static let ampersand: UInt8 = 0x26

    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
    var isAlphanumeric: Bool { isDigit || isLetter }
    var isWhitespace: Bool { self == .space || self == .tab }
    var isControl: Bool { self < 0x20 || self == 0x7F }
    var isLineEnd: Bool { self == .carriageReturn || self == .lineFeed }

    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

    /// `token` of §25.1: alphanumeric and `-.!%*_+`'~`, as one bit for each octet.
    var isToken: Bool {
        let bits: UInt64 = self < 64 ? 0x03FF_6CA2_0000_0000 : 0x47FF_FFFF_87FF_FFFE
        return self < 128 && bits >> UInt64(self & 63) & 1 == 1
    }

    /// `unreserved` of §25.1: alphanumeric and mark.
    var isUnreserved: Bool {
        if isAlphanumeric { return true }
        switch self {
        case 0x2D, 0x5F, 0x2E, 0x21, 0x7E, 0x2A, 0x27, 0x28, 0x29: return true
        default: return false
        }
    }
}

extension Collection<UInt8> {
    /// SIP's case-insensitivity knows ASCII letters only (RFC 3261 §7.3.1).
    func equalsIgnoringCase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.lowercased == $1.lowercased }
    }

    /// Whether they are one token.
    var isToken: Bool { !isEmpty && allSatisfy(\.isToken) }

    /// The number that all digits make, nil for anything else or beyond `maximum`.
    func decimal(atMost maximum: UInt64) -> UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for octet in self {
            guard octet.isDigit else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(octet - 0x30))
            guard !overflow, !carry, sum <= maximum else { return nil }
            value = sum
        }
        return value
    }
}

extension ArraySlice<UInt8> {
    /// Without white space at the ends.
    var trimmed: ArraySlice<UInt8> {
        var start = startIndex
        var end = endIndex
        while start < end, self[start].isWhitespace { start += 1 }
        while end > start, self[end - 1].isWhitespace { end -= 1 }
        return self[start..<end]
    }
}

extension String {
    init(octets: some Collection<UInt8>) { self.init(decoding: octets, as: UTF8.self) }

    /// Lower case of ASCII letters only.
    var asciiLowercased: String {
        guard utf8.contains(where: { $0.lowercased != $0 }) else { return self }
        return String(octets: utf8.map(\.lowercased))
    }

    func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && (self == other || utf8.equalsIgnoringCase(other.utf8))
    }

    var isToken: Bool { utf8.isToken }
    func decimal(atMost maximum: UInt64) -> UInt64? { utf8.decimal(atMost: maximum) }
}
