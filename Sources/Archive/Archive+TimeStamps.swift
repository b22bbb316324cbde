import Evidence
import Foundation
import SQLDatabase

extension Archive {
    /// Has the authority stamp the seals that want it, oldest first. Where it cannot be reached they stay sealed without, which is noted
    /// once, and are tried again when this is called again. Returns how many were stamped.
    ///
    /// One at a time: whoever calls while another does has that one look again.
    @discardableResult
    public func stampSeals() async throws(ArchiveError) -> Int {
        guard let service = settings.timeStamps, stamping.withLock({ $0.begin() }) else { return 0 }
        var stamped = 0
        repeat {
            do throws(ArchiveError) {
                stamped += try await alone("time stamps", idle: 0) { () async throws(ArchiveError) in
                    try await stampWaiting(service)
                }
            } catch {
                stamping.withLock { $0 = .idle }
                throw error
            }
        } while stamping.withLock({ $0.continues() })
        return stamped
    }

    private func stampWaiting(_ service: TimeStampService) async throws(ArchiveError) -> Int {
        let waiting = try await read { db in
            try MeetingRecord.fetchAll(
                db,
                sql: """
                    SELECT * FROM meetings WHERE timeStamp = ? AND state = 'sealed' ORDER BY sealedAt LIMIT 100
                    """, arguments: [TimeStampState.waiting.rawValue])
        }
        for (index, meeting) in waiting.enumerated() {
            do {
                try await stamp(meeting, service)
            } catch {
                let text = "sealed without a time stamp, which is tried again: \(error)"
                let isNoted = try await details(of: meeting.id).notes.contains { $0.text.hasPrefix(text.prefix(30)) }
                if !isNoted { try await addNote(meeting.id, .warning, text) }
                return index
            }
        }
        return waiting.count
    }

    private func stamp(_ meeting: MeetingRecord, _ service: TimeStampService) async throws {
        let directory = paths(of: meeting).directory
        let signed = [SealedPackage.cmsSignature, SealedPackage.signature].first {
            access(directory + "/" + $0, F_OK) == 0
        }
        guard let signed else { throw EvidenceError.malformed(path: directory, reason: "its seal is not signed") }
        let signature = try FileDigest.contents(of: directory + "/" + signed, limit: 1 << 20)
        // Not 0, which stands for none.
        let nonce = UInt64.random(in: 1...UInt64(Int64.max))
        let response = try await service.send(try TimeStamp.request(for: signature, nonce: nonce))
        _ = try TimeStamp.verify(response, of: signature, nonce: nonce, authorities: service.authorities)
        let path = directory + "/" + SealedPackage.timeStamp
        try SafeFile.replace(path, with: response)
        chmod(path, 0o440)
        let digest = try FileDigest.of(path)
        let file = PackageFile(
            meetingID: meeting.id, path: SealedPackage.timeStamp, size: digest.size, sha256: digest.sha256,
            mime: PackageMIME.type(of: SealedPackage.timeStamp), sha512: digest.sha512,
            madeAt: now().roundedToMillisecond)
        try await write { db in
            try file.save(db)
            try db.execute(
                sql: "UPDATE meetings SET timeStamp = ? WHERE id = ?",
                arguments: [TimeStampState.there.rawValue, meeting.id])
        }
    }
}

/// Work that runs once at a time: whoever asks for it meanwhile has it look again when it is through.
enum SingleRun {
    case idle
    case running(again: Bool)

    /// False where another is at it, who then looks again.
    mutating func begin() -> Bool {
        guard case .idle = self else {
            self = .running(again: true)
            return false
        }
        self = .running(again: false)
        return true
    }

    mutating func continues() -> Bool {
        guard case .running(again: true) = self else {
            self = .idle
            return false
        }
        self = .running(again: false)
        return true
    }
}
