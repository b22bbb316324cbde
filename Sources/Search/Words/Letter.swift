import Foundation
import Vietnamese

/// What a Unicode scalar is in a word.
enum Letter {
    case separator
    /// `folded` without any mark, đ as d; `quality` with the vowel's own mark (â, ơ, đ) but no tone.
    case letter(folded: Unicode.Scalar, quality: Unicode.Scalar, tone: Tone?)
    case digit(Unicode.Scalar)
    /// A mark that stands alone because nothing precomposed has it.
    case mark(Tone?)

    /// The five written tones, as ASCII, which stand for them at the end of a word.
    enum Tone: UInt8 {
        case grave = 0x60
        case acute = 0x27
        case hook = 0x3F
        case tilde = 0x7E
        case dot = 0x2E

        init?(_ scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0x300: self = .grave
            case 0x301: self = .acute
            case 0x309: self = .hook
            case 0x303: self = .tilde
            case 0x323: self = .dot
            default: return nil
            }
        }
    }

    static func of(_ scalar: Unicode.Scalar) -> Letter {
        switch scalar.value {
        case 0..<0x250: low[Int(scalar.value)]
        case 0x1E00..<0x1F00: high[Int(scalar.value) - 0x1E00]
        default: classify(scalar)
        }
    }

    private static let low = (0..<0x250).map { classify(Unicode.Scalar(UInt16($0)) ?? " ") }
    private static let high = (0x1E00..<0x1F00).map { classify(Unicode.Scalar(UInt16($0)) ?? " ") }

    private static func classify(_ scalar: Unicode.Scalar) -> Letter {
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber:
            return .digit(VietnameseText.folded(String(scalar)).unicodeScalars.first ?? scalar)
        case .nonspacingMark, .spacingMark, .enclosingMark, .format:
            return .mark(Tone(scalar))
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            let parts = String(scalar).lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars
            let tone = parts.lazy.compactMap(Tone.init).first
            let quality = String(String.UnicodeScalarView(parts.filter { Tone($0) == nil }))
                .precomposedStringWithCanonicalMapping.unicodeScalars.first
            let folded = VietnameseText.folded(String(scalar)).unicodeScalars.first
            return .letter(folded: folded ?? scalar, quality: quality ?? scalar, tone: tone)
        default: return .separator
        }
    }
}
