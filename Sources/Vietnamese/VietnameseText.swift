import Foundation

/// Vietnamese text for storing, searching and naming files.
public enum VietnameseText {
    /// NFC, the one form that is stored, without control characters and surrounding white space.
    public static func stored(_ text: String) -> String {
        if isStored(text) { return text }
        let plain = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control ? " " : scalar
                }))
        return plain.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespaces)
    }

    /// Whether `text` is easily seen to be as it would be stored: nothing in it combines, and no character of it is a
    /// control character or white space at either end.
    private static func isStored(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, first != 0x20, last != 0x20 else {
            return text.isEmpty
        }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            // Up to here is ASCII; then Latin-1 and Latin Extended-A and -B, and the letters with two marks.
            case 0x20...0x7E, 0xA1...0x24F, 0x1EA0...0x1EF9: true
            default: false
            }
        }
    }

    /// Lower case without any mark, đ as d: what search compares. Both ways to place a tone mark (hòa, hoà) fold alike.
    public static func folded(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in text.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .spacingMark, .format: continue
            default: folded.append(scalar == "đ" || scalar == "ð" ? "d" : scalar)
            }
        }
        return String(folded)
    }

    /// An ASCII name for a path: folded, every run of anything but letters and digits one hyphen; at most `limit`
    /// characters, `fallback` where nothing is left.
    public static func slug(_ text: String, limit: Int = 40, fallback: String = "x") -> String {
        var slug = ""
        for scalar in folded(text).unicodeScalars {
            if ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
                slug.unicodeScalars.append(scalar)
            } else if !slug.isEmpty, slug.last != "-" {
                slug.append("-")
            }
        }
        slug = String(slug.prefix(limit))
        while slug.last == "-" { slug.removeLast() }
        return slug.isEmpty ? fallback : slug
    }
}
