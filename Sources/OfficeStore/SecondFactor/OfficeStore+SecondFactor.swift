import Crypto
import Foundation
import SQLDatabase
import Office
import Vietnamese

/// What somebody signs in with besides the password: an app that shows one-time passwords, and codes on paper for the day on
/// which it is lost. The app's secret is kept as it is, for it is needed to check what the app shows.
extension OfficeStore {
    static let recoveryCodes = 10

    /// Turns it on, where `code` is what the app shows of this secret now.
    /// - Returns: the recovery codes, which are shown once. The codes there were are void.
    public func turnOn(
        _ app: OneTimePassword, of person: String, code: String
    ) async throws(OfficeStoreError) -> [String] {
        try await write(telling: nil) { [self] db in
            guard register.person(person) != nil else { throw RegisterFault.unknown(.person, person) }
            let moment = now()
            guard let step = app.step(of: Self.digits(code), at: moment, after: nil) else {
                throw SignInFault.codeWrong
            }
            try db.execute(
                sql: """
                    INSERT INTO secondFactors (person, secret, lastStep, confirmedAt) VALUES (?, ?, ?, ?)
                    ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, lastStep = excluded.lastStep,
                    confirmedAt = excluded.confirmedAt
                    """, arguments: [person, Data(app.secret), step, IndochinaTime.text(moment)])
            let codes = (0..<Self.recoveryCodes).map { _ in RandomText.recoveryCode() }
            try db.execute(sql: "DELETE FROM recoveryCodes WHERE person = ?", arguments: [person])
            for code in codes {
                try db.execute(
                    sql: "INSERT INTO recoveryCodes (person, sha256) VALUES (?, ?)",
                    arguments: [person, Self.digest(Self.plain(code))])
            }
            try Self.note("turn on second factor", person, by: person, db, at: moment)
            return codes
        }
    }

    /// Turns it off: by the person, or by an administrator where the app and the codes are lost.
    public func turnOffSecondFactor(of person: String, by: String) async throws(OfficeStoreError) {
        try await write(telling: nil) { [self] db in
            guard register.person(person) != nil else { throw RegisterFault.unknown(.person, person) }
            try db.execute(sql: "DELETE FROM secondFactors WHERE person = ?", arguments: [person])
            try db.execute(sql: "DELETE FROM recoveryCodes WHERE person = ?", arguments: [person])
            try Self.note("turn off second factor", person, by: by, db, at: now())
        }
    }

    public func hasSecondFactor(_ person: String) async throws(OfficeStoreError) -> Bool {
        try await read { db in try Self.app(of: person, db) != nil }
    }

    /// How many recovery codes a person has left.
    public func recoveryCodesLeft(of person: String) async throws(OfficeStoreError) -> Int {
        try await read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM recoveryCodes WHERE person = ?", arguments: [person]) ?? 0
        }
    }

    /// Nil where the person has no second factor, or `code` is right: it is used up then.
    static func fault(of code: String?, by person: String, _ db: SQLConnection, at moment: Date) throws -> SignInFault?
    {
        guard let (app, last) = try app(of: person, db) else { return nil }
        guard let code, !code.allSatisfy(\.isWhitespace) else { return .codeNeeded }
        if let step = app.step(of: digits(code), at: moment, after: last) {
            try db.execute(sql: "UPDATE secondFactors SET lastStep = ? WHERE person = ?", arguments: [step, person])
            return nil
        }
        try db.execute(
            sql: "DELETE FROM recoveryCodes WHERE person = ? AND sha256 = ?",
            arguments: [person, digest(plain(String(code.prefix(100))))])
        guard db.changesCount == 1 else { return .codeWrong }
        try note("use recovery code", person, by: person, db, at: moment)
        return nil
    }

    private static func app(of person: String, _ db: SQLConnection) throws -> (OneTimePassword, lastStep: Int64)? {
        try SQLRow.fetchOne(
            db, sql: "SELECT secret, lastStep FROM secondFactors WHERE person = ?", arguments: [person]
        ).map { row in (OneTimePassword(secret: Array(row["secret"] as Data)), row["lastStep"]) }
    }

    /// As people type what an app shows in groups.
    private static func digits(_ code: String) -> String { code.prefix(40).filter { !$0.isWhitespace } }

    private static func plain(_ code: String) -> String { code.lowercased().filter { $0.isLetter || $0.isNumber } }
}

extension OneTimePassword {
    /// A secret for somebody who begins to use an app.
    public static func random() -> OneTimePassword { OneTimePassword() }

    /// What the app shows, for tests of what takes it.
    public func password(at time: Date) -> String { password(at: Self.step(at: time)) }
}
