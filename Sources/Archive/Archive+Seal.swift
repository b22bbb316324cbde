import Evidence
import Foundation
import SQLDatabase
import Vietnamese

/// How far the hashing of a package is.
public struct HashingProgress: Sendable, Equatable {
    public var doneBytes: Int64
    public var totalBytes: Int64
}

extension Archive {
    /// Completes a package: a bag with every file hashed, a signed seal over all of them, an entry in the ledger; then the files are
    /// read-only. Reads at the disk's speed, one package at a time; a task that is cancelled stops it, and it can be begun again.
    ///
    /// What is not ordinary is encrypted where there is a key for it, and the clear files go when the seal is entered.
    /// - Parameter isRestricted: whether it has become more than its record says.
    @discardableResult
    public func seal(
        _ id: String, isRestricted: Bool = false, progress: @escaping @Sendable (HashingProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> MeetingRecord {
        try await alone("seal \(id)", idle: nil) { () async throws(ArchiveError) in
            try await sealAlone(id, isRestricted: isRestricted, progress: progress)
        }.orThrow(.busyElsewhere(meeting: id))
    }

    private func sealAlone(
        _ id: String, isRestricted: Bool, progress: @escaping @Sendable (HashingProgress) -> Void
    ) async throws(ArchiveError) -> MeetingRecord {
        var meeting = try await find(id).orThrow(.unknownMeeting(id))
        try meeting.refuseDestroyed()
        let before = meeting.state
        guard before.canBecome(.sealed), beingSealed.withLock({ $0.insert(id).inserted }) else {
            throw .wrongState(meeting: id, state: before, asked: "sealed")
        }
        defer { beingSealed.withLock { _ = $0.remove(id) } }
        try logs.withLock { $0.removeValue(forKey: id) }?.finish()
        if meeting.layout == .flat { meeting = try await makeBag(of: meeting) }
        meeting.state = .sealed
        meeting.sealedAt = now().roundedToMillisecond
        meeting.timeStamp = settings.timeStamps == nil ? nil : .waiting
        let paths = paths(of: meeting)
        try? FileManager.default.removeItem(atPath: paths.work)
        let key = try await newKey(of: meeting, isRestricted: isRestricted || meeting.isRestricted)
        if key != nil { meeting.layout = .encrypted }
        try await writeMetadata(of: meeting)
        let work = PackageSealing(
            meeting: meeting, paths: paths, settings: settings, keys: keys, ledger: ledgerFile,
            sealedAt: meeting.sealedAt ?? now(), versions: await settings.versions(), key: key)
        let outcome = try await sealing.run { (cancellation) throws(ArchiveError) in
            try work.run(cancellation, progress)
        }
        let sealed = try await write { [meeting] db in
            try Self.enter(outcome.entry, db)
            guard try Self.meeting(id, db).state == before else {
                throw ArchiveError.wrongState(meeting: id, state: before, asked: "sealed while it changes")
            }
            try db.execute(sql: "DELETE FROM files WHERE meetingID = ?", arguments: [id])
            for file in outcome.files { try file.insert(db) }
            try meeting.update(db)
            return meeting
        }
        if key != nil { try await removeClear(of: sealed) }
        return sealed
    }

    /// Puts a file into a package that is not sealed yet. `name` is relative to the payload and the caller's own: ASCII.
    public func add(_ data: Data, as name: String, to meeting: MeetingRecord) throws(ArchiveError) {
        guard !meeting.state.isSealedForGood else {
            throw .wrongState(meeting: meeting.id, state: meeting.state, asked: "given another file")
        }
        guard PackagePaths.isUsable(name: name) else { throw .unusableName(name) }
        let path = paths(of: meeting).payload(name)
        try DurableFile.makeDirectory((path as NSString).deletingLastPathComponent)
        try DurableFile.replace(path, with: data)
    }

    /// Lays a package of the first version that was not sealed yet out as a bag. Can be stopped at any moment and done again.
    private func makeBag(of meeting: MeetingRecord) async throws(ArchiveError) -> MeetingRecord {
        let directory = paths(of: meeting).directory
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for folder in ["/data", "/metadata"] { try DurableFile.makeDirectory(directory + folder) }
        for name in names where !["data", "metadata", PackagePaths.flatManifestName].contains(name) {
            let target =
                switch name {
                case "meeting.json": SealedPackage.metadata
                case "report": "data/reports"
                default: "data/" + name
                }
            guard rename(directory + "/" + name, directory + "/" + target) == 0 else {
                throw ArchiveError(errno: errno, path: directory + "/" + name)
            }
        }
        unlink(directory + "/" + PackagePaths.flatManifestName)
        try DurableFile.syncDirectory(of: directory + "/data")
        return try await write { db in
            var meeting = try Self.meeting(meeting.id, db)
            meeting.layout = .bag
            try meeting.update(db)
            return meeting
        }
    }

    /// The catalogue's copy of a line of the ledger.
    static func enter(_ entry: LedgerEntry, _ db: SQLConnection) throws {
        try db.execute(
            sql: "INSERT INTO ledger (number, meetingID, line) VALUES (?, ?, ?) ON CONFLICT (number) DO NOTHING",
            arguments: [entry.number, entry.meeting, String(decoding: entry.line.dropLast(), as: UTF8.self)])
    }

    /// The ledger as the catalogue has it.
    static func ledger(_ db: SQLConnection) throws -> Ledger {
        let lines = try String.fetchAll(db, sql: "SELECT line FROM ledger ORDER BY number")
        return Ledger(parsing: Data(lines.map { $0 + "\n" }.joined().utf8))
    }
}

/// Tells how far hashing is: at the beginning, every 16 MiB, and at the end.
struct HashingReport {
    private static let step: Int64 = 16 << 20
    private var progress: HashingProgress
    private var reported: Int64 = 0
    private let report: (HashingProgress) -> Void

    init(totalBytes: Int64, report: @escaping (HashingProgress) -> Void) {
        progress = HashingProgress(doneBytes: 0, totalBytes: totalBytes)
        self.report = report
        report(progress)
    }

    /// There was less to read than was thought, or could be.
    mutating func finish() {
        if progress.doneBytes != reported { report(progress) }
        reported = progress.doneBytes
    }

    mutating func advance(_ bytes: Int) { advance(to: progress.doneBytes + Int64(bytes)) }

    mutating func advance(to bytes: Int64) {
        progress.doneBytes = bytes
        guard progress.doneBytes - reported >= Self.step || progress.doneBytes >= progress.totalBytes else { return }
        reported = progress.doneBytes
        report(progress)
    }
}

extension Optional {
    func orThrow(_ error: ArchiveError) throws(ArchiveError) -> Wrapped {
        guard let self else { throw error }
        return self
    }
}
