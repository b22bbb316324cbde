import Crypto
import Foundation
import SQLDatabase
import Office
import Vietnamese

/// A token that an administrator gave to a system or a service, as it stands.
public struct TokenRecord: Codable, Hashable, Sendable, Identifiable {
    public var id: String
    /// Who has it; the audit says this name.
    public var name: String
    public var role: Role
    /// What of the role it may; nil for all.
    public var scopes: [TokenScope]?
    public var createdBy: String
    public var createdAt: Date
    public var expiresAt: Date
    public var revokedBy: String?
    public var revokedAt: Date?

    public func isGood(at now: Date) -> Bool { revokedAt == nil && expiresAt > now }
}

/// Tokens for the portal's interface. Of each only the SHA-256 is kept: it is shown once, when it is made.
extension OfficeStore {
    public static let longestTokenLife = Duration.seconds(366 * 86_400)
    private static let mostTokens = 1000

    /// - Parameter taken: names that others have already.
    /// - Returns: the record, and the token of 256 bits.
    public func makeToken(
        named name: String, role: Role, scopes: Set<TokenScope>?, for life: Duration, by: String,
        taken: Set<String> = []
    ) async throws(OfficeStoreError) -> (record: TokenRecord, token: String) {
        let name = VietnameseText.stored(name)
        let token = "cw_" + RandomText.token()
        let record = TokenRecord(
            id: "t-" + RandomText.tail(), name: name, role: role,
            scopes: scopes.map { $0.sorted { $0.rawValue < $1.rawValue } }, createdBy: by,
            createdAt: now().roundedToMillisecond,
            expiresAt: now().addingTimeInterval(life / .seconds(1)).roundedToMillisecond)
        let kept = try await write(telling: nil) { [self] db in
            guard !name.isEmpty, name.count <= 200 else { throw TokenFault.nameless }
            // The journal tells a person from a token by these.
            guard !name.contains(where: "()".contains) else { throw TokenFault.nameless }
            guard scopes?.isEmpty != true else { throw TokenFault.scopeless }
            guard life > .zero, life <= Self.longestTokenLife else { throw TokenFault.livesTooLong }
            let others = try Self.tokens(db)
            // What one of that name was given, another is not to have.
            guard !taken.contains(name), !others.contains(where: { $0.name == name }) else {
                throw TokenFault.nameTaken(name)
            }
            guard others.count(where: { $0.isGood(at: now()) }) < Self.mostTokens else { throw TokenFault.tooMany }
            try db.execute(
                sql: "INSERT INTO tokens (id, sha256, content) VALUES (?, ?, ?)",
                arguments: [record.id, Self.digest(token), try OfficeJSON.encode(record)])
            try Self.note("make token", "\(record.id) \(name)", by: by, db, at: now())
            return record
        }
        return (kept, token)
    }

    /// Newest first, also those that are good no more.
    public func tokens() async throws(OfficeStoreError) -> [TokenRecord] {
        try await read { db in try Self.tokens(db).sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) } }
    }

    /// The token that `presented` is, also one that is good no more; nil where it is none.
    public func token(_ presented: String) async throws(OfficeStoreError) -> TokenRecord? {
        try await read { db in
            try String.fetchOne(
                db, sql: "SELECT content FROM tokens WHERE sha256 = ?", arguments: [Self.digest(presented)]
            ).map { try OfficeJSON.decode(TokenRecord.self, $0) }
        }
    }

    /// From the next request on it is refused.
    public func revokeToken(_ id: String, by: String) async throws(OfficeStoreError) -> TokenRecord {
        try await write(telling: nil) { [self] db in
            guard var record = try Self.tokens(db).first(where: { $0.id == id }) else { throw TokenFault.unknown(id) }
            guard record.revokedAt == nil else { return record }
            record.revokedAt = now().roundedToMillisecond
            record.revokedBy = by
            try db.execute(
                sql: "UPDATE tokens SET content = ? WHERE id = ?", arguments: [try OfficeJSON.encode(record), id])
            try Self.note("revoke token", "\(id) \(record.name)", by: by, db, at: now())
            return record
        }
    }

    private static func tokens(_ db: SQLConnection) throws -> [TokenRecord] {
        try String.fetchAll(db, sql: "SELECT content FROM tokens").map { try OfficeJSON.decode(TokenRecord.self, $0) }
    }
}

/// Why a token is not made, or not revoked.
public enum TokenFault: OfficeFault {
    case nameless, scopeless, livesTooLong, tooMany
    case unknown(String)
    case nameTaken(String)

    public var words: Words {
        switch self {
        case .nameless:
            Words(
                "Mã truy cập cần có tên người giữ, tối đa 200 ký tự, không có dấu ngoặc.",
                "A token needs the name of who has it, up to 200 characters without brackets.")
        case .scopeless: Words("Mã truy cập cần ít nhất một phạm vi.", "A token needs a scope at least.")
        case .livesTooLong:
            Words("Mã truy cập có hạn từ 1 giây đến 366 ngày.", "A token is good for 1 second to 366 days.")
        case .tooMany: Words("Đã có quá nhiều mã truy cập; hãy thu hồi bớt.", "There are too many tokens; revoke some.")
        case .nameTaken(let name):
            Words(
                "Đã có mã truy cập tên \(name); tên của mã cũ không dùng lại.",
                "There is or was a token named \(name); names are not used again.")
        case .unknown(let id): Words("Không có mã truy cập \(id).", "There is no token \(id).")
        }
    }
}
