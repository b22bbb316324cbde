import Evidence
import Foundation
import SQLDatabase
import Vietnamese

/// What came of a look after one second copy.
public struct SecondCopyOutcome: Sendable, Equatable {
    public enum Ending: Sendable, Equatable {
        /// All that was sealed is there, read again; these files were put there now.
        case whole(copied: [String])
        /// Of a destroyed meeting.
        case removed
        /// `again` is when it is tried next.
        case failed(ArchiveError, again: Date?)
    }

    public var meetingID: String
    public var ending: Ending
}

/// Second copies, as jobs: each sealed package is copied and read again there; of destroyed meetings the payload is removed.
extension Archive {
    /// Of each job; with pauses that double up to an hour, about a day. A day later another begins.
    static let secondCopyAttempts = 30
    /// So many failures are usual where a line is down for minutes; then it is noted on the meeting.
    private static let toldAfter = 5

    /// Does the next piece of work that is due in the second location; nil where there is none.
    public func workOnSecondLocation() async throws(ArchiveError) -> SecondCopyOutcome? {
        guard let second else { return nil }
        try await enqueueSecondCopies(at: second)
        guard let job = try await claimNextJob([.secondCopy]) else { return nil }
        do throws(ArchiveError) {
            let ending = try await bringIntoLine(job, second)
            return SecondCopyOutcome(meetingID: job.meetingID, ending: ending)
        } catch .cancelled {
            try await releaseJob(job.id)
            throw .cancelled
        } catch {
            let left = try await failJob(job.id, error: error.description)
            if left.state == .queued, left.attempts == Self.toldAfter {
                let text = "not in the second location yet as it is here; it is tried again: \(error)"
                let moment = now().roundedToMillisecond
                try await write { db in try Self.noteOnce(job.meetingID, at: moment, .warning, text, db) }
            }
            let again = left.state == .queued ? left.notBefore : nil
            return SecondCopyOutcome(meetingID: job.meetingID, ending: .failed(error, again: again))
        }
    }

