import Foundation

/// A file that belongs to a meeting: shown to those who see the meeting, and managed with it.
public struct Paper: Codable, Hashable, Sendable, Identifiable {
    public static let longest: Int64 = 100 << 20
    /// Of one meeting.
    public static let most = 100

    public var id: Int64
    /// As whoever brought it called it; NFC, without a path.
    public var name: String
    /// By its name's ending; what is not known is `application/octet-stream`.
    public var mime: String
    public var size: Int64
    /// In hexadecimal digits.
    public var sha256: String
    public var by: String
    public var at: Date

    public init(id: Int64, name: String, mime: String, size: Int64, sha256: String, by: String, at: Date) {
        self.id = id
        self.name = name
        self.mime = mime
        self.size = size
        self.sha256 = sha256
        self.by = by
        self.at = at
    }

    public static func mime(of name: String) -> String {
        switch name.split(separator: ".").last?.lowercased() {
        case "pdf": "application/pdf"
        case "odt": "application/vnd.oasis.opendocument.text"
        case "ods": "application/vnd.oasis.opendocument.spreadsheet"
        case "odp": "application/vnd.oasis.opendocument.presentation"
        case "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        case "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        case "txt": "text/plain; charset=utf-8"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        default: "application/octet-stream"
        }
    }
}

/// Why a paper is not taken.
public enum PaperFault: OfficeFault, Hashable {
    case nameMissing
    case tooLarge
    case tooMany
    case empty
    case unknown(Int64)

    public var words: Words {
        switch self {
        case .nameMissing: Words("Tên tệp không hợp lệ.", "The file has no proper name.")
        case .tooLarge:
            Words("Tệp lớn quá \(Paper.longest >> 20) MB.", "The file is larger than \(Paper.longest >> 20) MB.")
        case .tooMany: Words("Cuộc họp đã có \(Paper.most) tài liệu.", "The meeting has \(Paper.most) papers already.")
        case .empty: Words("Tệp trống.", "The file is empty.")
        case .unknown(let id): Words("Không có tài liệu \(id).", "There is no paper \(id).")
        }
    }
}
