import Foundation
import SQLDatabase
import Synchronization

/// The archive: a directory with one package a meeting and the catalogue of them.
///
///     root/catalogue.sqlite                          the catalogue (SQLite); of bridges that share the archive it is in PostgreSQL
///     root/ledger.jsonl                              what was sealed, restored and destroyed, each line with the hash of the
///                                                    one before; the catalogue has a copy
///     root/keys/                                     the key that seals, and the public keys of all that ever did
///     root/packages/2026/2026-11-24-giaoban-k3f9/    a package: a bag (RFC 8493) with a signed seal; see `SealedPackage`
///     root/work/<meeting id>/                        half-made files of a package
///
/// The catalogue is written ahead (WAL) and synced at each commit (`synchronous = FULL`): a meeting commits a few dozen
/// times, so a sync each costs nothing, and what was answered survives a power cut.
public final class Archive: Sendable {
    /// Absolute.
    public let root: String

    let catalogue: SQLDatabase
    /// For messages.
    let cataloguePath: String
    let cluster: ArchiveCluster?
    /// This one's name among several that share the archive.
    var bridge: String? { cluster?.bridge }
    let now: @Sendable () -> Date
    let settings: SealingSettings
    let fixity: FixitySettings
    let second: SecondLocation?
    /// What meetings are kept by.
    public let retention: RetentionTable
    let encryption: EncryptionSettings
    /// How the keys of its meetings stood when it was opened.
    public let encryptionStanding: EncryptionStanding
    let keys: SealingKeys
    let ledgerFile: LedgerFile
    /// For files that are gone when this is.
    public let temporary: String
    let sealing = BackgroundQueue(label: "archive.sealing")
    let verifying = BackgroundQueue(label: "archive.verifying")
    let checking = BackgroundQueue(label: "archive.checking")
    let destroying = BackgroundQueue(label: "archive.destroying")
    let opening = BackgroundQueue(label: "archive.opening")
    let stamping = Mutex(SingleRun.idle)
    let carryingOut = SharedRun<DestructionOutcome>()
    let fixityRound = SharedRun<FixityRoundOutcome>()
    let logs = Mutex<[String: EventLog]>([:])
    let paces = Mutex<[Int64: JobPace]>([:])
    let hooks = Mutex(ArchiveHooks())
    let paperKeeper = Mutex<(any PaperKeeper)?>(nil)
    let beingSealed = Mutex<Set<String>>([])
    private let lock: Mutex<RootLock?>

