import Foundation
import SQLDatabase
import Office
import Vietnamese

/// Signing in by the word of an identity provider. Lock-outs, sleeping accounts and the second factor are as for passwords.
extension OfficeStore {
    /// How far somebody came.
    public enum Admission: Hashable, Sendable {
        case whole(PersonEntry)
        /// The account has a second factor, and the provider did not say that one was used: ``prove(_:code:by:)`` takes it.
        case codeNeeded(PersonEntry)
    }

    /// - Parameters:
    ///   - provider: whose word it is; stands in the journal.
    ///   - isProved: the provider says that a second factor was used.
    public func admit(
        _ id: String, by provider: String, isProved: Bool
    ) async throws(OfficeStoreError) -> Admission {
        try await write(telling: nil) { [self] db in
            let moment = now()
            guard let person = register.person(id) else { throw SignInFault.wrong }
            if let fault = try Self.closed(id, db, at: moment) { throw fault }
            if !isProved, try Self.hasApp(id, db) { return .codeNeeded(person) }
            try Self.enter(id, by: provider, db, at: moment)
            return .whole(person)
        }
    }

    /// The code that was still to come.
    public func prove(
        _ id: String, code: String, by provider: String
    ) async throws(OfficeStoreError) -> PersonEntry {
        try await write(telling: nil) { [self] db -> Result<PersonEntry, SignInFault> in
            let moment = now()
            guard let person = register.person(id) else { return .failure(.wrong) }
            if let fault = try Self.closed(id, db, at: moment) { return .failure(fault) }
            // Whoever took the app away meanwhile did not take away that one is needed.
            guard try Self.hasApp(id, db) else { return .failure(.codeWrong) }
            if let fault = try Self.fault(of: code, by: id, db, at: moment) {
                if fault == .codeWrong {
                    // Who never set a password has no line yet in which failures are counted.
                    try Self.ensureStanding(of: id, db, at: moment)
                    if let standing = try Self.standing(of: id, db) {
                        try Self.countFailure(of: id, after: standing, db, at: moment, "wrong code")
                    }
                }
                return .failure(fault)
            }
            try Self.enter(id, by: provider, db, at: moment)
            return .success(person)
        }.orThrow()
    }

    private static func hasApp(_ id: String, _ db: SQLConnection) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM secondFactors WHERE person = ?", arguments: [id]) != 0
    }

    /// Why the account lets nobody in now.
    private static func closed(_ id: String, _ db: SQLConnection, at moment: Date) throws -> SignInFault? {
        guard let standing = try standing(of: id, db) else { return nil }
        if let until = standing.lockedUntil, until > moment { return .locked(until: until) }
        if let last = standing.signedInAt, moment.timeIntervalSince(last) > sleep { return .dormant }
        return nil
    }

    private static func ensureStanding(of id: String, _ db: SQLConnection, at moment: Date) throws {
        try db.execute(
            sql: """
                INSERT INTO personSecrets (person, password, failures, lockedUntil, signedInAt, changedAt)
                VALUES (?, NULL, 0, NULL, NULL, ?) ON CONFLICT (person) DO NOTHING
                """, arguments: [id, IndochinaTime.text(moment)])
    }

    private static func enter(_ id: String, by provider: String, _ db: SQLConnection, at moment: Date) throws {
        try ensureStanding(of: id, db, at: moment)
        try db.execute(
            sql: "UPDATE personSecrets SET failures = 0, lockedUntil = NULL, signedInAt = ? WHERE person = ?",
            arguments: [IndochinaTime.text(moment), id])
        try note("sign in", "\(id) by \(provider)", by: id, db, at: moment)
    }
}
