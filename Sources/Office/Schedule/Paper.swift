import Foundation
import Papers

/// A file that belongs to a meeting: shown to those who see the meeting, and managed with it.
public struct Paper: Codable, Hashable, Sendable, Identifiable {
    public static let longest: Int64 = 100 << 20
    /// Of one meeting.
    public static let most = 100
    /// Of all papers of one meeting together.
    public static let mostOctets: Int64 = 2 << 30

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
    /// It has scripts, macros, files within it or the like, or may have: whoever opens it is told. It is never opened here.
    public var hasCode: Bool

    public init(
        id: Int64, name: String, mime: String, size: Int64, sha256: String, by: String, at: Date, hasCode: Bool = false
    ) {
        self.id = id
        self.name = name
        self.mime = mime
        self.size = size
        self.sha256 = sha256
        self.by = by
        self.at = at
        self.hasCode = hasCode
    }

    public static func mime(of name: String) -> String {
        PaperType(named: name)?.mime ?? "application/octet-stream"
    }
}

/// Why a paper is not taken.
public enum PaperFault: OfficeFault, Hashable {
    case nameMissing
    case tooLarge
    case tooMany
    case empty
    /// All papers of the meeting together would be larger than ``Paper/mostOctets``.
    case overQuota
    /// What was found by looking into it.
    case defect(PaperDefect)
    /// By what ClamAV calls it.
    case infected(String)
    /// It is to be looked at for viruses, and cannot be now.
    case unscanned
    case unknown(Int64)

    public var words: Words {
        switch self {
        case .nameMissing: Words("Tên tệp không hợp lệ.", "The file has no proper name.")
        case .tooLarge:
            Words("Tệp lớn quá \(Paper.longest >> 20) MB.", "The file is larger than \(Paper.longest >> 20) MB.")
        case .tooMany: Words("Cuộc họp đã có \(Paper.most) tài liệu.", "The meeting has \(Paper.most) papers already.")
        case .empty: Words("Tệp trống.", "The file is empty.")
        case .overQuota:
            Words(
                "Tài liệu của cuộc họp vượt quá \(Paper.mostOctets >> 30) GB.",
                "The meeting's papers would be larger than \(Paper.mostOctets >> 30) GB.")
        case .defect(let defect): defect.words
        case .infected(let name): Words("Tệp có mã độc: \(name).", "The file is infected: \(name).")
        case .unscanned:
            Words(
                "Chưa quét được mã độc nên chưa nhận tệp; hãy thử lại sau.",
                "The file is not taken, for viruses cannot be looked for now. Try again later.")
        case .unknown(let id): Words("Không có tài liệu \(id).", "There is no paper \(id).")
        }
    }
}

extension PaperDefect {
    fileprivate var words: Words {
        let endings = PaperType.allCases.map(\.rawValue).joined(separator: ", ")
        return switch self {
        case .unknownType:
            Words("Chỉ nhận các tệp: \(endings).", "Only these files are taken: \(endings).")
        case .notA(let type):
            Words(
                "Nội dung tệp không phải là \(type.rawValue.uppercased()) như tên tệp ghi.",
                "The file's content is not \(type.rawValue.uppercased()), as its name says.")
        case .damaged: Words("Tệp bị hỏng hoặc được đặt mật khẩu.", "The file is damaged, or has a password.")
        case .unpacksToTooMuch:
            Words(
                "Tệp giải nén ra quá \(PaperInspection.mostUnpacked >> 20) MB.",
                "The file unpacks to more than \(PaperInspection.mostUnpacked >> 20) MB.")
        case .unreadable: Words("Không đọc được tệp.", "The file cannot be read.")
        }
    }
}
