/// Divides UTF-8 into words. A Vietnamese word of the dictionary is often several of these: *ngân sách* is two.
struct WordScanner {
    enum Token {
        /// ``word`` has it.
        case word
        /// Words before and after do not follow each other.
        case boundary
        /// A property of the meeting, the octets after its mark.
        case facet(Range<Int>)
    }

    struct Word: Hashable, Sendable {
        /// Lower case without marks, numbers without leading zeros.
        var folded: [UInt8] = []
        /// With vowel marks, the tone at the end: *hòa* and *hoà* are one. Empty for a number.
        var exact: [UInt8] = []
        var hasMarks = false
        /// Octets of the text.
        var range = 0..<0
    }

    /// U+001F, unit separator.
    static let boundary: UInt8 = 0x1F
    /// U+001E, record separator: a facet follows. Stored text has neither.
    static let facet: UInt8 = 0x1E
    /// What is longer is cut here and goes on as the next word.
    static let longestWord = 48

    private(set) var word = Word()
    private var offset = 0

    init() {
        word.folded.reserveCapacity(Self.longestWord + 4)
        word.exact.reserveCapacity(2 * Self.longestWord)
    }

    /// The next token; nil at the end. Octets that are no UTF-8 divide words.
    mutating func next(in bytes: UnsafeBufferPointer<UInt8>) -> Token? {
        word.folded.removeAll(keepingCapacity: true)
        word.exact.removeAll(keepingCapacity: true)
        word.hasMarks = false
        var tone: Letter.Tone?
        var isNumber = true
        var start = offset
        while offset < bytes.count {
            let (scalar, length) = Self.decode(bytes, at: offset)
            if word.folded.isEmpty {
                start = offset
                if scalar.value == Self.boundary {
                    offset += 1
                    return .boundary
                }
                if scalar.value == Self.facet { return facet(in: bytes) }
            }
            switch Letter.of(scalar) {
            case .letter(let folded, let quality, let its):
                isNumber = false
                Self.append(folded, to: &word.folded)
                Self.append(quality, to: &word.exact)
                tone = its ?? tone
                word.hasMarks = word.hasMarks || its != nil || quality != folded
            case .digit(let digit):
                Self.append(digit, to: &word.folded)
                Self.append(digit, to: &word.exact)
            case .mark(let its):
                if !word.folded.isEmpty, let its {
                    tone = its
                    word.hasMarks = true
                }
            case .separator:
                if word.folded.isEmpty { break }
                finish(start..<offset, tone, isNumber)
                return .word
            }
            offset += length
            if word.folded.count >= Self.longestWord { break }
        }
        guard !word.folded.isEmpty else { return nil }
        finish(start..<offset, tone, isNumber)
        return .word
    }

    private mutating func facet(in bytes: UnsafeBufferPointer<UInt8>) -> Token {
        offset += 1
        let start = offset
        while offset < bytes.count, bytes[offset] >= 0x20 { offset += 1 }
        return .facet(start..<offset)
    }

    private mutating func finish(_ range: Range<Int>, _ tone: Letter.Tone?, _ isNumber: Bool) {
        word.range = range
        if isNumber {
            word.exact.removeAll(keepingCapacity: true)
            let zeros = word.folded.prefix { $0 == UInt8(ascii: "0") }.count
            word.folded.removeFirst(min(zeros, word.folded.count - 1))
        } else if let tone {
            word.exact.append(tone.rawValue)
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        if scalar.isASCII {
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        } else {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> (Unicode.Scalar, Int) {
        let first = bytes[offset]
        func next(_ index: Int) -> UInt32? {
            guard offset + index < bytes.count, bytes[offset + index] & 0xC0 == 0x80 else { return nil }
            return UInt32(bytes[offset + index] & 0x3F)
        }
        let value: UInt32?
        let length: Int
        switch first {
        case 0..<0x80: return (Unicode.Scalar(first), 1)
        case 0xC2..<0xE0:
            value = next(1).map { UInt32(first & 0x1F) << 6 | $0 }
            length = 2
        case 0xE0..<0xF0:
            value = next(1).flatMap { one in next(2).map { UInt32(first & 0xF) << 12 | one << 6 | $0 } }
            length = 3
        case 0xF0..<0xF5:
            value = next(1).flatMap { one in
                next(2).flatMap { two in next(3).map { UInt32(first & 7) << 18 | one << 12 | two << 6 | $0 } }
            }
            length = 4
        default: return (" ", 1)
        }
        guard let value, let scalar = Unicode.Scalar(value) else { return (" ", 1) }
        return (scalar, length)
    }
}

extension WordScanner {
    /// All words of a text, with what divides them as nil.
    static func words(of text: String) -> [Word?] {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = WordScanner()
            var words: [Word?] = []
            while let token = scanner.next(in: bytes) {
                switch token {
                case .word: words.append(scanner.word)
                case .boundary: words.append(nil)
                case .facet: continue
                }
            }
            return words
        }
    }
}
