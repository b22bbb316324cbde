import Crypto
import Foundation
import SQLDatabase
import Office
import Vietnamese

/// Why somebody is not let in.
public enum SignInFault: OfficeFault, Hashable {
    /// Name or password; which of them is nobody's business.
    case wrong
    /// After too many failures.
    case locked(until: Date)
    /// Nobody signed in by it for longer than accounts sleep.
    case dormant
    case linkInvalid
    /// The password is right, and the account has a second factor.
    case codeNeeded
    case codeWrong
    case passwordTooShort(minimum: Int)
    case passwordTooLong
    case passwordHoldsName
    case busy

    public var words: Words {
        switch self {
        case .wrong: Words("Tên hoặc mật khẩu không đúng.", "The name or the password is wrong.")
        case .locked(let until):
            Words(
                "Tài khoản bị khóa đến \(clock(until)) vì nhập sai quá nhiều lần.",
                "The account is locked until \(clock(until)) after too many wrong attempts.")
        case .dormant:
            Words(
                "Tài khoản đã ngừng vì 45 ngày không dùng: hãy xin quản trị viên liên kết mới.",
                "The account is off after 45 days without use: ask an administrator for a new link.")
        case .linkInvalid:
            Words(
                "Liên kết đã dùng rồi hoặc đã hết hạn: hãy xin quản trị viên liên kết mới.",
                "The link was used already or has expired: ask an administrator for a new one.")
        case .codeNeeded:
            Words("Hãy nhập mã xác thực của ứng dụng.", "Enter the code that your authenticator app shows.")
        case .codeWrong:
            Words(
                "Mã xác thực không đúng hoặc đã dùng rồi: hãy đợi mã mới.",
                "The code is wrong or was used already: wait for the next one.")
        case .passwordTooShort(let minimum):
            Words("Mật khẩu cần ít nhất \(minimum) ký tự.", "A password has at least \(minimum) characters.")
        case .passwordTooLong:
            Words("Mật khẩu dài quá 200 ký tự.", "A password has at most 200 characters.")
        case .passwordHoldsName:
            Words("Mật khẩu không được chứa tên đăng nhập.", "A password must not hold the name of its owner.")
        case .busy:
            Words("Hệ thống đang bận: hãy thử lại sau ít giây.", "The system is busy: try again in a few seconds.")
        }
    }

    private func clock(_ date: Date) -> String { String(IndochinaTime.text(date).dropFirst(11).prefix(5)) }
}

extension OfficeStore {
    public static let allowedFailures = 5
    public static let lockout: TimeInterval = 15 * 60
    /// An account that nobody used for so long is off.
    public static let sleep: TimeInterval = 45 * 86_400
    public static let shortestPassword = 12
    public static let linkLife: TimeInterval = 72 * 3600

    struct Standing: Sendable {
        var password: String?
        var failures: Int
        var lockedUntil: Date?
        var signedInAt: Date?
    }

    /// Somebody's entry in the register, where the password is right and the account open.
    /// - Parameter code: of the app, or a recovery code, where the account has a second factor; of no account where
    ///   `isUnlocking`, which opens again what was opened by one.
    public func signIn(
        _ name: String, password: String, code: String? = nil, isUnlocking: Bool = false
    ) async throws(OfficeStoreError) -> PersonEntry {
        let person = register.person(name)
        let standing = try await read { db in try Self.standing(of: name, db) }
        let isRight: Bool
        do {
            isRight = try await passwords.verify(String(password.prefix(400)), person == nil ? nil : standing?.password)
        } catch {
            throw .refused(SignInFault.busy)
        }
        return try await write(telling: nil) { [self] db -> Result<PersonEntry, SignInFault> in
            let moment = now()
            // Anew: others may have tried meanwhile.
            guard let person, let standing = try Self.standing(of: name, db) else { return .failure(.wrong) }
            if let until = standing.lockedUntil, until > moment { return .failure(.locked(until: until)) }
            guard isRight else {
                try Self.countFailure(of: name, after: standing, db, at: moment)
                return .failure(.wrong)
            }
            if let last = standing.signedInAt, moment.timeIntervalSince(last) > Self.sleep { return .failure(.dormant) }
            if !isUnlocking, let fault = try Self.fault(of: code, by: name, db, at: moment) {
                if fault == .codeWrong {
                    try Self.countFailure(of: name, after: standing, db, at: moment, "wrong code")
                }
                return .failure(fault)
            }
            try db.execute(
                sql: "UPDATE personSecrets SET failures = 0, lockedUntil = NULL, signedInAt = ? WHERE person = ?",
                arguments: [IndochinaTime.text(moment), name])
            try Self.note("sign in", name, by: name, db, at: moment)
            return .success(person)
        }.orThrow()
    }

    static func countFailure(
        of name: String, after standing: Standing, _ db: SQLConnection, at moment: Date,
        _ what: String = "wrong password"
    ) throws {
        let failures = standing.failures + 1
        let isLocked = failures >= allowedFailures
        try db.execute(
            sql: "UPDATE personSecrets SET failures = ?, lockedUntil = ? WHERE person = ?",
            arguments: [
                isLocked ? 0 : failures,
                isLocked ? IndochinaTime.text(moment.addingTimeInterval(lockout)) : nil, name,
            ])
        try note(isLocked ? "lock account" : what, name, by: name, db, at: moment)
    }