    /// Opens the archive at `root`, making what is missing; jobs that a stop of the daemon interrupted wait again.
    /// - Parameter cluster: nil where this daemon has the archive for itself.
    public init(
        root: String, cluster: ArchiveCluster? = nil, sealing settings: SealingSettings = SealingSettings(),
        fixity: FixitySettings = FixitySettings(),
        second: SecondLocation? = nil, retention: RetentionTable = .permanent,
        encryption: EncryptionSettings = .unkeyed, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(ArchiveError) {
        let root = URL(fileURLWithPath: root).standardizedFileURL.path
        self.root = root
        self.now = now
        self.settings = settings
        self.fixity = fixity
        self.second = second
        self.retention = retention
        self.encryption = encryption
        self.cluster = cluster
        try DurableFile.makeDirectory(root)
        try DurableFile.makeDirectory(root + "/packages")
        try DurableFile.makeDirectory(root + "/work")
        lock = Mutex(try RootLock(root: root, bridge: cluster?.bridge))
        temporary = try Self.temporaryFolder(in: root, of: cluster?.bridge)
        Self.removeOpened(in: temporary)
        // Keys that are removed are not to lie in free pages.
        let place =
            cluster.map { SQLLocation.postgres($0.database) }
            ?? .sqlite(
                path: root + "/catalogue.sqlite", SQLiteSettings(label: "archive", readers: 4, deletesSecurely: true))
        do {
            let catalogue = try SQLDatabase(place)
            self.catalogue = catalogue
            cataloguePath = catalogue.name
            let migrator = CatalogueSchema.migrator
            if try migrator.hasBeenSuperseded(catalogue) { throw ArchiveError.newerCatalogue(path: catalogue.name) }
            try migrator.migrate(catalogue)
            // Several may begin at the same time; one of them makes the keys.
            keys = try catalogue.write { _ in try SealingKeys(directory: root + "/keys", settings) }
            let moment = now()
            encryptionStanding = try catalogue.write { db in try MeetingKeys.bringUp(encryption, db) }
            ledgerFile = try catalogue.write { db in
                let ledger = try LedgerFile(
                    path: root + "/ledger.jsonl", catalogue: try Self.ledger(db),
                    shared: cluster == nil ? nil : catalogue)
                try Self.requeueInterruptedJobs(of: cluster?.bridge, db, at: moment)
                // Lines that were written just before a crash. An entry that is there already stays.
                for entry in ledger.ledger.entries { try Self.enter(entry, db) }
                return ledger
            }
        } catch {
            throw ArchiveError(error, path: root + "/catalogue.sqlite")
        }
    }

    /// Closes every event log, and brings into the catalogue what is in its log. Whoever still asks is answered.
    public func settle() throws(ArchiveError) {
        let open = logs.withLock { logs in
            defer { logs = [:] }
            return Array(logs.values)
        }
        for log in open { try log.finish() }
        do { try catalogue.checkpoint() } catch {
            throw ArchiveError(error, path: cataloguePath)
        }
    }

    /// Closes every event log and the catalogue, and lets another daemon in. Nothing may be asked of the archive after
    /// it.
    public func close() throws(ArchiveError) {
        try settle()
        do { try catalogue.close() } catch { throw ArchiveError(error, path: cataloguePath) }
        lock.withLock { $0 = nil }
    }

    /// `act` hears the id of each meeting whose payload was destroyed; who listened before does not any more.
    public func observeDestructions(_ act: @escaping @Sendable (String) -> Void) {
        hooks.withLock { $0.destroyed = act }
    }

    /// `act` hears what came of each package that a round checks, whoever asked for it; who listened before does not any more.
    public func observeChecks(_ act: @escaping @Sendable (FixityStep) -> Void) { hooks.withLock { $0.checked = act } }

    /// Who keeps papers of meetings besides: they go when their meeting is destroyed.
    public func setPaperKeeper(_ keeper: any PaperKeeper) { paperKeeper.withLock { $0 = keeper } }

    /// Where a meeting's files are.
    public func paths(of meeting: MeetingRecord) -> PackagePaths {
        PackagePaths(
            directory: root + "/" + meeting.package, work: root + "/work/" + meeting.id, layout: meeting.layout)
    }

    /// Room on the disk that holds the archive.
    public func diskSpace() throws(ArchiveError) -> DiskSpace {
        var status = statvfs()
        guard statvfs(root, &status) == 0 else { throw ArchiveError(errno: errno, path: root) }
        let unit = UInt64(status.f_frsize)
        return DiskSpace(
            freeBytes: Int64(clamping: UInt64(status.f_bavail) &* unit),
            totalBytes: Int64(clamping: UInt64(status.f_blocks) &* unit))
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws(ArchiveError) -> Value {
        do {
            return try await catalogue.read(body)
        } catch {
            throw ArchiveError(error, path: cataloguePath)
        }
    }

    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws(ArchiveError) -> Value {
        do {
            return try await catalogue.write(body)
        } catch {
            throw ArchiveError(error, path: cataloguePath)
        }
    }

    /// As `write`, beside others that write: for statements that are right by themselves, or lock their rows.
    @discardableResult
    func writeBeside<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws(ArchiveError) -> Value {
        do {
            return try await catalogue.writeBeside(body)
        } catch {
            throw ArchiveError(error, path: cataloguePath)
        }
    }

    /// In a transaction that writes, the meeting stays as it is read until the transaction ends.
    static func meeting(_ id: String, _ db: SQLConnection) throws -> MeetingRecord {
        let isHeld = db.isWriting && db.dialect == .postgres
        let meeting = try MeetingRecord.fetchOne(
            db, sql: "SELECT * FROM meetings WHERE id = ?" + (isHeld ? " FOR NO KEY UPDATE" : ""), arguments: [id])
        guard let meeting else { throw ArchiveError.unknownMeeting(id) }
        return meeting
    }

    /// Where this daemon puts what is gone when it ends.
    private static func temporaryFolder(in root: String, of bridge: String?) throws(ArchiveError) -> String {
        guard let bridge else { return root + "/work" }
        let own = root + "/bridges/" + bridge
        try DurableFile.makeDirectory(own)
        return own
    }
}

public struct DiskSpace: Sendable, Equatable {
    /// What the daemon may still write.
    public var freeBytes: Int64
    public var totalBytes: Int64
}
