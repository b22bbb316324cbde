import Crypto
import Foundation
import SQLDatabase
import Office
import Vietnamese

/// That somebody looked through who has which right, and found it right.
public struct AccessReview: Codable, Hashable, Sendable {
    public var number: Int64
    public var at: Date
    public var by: String
    public var remark: String
    /// What was looked through.
    public var lines: [RightLine]
}

extension OfficeStore {
    /// Twice a year.
    public static let reviewInterval: TimeInterval = 182 * 86_400
    public static let longestReviewRemark = 1000

    /// Of what is looked through: whoever confirms says which it was.
    public static func digest(of lines: [RightLine]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.dateEncodingStrategy = .millisecondsSince1970
        return SHA256.hash(data: try encoder.encode(lines.map(\.right))).hexadecimal
    }

    /// Writes down a review.
    public func noteReview(
        of lines: [RightLine], remark: String, by: String
    ) async throws(OfficeStoreError) -> AccessReview {
        let remark = VietnameseText.stored(remark)
        return try await write(telling: nil) { [self] db in
            guard remark.count <= Self.longestReviewRemark else { throw ReviewFault.remarkTooLong }
            let moment = now().roundedToMillisecond
            let number =
                try Int64.fetchOne(
                    db,
                    sql: "INSERT INTO accessReviews (at, \"by\", remark, content) VALUES (?, ?, ?, ?) RETURNING number",
                    arguments: [IndochinaTime.text(moment), by, remark, try OfficeJSON.encode(lines)]) ?? 0
            try Self.note("review access", "\(number) \(lines.count) rights", by: by, db, at: moment)
            return AccessReview(number: number, at: moment, by: by, remark: remark, lines: lines)
        }
    }

    /// The newest first; nothing is ever taken away from them.
    public func accessReviews(limit: Int = 100) async throws(OfficeStoreError) -> [AccessReview] {
        try await read { db in
            try SQLRow.fetchAll(db, sql: "SELECT * FROM accessReviews ORDER BY number DESC LIMIT ?", arguments: [limit])
                .map(Self.review)
        }
    }

    public func accessReview(_ number: Int64) async throws(OfficeStoreError) -> AccessReview {
        try await read { db in
            guard
                let row = try SQLRow.fetchOne(
                    db, sql: "SELECT * FROM accessReviews WHERE number = ?", arguments: [number])
            else { throw ReviewFault.unknown(number) }
            return try Self.review(row)
        }
    }

    private static func review(_ row: SQLRow) throws -> AccessReview {
        AccessReview(
            number: row["number"], at: IndochinaTime.date(from: row["at"]) ?? .distantPast, by: row["by"],
            remark: row["remark"], lines: try OfficeJSON.decode([RightLine].self, row["content"]))
    }
}

/// Why a review is not taken.
public enum ReviewFault: OfficeFault, Hashable {
    case remarkTooLong
    case unknown(Int64)
    /// Somebody got or lost a right since the list was shown.
    case changed
    /// Nobody knows who is on the machine's own socket.
    case anonymous

    public var words: Words {
        switch self {
        case .remarkTooLong:
            Words(
                "Nhận xét dài quá \(OfficeStore.longestReviewRemark) ký tự.",
                "The remark is longer than \(OfficeStore.longestReviewRemark) characters.")
        case .unknown(let number):
            Words("Không có lần rà soát số \(number).", "There is no review \(number).")
        case .changed:
            Words(
                "Quyền truy cập đã thay đổi từ khi danh sách này được mở: hãy xem lại rồi xác nhận.",
                "Rights have changed since this list was opened: look through it again.")
        case .anonymous:
            Words(
                "Người rà soát phải đăng nhập: qua ổ cắm của máy không biết là ai.",
                "Whoever reviews signs in, or uses a token: on the machine's own socket nobody knows who it is.")
        }
    }
}
