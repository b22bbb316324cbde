import Crypto
import Foundation

/// Names in packages: ASCII, the same in every file system and in every address (CSIP, *Folder and file naming*).
enum PackageName {
    static let longest = 120

    static func isUsable(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= longest, isAlphanumeric(first) else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    /// `text` as such a name: every run of other characters becomes one `_`.
    static func ascii(_ text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            if isAlphanumeric(byte) || byte == 0x2E || byte == 0x2D {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else if !name.isEmpty, name.last != "_" {
                name.append("_")
            }
        }
        let trimmed = name.drop { ".-_".contains($0) }
        return trimmed.isEmpty ? "x" : String(trimmed.prefix(80))
    }

    /// The ending for a type, without its dot.
    static func ending(_ mime: String, of path: String) -> String {
        switch mime.split(separator: ";").first {
        case "video/mp4": return "mp4"
        case "video/matroska": return "mkv"
        case "video/webm": return "webm"
        case "audio/mpeg": return "mp3"
        case "audio/aac": return "aac"
        case "audio/wav": return "wav"
        case "audio/ogg": return "opus"
        case "application/pdf": return "pdf"
        default:
            let ending = (path as NSString).pathExtension.lowercased()
            return isUsable(ending) && ending.utf8.count <= 8 ? ending : "bin"
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
    }
}

/// The identifiers within a package: each from the package's own and what it names, so that the same dossier always gives the
/// same package (RFC 9562 §5.8, version 8: 122 bits of SHA-256). In capitals, as the rules want.
struct PackageIdentifiers {
    let package: UUID

    func uuid(_ what: String) -> String { Self.uuid(naming: "\(package.uuidString)\n\(what)") }

    static func uuid(naming text: String) -> String {
        var bytes = Array(SHA256.hash(data: Data(text.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { (($0 < 16 ? "0" : "") + String($0, radix: 16)).uppercased() }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
    }

    /// Of a section.
    func section(_ what: String) -> String { "uuid-\(uuid(what))" }
    /// Of a file.
    func file(_ path: String) -> String { "ID-\(uuid(path))" }
}
