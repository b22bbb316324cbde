import Foundation

/// The tag files of a bag (RFC 8493).
public enum BagIt {
    public static let declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

    /// A manifest (§2.1.3, §2.2.1): lines that `sha512sum -c` reads.
    public static func manifest(_ files: [SealDocument.File]) -> String {
        files.map { "\($0.sha512)  \(encoded($0.path))\n" }.joined()
    }

    /// Line ends and the per cent sign are the only characters of a path that are not written as they are (§2.1.3).
    static func encoded(_ path: String) -> String {
        path.unicodeScalars.map { scalar in
            switch scalar {
            case "%": "%25"
            case "\n": "%0A"
            case "\r": "%0D"
            default: String(scalar)
            }
        }.joined()
    }

    /// `bag-info.txt` (§2.2.2): a label and its value, once a line; a line end in a value would begin another element.
    public static func information(_ elements: [(label: String, value: String)]) -> String {
        elements.map { element in
            let value = element.value.split(whereSeparator: \.isNewline).joined(separator: " ")
            return "\(element.label): \(value)\n"
        }.joined()
    }

    /// `OctetCount.StreamCount` of the payload.
    public static func payloadOxum(_ payload: [SealDocument.File]) -> String {
        "\(payload.reduce(0) { $0 + $1.size }).\(payload.count)"
    }
}