    /// Whether a package is in the second location, whole and read again there; nil where there is no such place.
    public func hasSecondCopy(of id: String) async throws(ArchiveError) -> Bool? {
        guard let second else { return nil }
        return try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM copies WHERE meetingID = ? AND location = ?)",
                arguments: [id, second.name]) ?? false
        }
    }

    /// Jobs for sealed packages without a copy at this location, and for destroyed meetings with one.
    private func enqueueSecondCopies(at second: SecondLocation) async throws(ArchiveError) {
        let yesterday = IndochinaTime.text(now().addingTimeInterval(-86_400))
        let wanting = try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT m.id FROM meetings m
                    WHERE CASE m.state
                        WHEN 'sealed' THEN NOT EXISTS (
                            SELECT 1 FROM copies c WHERE c.meetingID = m.id AND c.location = ?)
                        WHEN 'destroyed' THEN EXISTS (
                            SELECT 1 FROM copies c WHERE c.meetingID = m.id AND c.location = ?)
                        ELSE FALSE END
                    AND NOT EXISTS (
                        SELECT 1 FROM jobs j WHERE j.meetingID = m.id AND j.kind = ?
                            AND (j.state IN ('queued', 'running') OR (j.state = 'failed' AND j.finishedAt > ?)))
                    ORDER BY m.sealedAt, m.id LIMIT 1000
                    """,
                arguments: [second.name, second.name, JobKind.secondCopy.rawValue, yesterday])
        }
        guard !wanting.isEmpty else { return }
        let moment = IndochinaTime.text(now())
        try await write { db in
            for id in wanting {
                // One of its kind may wait by now.
                try db.execute(
                    sql: """
                        INSERT INTO jobs
                            (meetingID, kind, state, progress, attempts, maximumAttempts, enqueuedAt, notBefore)
                        VALUES (?, ?, 'queued', 0, 0, ?, ?, ?) ON CONFLICT DO NOTHING
                        """,
                    arguments: [id, JobKind.secondCopy.rawValue, Self.secondCopyAttempts, moment, moment])
            }
        }
    }

    private func bringIntoLine(
        _ job: JobRecord, _ second: SecondLocation
    ) async throws(ArchiveError) -> SecondCopyOutcome.Ending {
        let store = second.store
        let meeting = try await find(job.meetingID).orThrow(.unknownMeeting(job.meetingID))
        var copied: [String] = []
        if meeting.state != .destroyed {
            do throws(ArchiveError) {
                copied = try await copy(meeting, to: store, job)
            } catch {
                // Half a copy of what is destroyed by now.
                guard error != .cancelled, try await isDestroyed(meeting.id) else { throw error }
            }
        }
        if try await isDestroyed(meeting.id) { return try await remove(meeting, from: store, job, second) }
        // The ledger is what proves a package to be the last of its meeting; with it a copy stands for itself.
        try await copyLedger(to: store)
        let known = try await isKnown(meeting.id, at: second)
        if !copied.isEmpty {
            try await addNote(
                meeting.id, known ? .warning : .information,
                known
                    ? "the copy in the second location was damaged and is replaced: \(copied.joined(separator: ", "))"
                    : "copied to the second location and read again: \(copied.count) files")
        }
        return try await finish(job, second) ? .whole(copied: copied) : remove(meeting, from: store, job, second)
    }

    private func copyLedger(to store: any SecondStore) async throws(ArchiveError) {
        try await store.put(root + "/keys/seal.pub.pem", as: "keys/seal.pub.pem", octets: 0)
        // As it stands now: the file grows while it is read.
        let ledger = ledgerFile.ledger.entries.reduce(into: Data()) { $0 += $1.line }
        let snapshot = temporary + "/ledger-\(UUID().uuidString)"
        defer { unlink(snapshot) }
        try DurableFile.replace(snapshot, with: ledger)
        try await store.put(snapshot, as: "ledger.jsonl", octets: Int64(ledger.count))
    }

    /// Puts there what is not there as it was sealed, and reads it again; returns which files that were.
    private func copy(
        _ meeting: MeetingRecord, to store: any SecondStore, _ job: JobRecord
    ) async throws(ArchiveError) -> [String] {
        let sealed = try await storedFiles(of: meeting)
        let there = try await store.names(in: meeting.package)
        let directory = paths(of: meeting).directory
        let total = sealed.reduce(0) { $0 &+ $1.size }
        var done: Int64 = 0
        var copied: [String] = []
        for file in sealed {
            let name = meeting.package + "/" + file.path
            let isGood = there.contains(file.path) ? try await isGood(file, name, store) : false
            if !isGood {
                if try await isDestroyed(meeting.id) { return copied }
                try await store.put(directory + "/" + file.path, as: name, octets: file.size)
                guard try await store.sha256(of: name, octets: file.size) == file.sha256 else {
                    throw .secondLocation(reason: "\(file.path) is not there what was sealed after it was copied")
                }
                copied.append(file.path)
            }
            done &+= file.size
            try await updateJob(job.id, progress: Double(done) / Double(max(1, total)))
        }
        return copied
    }

    /// A copy that cannot be read is no copy.
    private func isGood(
        _ file: PackageFile, _ name: String, _ store: any SecondStore
    ) async throws(ArchiveError) -> Bool {
        do throws(ArchiveError) {
            return try await store.sha256(of: name, octets: file.size) == file.sha256
        } catch .cancelled {
            throw .cancelled
        } catch {
            return false
        }
    }

    private func remove(
        _ meeting: MeetingRecord, from store: any SecondStore, _ job: JobRecord, _ second: SecondLocation
    ) async throws(ArchiveError) -> SecondCopyOutcome.Ending {
        let there = try await store.names(in: meeting.package)
        try await store.removePayload(of: meeting.package, PayloadRemoval(layout: meeting.layout))
        // What says why it is gone takes its place.
        for file in try await storedFiles(of: meeting) where file.path.hasPrefix(DestructionCertificate.folder) {
            let source = paths(of: meeting).directory + "/" + file.path
            try await store.put(source, as: meeting.package + "/" + file.path, octets: file.size)
        }
        let moment = now().roundedToMillisecond
        try await write { db in
            try db.execute(
                sql: "DELETE FROM copies WHERE meetingID = ? AND location = ?", arguments: [meeting.id, second.name])
            try MeetingNote(
                meetingID: meeting.id, at: moment, severity: .information,
                text: there.isEmpty
                    ? "there was no copy in the second location to be removed"
                    : "the copy in the second location is removed"
            ).insert(db)
        }
        try await finishJob(job.id)
        return .removed
    }

    private func isKnown(_ id: String, at second: SecondLocation) async throws(ArchiveError) -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM copies WHERE meetingID = ? AND location = ?)",
                arguments: [id, second.name]) ?? false
        }
    }

    /// Enters the copy, unless its meeting was destroyed meanwhile.
    private func finish(_ job: JobRecord, _ second: SecondLocation) async throws(ArchiveError) -> Bool {
        let moment = IndochinaTime.text(now())
        let isWanted = try await write { db in
            guard try Self.meeting(job.meetingID, db).state != .destroyed else { return false }
            try db.execute(
                sql: """
                    INSERT INTO copies (meetingID, location, checkedAt) VALUES (?, ?, ?)
                    ON CONFLICT (meetingID, location) DO UPDATE SET checkedAt = excluded.checkedAt
                    """,
                arguments: [job.meetingID, second.name, moment])
            // One a package and month would be a great many; the last says it all.
            try db.execute(
                sql: "DELETE FROM jobs WHERE meetingID = ? AND kind = ? AND state IN ('finished', 'failed')",
                arguments: [job.meetingID, job.kind.rawValue])
            return true
        }
        if isWanted { try await finishJob(job.id) }
        return isWanted
    }

    /// Has the payload of a destroyed meeting removed at `location` too, whoever copied it there, and says where else it may be.
    static func wantRemoval(of id: String, from location: String?, at moment: Date, _ db: SQLConnection) throws {
        let others = try String.fetchAll(
            db, sql: "SELECT location FROM copies WHERE meetingID = ? AND location IS DISTINCT FROM ?",
            arguments: [id, location])
        for other in others {
            try MeetingNote(
                meetingID: id, at: moment, severity: .fault,
                text: "a copy was made to \(other), which is not the second location any more; remove it there"
            ).insert(db)
        }
        guard let location else { return }
        try db.execute(
            sql: "INSERT INTO copies (meetingID, location, checkedAt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [id, location, IndochinaTime.text(moment)])
    }
}
