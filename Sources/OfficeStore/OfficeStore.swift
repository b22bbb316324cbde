import Foundation
import SQLDatabase
import Office
import Papers
import Synchronization
import Vietnamese

/// Where the Office's register, accounts and schedule are kept: one SQLite file, `office.sqlite`, or a PostgreSQL database that several
/// bridges share.
///
/// The register in force is in memory as well, so that asking for it costs nothing. Changes are judged by the rules of
/// ``OfficeRegister`` inside the transaction that writes them, one after the other: in a shared store, by the register as the bridge
/// that changed it last left it.
public final class OfficeStore: Sendable {
    public let place: OfficePlace
    /// Of the digests of points' passwords: the bridge's domain.
    public let realm: String
    let now: @Sendable () -> Date
    let database: SQLDatabase
    let known: Mutex<KnownOffice>
    private let observers = Mutex(StoreObservers())
    private let rehearsal = Mutex(ScheduledMeeting.standardRehearsal)
    let scanner = Mutex<VirusScanner?>(nil)
    let passwords = PasswordHasher()

    /// Opens the store, making it where there is none, and takes in what the configuration file fixes.
    public init(
        at place: OfficePlace, fixed: [RegisterEntry], realm: String, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(OfficeStoreError) {
        self.place = place
        self.realm = realm
        self.now = now
        do {
            database = try Self.tables(at: place)
            let moment = now()
            known = Mutex(
                try database.write { db in
                    let (register, isChanged) = try Self.join(fixed, db, at: moment)
                    if isChanged {
                        for change in [SharedState.Change.register, .office] { try SharedState.count(change, db) }
                    }
                    return KnownOffice(register, try SharedState(db))
                })
        } catch {
            throw OfficeStoreError(error, path: place.name)
        }
        sweepPapers()
    }

    /// Opens the store of one bridge alone.
    public convenience init(
        path: String, fixed: [RegisterEntry], realm: String, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(OfficeStoreError) {
        try self.init(at: .file(path), fixed: fixed, realm: realm, now: now)
    }

    static func open(_ place: OfficePlace) throws -> SQLDatabase {
        guard case .file(let path) = place else { return try SQLDatabase(place.location) }
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let database = try SQLDatabase(place.location)
        // It holds what passwords could be guessed from.
        _ = chmod(path, 0o600)
        return database
    }

    /// What faults name.
    var path: String { place.name }

    /// Brings into the database what is in its log. Whoever still asks is answered.
    public func settle() throws(OfficeStoreError) {
        do { try database.checkpoint() } catch { throw OfficeStoreError(error, path: path) }
    }

    /// Nothing may be asked of the store after it.
    public func close() throws(OfficeStoreError) {
        do { try database.close() } catch { throw OfficeStoreError(error, path: path) }
    }

    /// Called, on no particular thread, after each change of the register, the accounts or the schedule; of a store that is shared, also
    /// of another bridge's, once ``follow()`` found it.
    public func observe(_ observer: @escaping @Sendable () -> Void) { observers.withLock { $0.office = observer } }

    /// Called after papers are brought or taken away.
    public func observePapers(_ observer: @escaping @Sendable () -> Void) {
        observers.withLock { $0.papers = observer }
    }

    func tell(_ change: SharedState.Change) {
        switch change {
        case .office: observers.withLock { $0.office }?()
        case .papers: observers.withLock { $0.papers }?()
        case .register: break
        }
    }

    /// How long, in minutes, a meeting to come rehearses where it says nothing else. What is on the schedule already stays as it is.
    public var rehearsalMinutes: Int {
        get { rehearsal.withLock { $0 } }
        set { rehearsal.withLock { $0 = newValue } }
    }
    /// Has papers looked at for viruses from now on; those that cannot be are not taken.
    public func scanPapers(with scanner: VirusScanner?) { self.scanner.withLock { $0 = scanner } }

    // MARK: The register

    /// In force now.
    public var register: OfficeRegister { known.withLock { $0.register } }

    /// As it was at some time: an agency that was merged or renamed since has its old name.
    public func register(at time: Date) async throws(OfficeStoreError) -> OfficeRegister {
        try await read { db in
            let moment = IndochinaTime.text(time)
            let rows = try SQLRow.fetchAll(
                db,
                sql: """
                    SELECT kind, content, isFixed FROM register
                    WHERE validFrom <= ? AND (validTo IS NULL OR validTo > ?)
                    """, arguments: [moment, moment])
            return try Self.register(of: rows)
        }
    }

    /// Makes these changes, all or none. Points that are new, or whose account has another name now, get a new password.
    /// - Returns: the new passwords, which are nowhere kept in clear.
    @discardableResult
    public func apply(_ changes: [RegisterChange], by: String) async throws(OfficeStoreError) -> [IssuedPassword] {
        try await write { [self] db in
            let old = register
            let new = try old.applying(changes)
            let moment = now()
            try Self.write(from: old, to: new, isFixed: false, by: by, db, at: moment)
            let issued = try issuePasswords(from: old, to: new, db, at: moment)
            for change in changes { try Self.note(change.action, change.subject, by: by, db, at: moment) }
            try takeInForce(new, db)
            return issued
        }
    }

    /// Puts what the configuration file fixes in the place of what it fixed before.
    public func replaceFixed(_ fixed: [RegisterEntry]) async throws(OfficeStoreError) {
        try await write { [self] db in
            let (register, isChanged) = try Self.join(fixed, db, at: now())
            if isChanged { try takeInForce(register, db) }
        }
    }

    /// Has a register be in force here once it is written, and be counted for other bridges.
    private func takeInForce(_ register: OfficeRegister, _ db: SQLConnection) throws {
        try SharedState.count(.register, db)
        let changes = try SharedState(db)[.register]
        db.afterCommit { [self] in known.withLock { $0.take(register, changes: changes) } }
    }

    static func registerInForce(_ db: SQLConnection) throws -> OfficeRegister {
        try register(
            of: SQLRow.fetchAll(db, sql: "SELECT kind, content, isFixed FROM register WHERE validTo IS NULL"))
    }

    /// Writes what the file fixes over what it fixed before, and gives the register that comes of it.
    private static func join(
        _ fixed: [RegisterEntry], _ db: SQLConnection, at moment: Date
    ) throws -> (register: OfficeRegister, isChanged: Bool) {
        let rows = try SQLRow.fetchAll(db, sql: "SELECT kind, content, isFixed FROM register WHERE validTo IS NULL")
        var before: [RegisterEntry] = []
        var managed: [RegisterEntry] = []
        for row in rows {
            let entry = try entry(of: row)
            if row["isFixed"] { before.append(entry) } else { managed.append(entry) }
        }
        do {
            let joined = try OfficeRegister(fixed: fixed, managed: managed)
            // What was fixed was sound in its own time; here it only counts what is there no more.
            let wanted = Dictionary(fixed.map { (OfficeRegister.Key($0.kind, $0.id), $0.normalised) }) { first, _ in
                first
            }
            let had = Set(before)
            let ended = before.filter { wanted[.init($0.kind, $0.id)] != $0 }
            let begun = wanted.values.filter { !had.contains($0) }
            for entry in ended { try end(.init(entry.kind, entry.id), db, at: moment) }
            for entry in begun { try begin(entry, isFixed: true, by: "configuration file", db, at: moment) }
            return (joined, !ended.isEmpty || !begun.isEmpty)
        } catch let fault as RegisterFault {
            throw OfficeStoreError.clash(fault)
        }
    }

    private static func register(of rows: [SQLRow]) throws -> OfficeRegister {
        var fixed: [RegisterEntry] = []
        var managed: [RegisterEntry] = []
        for row in rows {
            let entry = try entry(of: row)
            if row["isFixed"] { fixed.append(entry) } else { managed.append(entry) }
        }
        return try OfficeRegister(fixed: fixed, managed: managed)
    }

    private static func entry(of row: SQLRow) throws -> RegisterEntry {
        let content = Data((row["content"] as String).utf8)
        let decoder = JSONDecoder()
        switch RegisterEntry.Kind(rawValue: row["kind"]) {
        case .unit: return .unit(try decoder.decode(UnitEntry.self, from: content))
        case .point: return .point(try decoder.decode(PointEntry.self, from: content))
        case .room: return .room(try decoder.decode(RoomEntry.self, from: content))
        case .person: return .person(try decoder.decode(PersonEntry.self, from: content))
        case nil: throw OfficeStoreError.unusable(path: "register", reason: "a kind of entry that nobody knows")
        }
    }

    private static func content(of entry: RegisterEntry) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data =
            switch entry {
            case .unit(let unit): try encoder.encode(unit)
            case .point(let point): try encoder.encode(point)
            case .room(let room): try encoder.encode(room)
            case .person(let person): try encoder.encode(person)
            }
        return String(decoding: data, as: UTF8.self)
    }

    private static func write(
        from old: OfficeRegister, to new: OfficeRegister, isFixed: Bool, by: String, _ db: SQLConnection,
        at moment: Date
    ) throws {
        let before = Dictionary(old.managed.map { (OfficeRegister.Key($0.kind, $0.id), $0) }) { first, _ in first }
        let after = Dictionary(new.managed.map { (OfficeRegister.Key($0.kind, $0.id), $0) }) { first, _ in first }
        for (key, entry) in before where after[key] != entry {
            try end(key, db, at: moment)
            if after[key] == nil { try forget(key, db) }
        }
        for (key, entry) in after where before[key] != entry {
            try begin(entry, isFixed: isFixed, by: by, db, at: moment)
        }
    }

    private static func begin(
        _ entry: RegisterEntry, isFixed: Bool, by: String, _ db: SQLConnection, at moment: Date
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO register (kind, id, validFrom, validTo, isFixed, content, changedBy)
                VALUES (?, ?, ?, NULL, ?, ?, ?)
                """,
            arguments: [
                entry.kind.rawValue, entry.id, IndochinaTime.text(moment), isFixed, try content(of: entry), by,
            ])
    }

    private static func end(_ key: OfficeRegister.Key, _ db: SQLConnection, at moment: Date) throws {
        try db.execute(
            sql: "UPDATE register SET validTo = ? WHERE kind = ? AND id = ? AND validTo IS NULL",
            arguments: [IndochinaTime.text(moment), key.kind.rawValue, key.id])
    }

    /// Nobody signs in by an entry that is no more.
    private static func forget(_ key: OfficeRegister.Key, _ db: SQLConnection) throws {
        switch key.kind {
        case .point: try db.execute(sql: "DELETE FROM pointSecrets WHERE point = ?", arguments: [key.id])
        case .person:
            try db.execute(sql: "DELETE FROM personSecrets WHERE person = ?", arguments: [key.id])
            try db.execute(sql: "DELETE FROM links WHERE person = ?", arguments: [key.id])
            try db.execute(sql: "DELETE FROM secondFactors WHERE person = ?", arguments: [key.id])
            try db.execute(sql: "DELETE FROM recoveryCodes WHERE person = ?", arguments: [key.id])
        case .room: try db.execute(sql: "DELETE FROM roomSecrets WHERE room = ?", arguments: [key.id])
        case .unit: break
        }
    }

    // MARK: The journal

    /// A line of who did what.
    public struct JournalLine: Codable, Hashable, Sendable {
        public var number: Int64
        public var at: Date
        public var by: String
        public var action: String
        public var subject: String

        init(_ row: SQLRow) {
            number = row["number"]
            at = IndochinaTime.date(from: row["at"]) ?? .distantPast
            by = row["by"]
            action = row["action"]
            subject = row["subject"]
        }
    }

    /// The latest lines, newest first.
    public func journal(limit: Int, before number: Int64? = nil) async throws(OfficeStoreError) -> [JournalLine] {
        try await read { db in
            try SQLRow.fetchAll(
                db, sql: "SELECT * FROM journal WHERE number < ? ORDER BY number DESC LIMIT ?",
                arguments: [number ?? .max, min(max(1, limit), 1000)]
            ).map(JournalLine.init)
        }
    }

    /// Writes down what somebody did beside the register and the schedule.
    public func note(_ action: String, of subject: String, by name: String) async throws(OfficeStoreError) {
        let moment = now()
        try await write(telling: nil) { db in try Self.note(action, subject, by: name, db, at: moment) }
    }

    /// - Parameters:
    ///   - nonce: of this line alone.
    ///   - isRepeated: whether it may be there already, as nobody knows what became of it before.
    func note(
        _ action: String, of subject: String, by name: String, at moment: Date, nonce: String, isRepeated: Bool
    ) async throws(OfficeStoreError) {
        try await write(telling: nil) { db in
            if isRepeated, try JournalChain.hasLately(nonce, db) { return }
            try JournalChain.append(
                action, String(subject.prefix(400)), by: name, nonce: nonce, db, at: moment)
        }
    }

    static func note(_ action: String, _ subject: String, by: String, _ db: SQLConnection, at moment: Date) throws {
        try JournalChain.append(action, String(subject.prefix(400)), by: by, db, at: moment)
    }

    // MARK: Access

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws(OfficeStoreError) -> Value {
        do { return try await database.read(body) } catch { throw OfficeStoreError(error, path: path) }
    }

    /// - Parameter change: what observers hear of, here and of other bridges; nil for what concerns nobody else.
    func write<Value: Sendable>(
        telling change: SharedState.Change? = .office, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws(OfficeStoreError) -> Value {
        // What it knows, known before the transaction begins.
        let before = known.withLock { $0 }
        do {
            let (value, left) = try await database.write { [self] db in
                let found = try SharedState(db)
                // Nobody else writes until this transaction ends: what it is judged by stays in force.
                if found[.register] != before.registerChanges {
                    let register = try Self.registerInForce(db)
                    known.withLock { $0.take(register, changes: found[.register]) }
                }
                try JournalChain.assure(before.tip, at: found.tip, isShared: isShared, db)
                let value = try body(db)
                if let change { try SharedState.count(change, db) }
                return (value, try SharedState(db))
            }
            known.withLock { known in
                known.take(left.tip)
                if let change { _ = known.tell(change, left[change]) }
            }
            if let change { tell(change) }
            return value
        } catch {
            throw OfficeStoreError(error, path: path)
        }
    }
}

extension RegisterChange {
    var action: String {
        switch self {
        case .add(let entry): "add \(entry.kind.rawValue)"
        case .set(let entry), .put(let entry): "set \(entry.kind.rawValue)"
        case .remove(let kind, _): "remove \(kind.rawValue)"
        case .merge: "merge unit"
        }
    }
    var subject: String {
        switch self {
        case .add(let entry), .set(let entry), .put(let entry): entry.id
        case .remove(_, let id): id
        case .merge(let unit, let target): "\(unit) into \(target)"
        }
    }
}
