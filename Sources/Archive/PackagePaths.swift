import Evidence
import Foundation
import Vietnamese

/// Where the files of a meeting's package are.
public struct PackagePaths: Sendable, Equatable {
    /// Absolute.
    public let directory: String
    /// Scratch space on the same disk, not part of the package, removed at sealing: half-made files belong here.
    public let work: String
    public let layout: PackageLayout

    public var master: String { payload("master.mkv") }
    public var accessCopy: String { payload("access.webm") }
    public var events: String { payload("events.jsonl") }
    public var metadata: String { directory + (layout == .flat ? "/meeting.json" : "/" + SealedPackage.metadata) }
    /// Of the flat layout.
    var flatManifest: String { directory + "/" + Self.flatManifestName }

    static let flatManifestName = "manifest-sha256.txt"

    /// What the package is for: recordings, events, reports, papers.
    public func payload(_ name: String) -> String { directory + (layout == .flat ? "/" : "/data/") + name }

    /// A report that went into the package before it was sealed.
    public func report(_ name: String) -> String {
        directory + (layout == .flat ? "/report/" : "/data/reports/") + name
    }

    /// ASCII, so that a meeting's id is safe in a path, in a URL and in a terminal.
    static func isUsable(id: String) -> Bool {
        let bytes = Array(id.utf8)
        guard (1...80).contains(bytes.count), isAlphanumeric(bytes[0]) else { return false }
        return bytes.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: ".")
        }
    }

    /// Whether a name may stand in a package: ASCII, in folders divided by `/`, none of which begins with a dot.
    static func isUsable(name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return (1...PackagePaths.mostFolders).contains(parts.count) && parts.allSatisfy { isUsable(id: String($0)) }
    }

    private static let mostFolders = 5

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
        case "chain": "text/plain; charset=us-ascii"
        case "webp": "image/webp"
        case "pem": "application/x-pem-file"
        case "p7s": "application/pkcs7-signature"
        case "tsr": "application/timestamp-reply"
        case "opus": "audio/ogg"
        case "mp4": "video/mp4"
        case "pdf": "application/pdf"
        case "odt": "application/vnd.oasis.opendocument.text"
        case "ods": "application/vnd.oasis.opendocument.spreadsheet"
        case "odp": "application/vnd.oasis.opendocument.presentation"
        case "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        case "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        case "jpg", "jpeg": "image/jpeg"
        case "png": "image/png"
        case "vtt": "text/vtt; charset=utf-8"
        case "xml": "application/xml"
        default: "application/octet-stream"
        }
    }
}
