import Foundation

/// Why a point was absent from a meeting, as the Office noted it when the meeting was over.
public struct NotedAbsence: Codable, Hashable, Sendable {
    /// Letters of a reason.
    public static let longest = 300

    public var point: String
    public var reason: String
    /// Who noted it.
    public var by: String
    public var at: Date

    public init(point: String, reason: String, by: String, at: Date) {
        self.point = point
        self.reason = reason
        self.by = by
        self.at = at
    }
}

/// Why a reason is not noted.
public enum AbsenceFault: OfficeFault, Hashable {
    case tooLong
    case notOver
    case notAbsent(String)

    public var words: Words {
        switch self {
        case .tooLong:
            Words(
                "Lý do dài quá \(NotedAbsence.longest) chữ.",
                "The reason has more than \(NotedAbsence.longest) letters.")
        case .notOver:
            Words(
                "Cuộc họp chưa xong: lý do vắng ghi ở trang điều hành.",
                "The meeting is not over: reasons are noted on the page by which it is led.")
        case .notAbsent(let point):
            Words("Điểm cầu \(point) không vắng trong cuộc họp này.", "\(point) was not absent from this meeting.")
        }
    }
}
