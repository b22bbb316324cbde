/// The text of a line, walked over octet by octet: all that separates and all that is compared without regard to case in
/// SDP is ASCII (RFC 8866 §9).
extension StringProtocol where SubSequence == Substring {
    /// The parts between runs of spaces and tabs.
    var words: [Substring] {
        let octets = self[...].utf8
        var words: [Substring] = []
        var start = octets.startIndex
        while let first = octets[start...].firstIndex(where: { !$0.isBlank }) {
            let end = octets[first...].firstIndex(where: \.isBlank) ?? octets.endIndex
            words.append(self[first..<end])
            start = end
        }
        return words
    }

    /// Without spaces and tabs at the ends.
    var trimmed: Substring {
        let octets = self[...].utf8
        guard let first = octets.firstIndex(where: { !$0.isBlank }),
            let last = octets.lastIndex(where: { !$0.isBlank })
        else { return self[endIndex...] }
        return self[first...last]
    }

    /// The parts between such octets, empty ones too.
    func parts(at separator: UInt8, maxSplits: Int = .max) -> [Substring] {
        let octets = self[...].utf8
        var parts: [Substring] = []
        var start = octets.startIndex
        while parts.count < maxSplits, let end = octets[start...].firstIndex(of: separator) {
            parts.append(self[start..<end])
            start = octets.index(after: end)
        }
        parts.append(self[start...])
        return parts
    }

    func isSameIgnoringCase(_ other: some StringProtocol) -> Bool {
        let (left, right) = (utf8, other.utf8)
        return left.count == right.count && zip(left, right).allSatisfy { $0.lowercased == $1.lowercased }
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    fileprivate var lowercased: UInt8 { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self }
}
