import Foundation

/// Vietnamese text for storing, searching and naming files.
public enum VietnameseText {
    /// NFC, the one form that is stored, without control characters and surrounding white space.
    public static func stored(_ text: String) -> String {
        let plain = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control ? " " : scalar
                }))
        return plain.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespaces)
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