    /// Makes a link by which a person sets a password; the links there were are void.
    public func issueLink(to person: String, by: String) async throws(OfficeStoreError) -> IssuedLink {
        try await write(telling: nil) { [self] db in
            guard register.person(person) != nil else { throw RegisterFault.unknown(.person, person) }
            let moment = now()
            let link = IssuedLink(
                person: person, token: RandomText.token(),
                expiresAt: moment.addingTimeInterval(Self.linkLife).roundedToMillisecond)
            try db.execute(sql: "DELETE FROM links WHERE person = ?", arguments: [person])
            try db.execute(
                sql: "INSERT INTO links (sha256, person, expiresAt) VALUES (?, ?, ?)",
                arguments: [Self.digest(link.token), person, IndochinaTime.text(link.expiresAt)])
            try Self.note("issue link", person, by: by, db, at: moment)
            return link
        }
    }

    /// Sets the password that a link is for. The link is used up. Who has a second factor needs it for this too.
    public func redeem(
        link token: String, password: String, code: String? = nil
    ) async throws(OfficeStoreError) -> PersonEntry {
        let digest = Self.digest(String(token.prefix(200)))
        let person = try await read { [self] db in try owner(of: digest, db) }
        guard let person else { throw .refused(SignInFault.linkInvalid) }
        if password.count < Self.shortestPassword {
            throw .refused(SignInFault.passwordTooShort(minimum: Self.shortestPassword))
        }
        if password.count > 200 || password.utf8.count > 800 { throw .refused(SignInFault.passwordTooLong) }
        // Two letters are in many a word by chance.
        if person.id.count > 2, VietnameseText.folded(password).contains(VietnameseText.folded(person.id)) {
            throw .refused(SignInFault.passwordHoldsName)
        }
        let hash: String
        do { hash = try await passwords.hash(password) } catch { throw .refused(SignInFault.busy) }
        return try await write(telling: nil) { [self] db -> Result<PersonEntry, SignInFault> in
            guard try owner(of: digest, db) != nil else { return .failure(.linkInvalid) }
            let standing = try Self.standing(of: person.id, db)
            if let until = standing?.lockedUntil, until > now() { return .failure(.locked(until: until)) }
            if let fault = try Self.fault(of: code, by: person.id, db, at: now()) {
                if fault == .codeWrong, let standing {
                    try Self.countFailure(of: person.id, after: standing, db, at: now(), "wrong code")
                }
                return .failure(fault)
            }
            let moment = IndochinaTime.text(now())
            try db.execute(sql: "DELETE FROM links WHERE person = ?", arguments: [person.id])
            try db.execute(
                sql: """
                    INSERT INTO personSecrets (person, password, failures, lockedUntil, signedInAt, changedAt)
                    VALUES (?, ?, 0, NULL, ?, ?)
                    ON CONFLICT (person) DO UPDATE SET password = excluded.password, failures = 0,
                    lockedUntil = NULL, signedInAt = excluded.signedInAt, changedAt = excluded.changedAt
                    """, arguments: [person.id, hash, moment, moment])
            try Self.note("set password", person.id, by: person.id, db, at: now())
            return .success(person)
        }.orThrow()
    }

    /// Whether a person's password was set, and when the person came last.
    public func accountStates() async throws(OfficeStoreError) -> [String: AccountState] {
        try await read { [self] db in
            let moment = now()
            let rows = try SQLRow.fetchAll(
                db,
                sql: """
                    SELECT personSecrets.person, password, lockedUntil, signedInAt, secondFactors.person AS app
                    FROM personSecrets LEFT JOIN secondFactors ON secondFactors.person = personSecrets.person
                    """)
            return Dictionary(
                rows.map { row in
                    let locked = (row["lockedUntil"] as String?).flatMap(IndochinaTime.date(from:))
                    return (
                        row["person"],
                        AccountState(
                            hasPassword: row["password"] as String? != nil,
                            isLocked: locked.map { $0 > moment } ?? false,
                            signedInAt: (row["signedInAt"] as String?).flatMap(IndochinaTime.date(from:)),
                            hasSecondFactor: row["app"] as String? != nil)
                    )
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    private func owner(of digest: String, _ db: SQLConnection) throws -> PersonEntry? {
        guard let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM links WHERE sha256 = ?", arguments: [digest]),
            let expires = IndochinaTime.date(from: row["expiresAt"]), expires > now()
        else { return nil }
        return register.person(row["person"])
    }

    static func standing(of person: String, _ db: SQLConnection) throws -> Standing? {
        try SQLRow.fetchOne(db, sql: "SELECT * FROM personSecrets WHERE person = ?", arguments: [person]).map { row in
            Standing(
                password: row["password"], failures: row["failures"],
                lockedUntil: (row["lockedUntil"] as String?).flatMap(IndochinaTime.date(from:)),
                signedInAt: (row["signedInAt"] as String?).flatMap(IndochinaTime.date(from:)))
        }
    }

    static func digest(_ token: String) -> String { SHA256.hash(data: Data(token.utf8)).hexadecimal }
}

extension Result where Success == PersonEntry, Failure == SignInFault {
    func orThrow() throws(OfficeStoreError) -> PersonEntry {
        do throws(SignInFault) { return try get() } catch { throw .refused(error) }
    }
}
