import Archive
import Foundation
import Vietnamese

/// The supply register as a file for a spreadsheet (RFC 4180), in Vietnamese.
enum AccessRegister {
    static let heads = [
        "Số", "Ngày yêu cầu", "Người yêu cầu", "Cơ quan", "Hồ sơ", "Cuộc họp", "Mục đích", "Lý do", "Kết quả",
        "Người giải quyết", "Ngày giải quyết", "Mức bản sao", "Đoạn (giây)", "Hiệu lực từ", "Hiệu lực đến", "Thu hồi",
    ]

    static func row(
        _ request: AccessRequest, _ grant: AccessGrant?, _ titles: [String: String], at now: Date
    ) -> [String] {
        let id = grant?.meetingID ?? request.wish.meetingID
        let span = grant.flatMap(\.span).map { "\($0.lowerBound / 1000)–\($0.upperBound / 1000)" }
        return [
            "\(request.number)", day(request.requestedAt), request.requester.name, request.requester.agency, id ?? "",
            id.flatMap { titles[$0] } ?? request.wish.description, request.wish.purpose, request.wish.reason,
            outcome(request, grant, at: now), request.decidedBy ?? "", request.decidedAt.map(day) ?? "",
            grant.map { level($0.level) } ?? "", span ?? "", grant.map { day($0.validFrom) } ?? "",
            grant.map { day($0.validUntil) } ?? "",
            grant.flatMap { grant in grant.revokedAt.map { "\(day($0)): \(grant.revokeReason ?? "")" } } ?? "",
        ]
    }

    /// What a file begins with: the mark by which spreadsheets know UTF-8, and the heads.
    static var beginning: String { "\u{FEFF}" + lines([heads]) }

    static func lines(_ rows: [[String]]) -> String {
        rows.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    /// Quoted; what a spreadsheet would take for a formula is kept from being one.
    private static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        return "\"" + ((isFormula ? "'" : "") + text).replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    private static func day(_ date: Date) -> String {
        String(IndochinaTime.text(date).prefix(16)).replacingOccurrences(of: "T", with: " ")
    }

    private static func outcome(_ request: AccessRequest, _ grant: AccessGrant?, at now: Date) -> String {
        switch (request.state, grant?.state(at: now)) {
        case (.waiting, _): "Đang chờ"
        case (.refused, _): "Từ chối: \(request.remark ?? "")"
        case (.withdrawn, _): "Đã rút"
        case (.granted, .revoked): "Đã thu hồi"
        case (.granted, .expired): "Hết hiệu lực"
        case (.granted, _): "Đã cấp"
        }
    }

    private static func level(_ level: CopyLevel) -> String {
        switch level {
        case .reading: "Đọc tại chỗ"
        case .unauthenticated: "Bản sao không chứng thực"
        case .authenticated: "Bản sao chứng thực"
        case .package: "Gói DIP"
        }
    }
}
