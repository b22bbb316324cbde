import Crypto
import Foundation
import SQLDatabase
import Office
import Vietnamese

/// What is kept of a point's password: H(username:realm:password) (RFC 7616 §3.4.2), in hexadecimal digits.
public struct PointSecret: Hashable, Sendable {
    public var sha256: String
    public var md5: String
}

extension OfficeStore {
    /// Of the points that the Office manages, by their ids.
    public func pointSecrets() throws(OfficeStoreError) -> [String: PointSecret] {
        do {
            return try database.read { db in
                let rows = try SQLRow.fetchAll(db, sql: "SELECT point, sha256, md5 FROM pointSecrets")
                return Dictionary(
                    rows.map { ($0["point"], PointSecret(sha256: $0["sha256"], md5: $0["md5"])) },
                    uniquingKeysWith: { first, _ in first })
            }
        } catch {
            throw OfficeStoreError(error, path: path)
        }
    }

    /// Gives a point a new password in the place of its old one.
    public func issuePassword(to point: String, by: String) async throws(OfficeStoreError) -> IssuedPassword {
        try await write { [self] db in
            guard let entry = register.point(point) else { throw RegisterFault.unknown(.point, point) }
            if register.isFixed(.point, point) { throw RegisterFault.managedInFile(.point, point) }
            let moment = now()
            try Self.note("new password of point", point, by: by, db, at: moment)
            return try issue(entry, db, at: moment)
        }
    }

    /// A new name of an account takes a new password: the name is part of what is kept of the old one.
    func issuePasswords(
        from old: OfficeRegister, to new: OfficeRegister, _ db: SQLConnection, at moment: Date
    ) throws -> [IssuedPassword] {
        try new.points
            .filter { !new.isFixed(.point, $0.id) && old.point($0.id)?.username != $0.username }
            .map { try issue($0, db, at: moment) }
    }

    private func issue(_ point: PointEntry, _ db: SQLConnection, at moment: Date) throws -> IssuedPassword {
        let password = RandomText.password()
        let whole = Data("\(point.username):\(realm):\(password)".utf8)
        try db.execute(
            sql: """
                INSERT INTO pointSecrets (point, sha256, md5, changedAt) VALUES (?, ?, ?, ?)
                ON CONFLICT (point) DO UPDATE
                SET sha256 = excluded.sha256, md5 = excluded.md5, changedAt = excluded.changedAt
                """,
            arguments: [
                point.id, SHA256.hash(data: whole).hexadecimal, Insecure.MD5.hash(data: whole).hexadecimal,
                IndochinaTime.text(moment),
            ])
        return IssuedPassword(point: point.id, username: point.username, password: password)
    }
}

/// Texts that nobody guesses.
enum RandomText {
    /// No letters and digits that are mistaken for one another on paper.
    private static let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")

    /// Twenty letters and digits in four groups: 99 bits.
    static func password() -> String {
        var random = SystemRandomNumberGenerator()
        let letters = (0..<20).compactMap { _ in alphabet.randomElement(using: &random) }
        return stride(from: 0, to: letters.count, by: 5).map { String(letters[$0..<min($0 + 5, letters.count)]) }
            .joined(separator: "-")
    }

    /// Ten letters and digits in two groups: 49 bits.
    static func recoveryCode() -> String {
        var random = SystemRandomNumberGenerator()
        let letters = String((0..<10).compactMap { _ in alphabet.randomElement(using: &random) })
        return "\(letters.prefix(5))-\(letters.suffix(5))"
    }

    /// What tells a meeting's id from others.
    static func tail() -> String {
        var random = SystemRandomNumberGenerator()
        return String((0..<6).compactMap { _ in alphabet.randomElement(using: &random) })
    }

    /// 256 bits in hexadecimal digits.
    static func token() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { $0.map { octet in hexadecimal(octet) }.joined() }
    }

    static func hexadecimal(_ octet: UInt8) -> String { String(octet >> 4, radix: 16) + String(octet & 15, radix: 16) }
}

extension Digest {
    var hexadecimal: String { map(RandomText.hexadecimal).joined() }
}
