import Foundation
import Vietnamese

/// Where the files of a meeting's package are.
public struct PackagePaths: Sendable, Equatable {
    /// Absolute.
    public let directory: String
    /// Scratch space on the same disk, not part of the package, removed at sealing: half-made files belong here.
    public let work: String

    public var master: String { directory + "/" + Self.masterName }
    public var accessCopy: String { directory + "/" + Self.accessCopyName }
    public var events: String { directory + "/" + Self.eventsName }
    public var metadata: String { directory + "/" + Self.metadataName }
    public var manifest: String { directory + "/" + Self.manifestName }

    public static let masterName = "master.mkv"
    public static let accessCopyName = "access.webm"
    public static let eventsName = "events.jsonl"
    public static let metadataName = "meeting.json"
    public static let manifestName = "manifest-sha256.txt"

    /// ASCII, so that a meeting's id is safe in a path, in a URL and in a terminal.
    static func isUsable(id: String) -> Bool {
        let bytes = Array(id.utf8)
        guard (1...80).contains(bytes.count), isAlphanumeric(bytes[0]) else { return false }
        return bytes.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: ".")
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Names for the package's directory below the root, the best first. An id that holds the date and the room already
    /// (`20261124-093000-giaoban-k3f9`) gives only its last part.
    static func packageNames(for meeting: NewMeeting) -> [String] {
        let day = IndochinaTime.day(meeting.openedAt)
        let room = VietnameseText.slug(meeting.room, fallback: "room")
        let parts = meeting.id.split(separator: "-")
        let short = parts.count > 2 ? String(parts[parts.count - 1]) : meeting.id
        let names = short == meeting.id ? [short] : [short, meeting.id]
        return names.map { "packages/\(day.prefix(4))/\(day)-\(room)-\($0)" }
    }
}

/// MIME types of what packages hold, by the ends of names.
enum PackageMIME {
    static func type(of path: String) -> String {
        switch path.split(separator: ".").last.map({ $0.lowercased() }) {
        case "mkv": "video/matroska"
        case "webm": "video/webm"
        case "jsonl": "application/jsonl"
        case "json": "application/json"
        case "txt": "text/plain; charset=utf-8"
        case "opus": "audio/ogg"
        case "mp4": "video/mp4"
        case "pdf": "application/pdf"
        case "odt": "application/vnd.oasis.opendocument.text"
        case "jpg", "jpeg": "image/jpeg"
        case "png": "image/png"
        case "vtt": "text/vtt; charset=utf-8"
        case "xml": "application/xml"
        default: "application/octet-stream"
        }
    }
}
