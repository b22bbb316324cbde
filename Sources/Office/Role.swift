/// What somebody is to the Office. A person may have several; what each may do is the portal's table.
public enum Role: String, Sendable, Codable, CaseIterable, Hashable {
    /// Manages the system, its people and their accounts.
    case administrator
    /// Convenes meetings: their time, room, invited points, agenda and papers.
    case convener
    /// Leads meetings.
    case chair
    /// Rehearses, watches the quality, helps points.
    case technician
    /// Keeps what meetings left.
    case archivist
    /// Reads what was granted to its agency.
    case agencyReader = "agency-reader"
    /// Reads who did what; changes nothing.
    case auditor

    public var title: Words {
        switch self {
        case .administrator: Words("Quản trị viên", "administrator")
        case .convener: Words("Người triệu tập", "convener")
        case .chair: Words("Chủ tọa", "chair")
        case .technician: Words("Kỹ thuật viên", "technician")
        case .archivist: Words("Lưu trữ viên", "archivist")
        case .agencyReader: Words("Người đọc của cơ quan", "agency reader")
        case .auditor: Words("Người kiểm tra", "auditor")
        }
    }
}
