import Crypto
import Foundation
import GRDB
import Office
import Vietnamese

/// Papers of meetings: their names in the database, their octets in `papers/MEETING/SHA256` beside it.
extension OfficeStore {
    private var folder: String { (path as NSString).deletingLastPathComponent + "/papers" }

    public func papers(of meeting: String) async throws(OfficeStoreError) -> [Paper] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM papers WHERE meeting = ? ORDER BY id", arguments: [meeting])
                .map(Self.paper)
        }
    }

    /// A paper and where its file is.
    public func paper(_ id: Int64, of meeting: String) async throws(OfficeStoreError) -> (Paper, path: String) {
        let paper = try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM papers WHERE meeting = ? AND id = ?", arguments: [meeting, id])
                .map(Self.paper)
        }
        guard let paper else { throw .refused(PaperFault.unknown(id)) }
        return (paper, "\(folder)/\(meeting)/\(paper.sha256)")
    }

    /// Takes a file in, piece by piece.
    public func addPaper(
        _ name: String, to id: String, by: String, pieces: some AsyncSequence<Data, any Error>
    ) async throws(OfficeStoreError) -> Paper {
        _ = try await meeting(id)
        if try await papers(of: id).count >= Paper.most { throw .refused(PaperFault.tooMany) }
        let name = VietnameseText.stored(name.split { "/\\".contains($0) }.last.map(String.init) ?? "")
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 255 else {
            throw .refused(PaperFault.nameMissing)
        }
        let temporary = "\(folder)/\(id)/\(UUID().uuidString).part"
        do {
            let (size, sha256) = try await receive(pieces, at: temporary)
            let final = "\(folder)/\(id)/\(sha256)"
            // The same octets twice are one file.
            guard rename(temporary, final) == 0 else { throw CocoaError(.fileWriteUnknown) }
            let paper = try await write(isTold: false) { [self] db in
                try db.execute(
                    sql: "INSERT INTO papers (meeting, name, size, sha256, \"by\", at) VALUES (?, ?, ?, ?, ?, ?)",
                    arguments: [id, name, size, sha256, by, IndochinaTime.text(now())])
                let number = db.lastInsertedRowID
                try Self.note("add paper", "\(id) \(name)", by: by, db, at: now())
                return Paper(
                    id: number, name: name, mime: Paper.mime(of: name), size: size, sha256: sha256, by: by,
                    at: now().roundedToMillisecond)
            }
            paperObserver.withLock { $0 }?()
            return paper
        } catch {
            unlink(temporary)
            throw OfficeStoreError(error, path: temporary)
        }
    }

    public func removePaper(_ id: Int64, of meeting: String, by: String) async throws(OfficeStoreError) {
        let (paper, path) = try await paper(id, of: meeting)
        let isLast = try await write(isTold: false) { [self] db in
            try db.execute(sql: "DELETE FROM papers WHERE id = ?", arguments: [id])
            try Self.note("remove paper", "\(meeting) \(paper.name)", by: by, db, at: now())
            let left = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM papers WHERE meeting = ? AND sha256 = ?",
                arguments: [meeting, paper.sha256])
            return left == 0
        }
        if isLast { unlink(path) }
        paperObserver.withLock { $0 }?()
    }

    /// Removes papers for good, with a recording that is destroyed; what is gone already is passed over, so that one that was stopped
    /// can be done again.
    public func destroyPapers(
        _ papers: [(id: Int64, sha256: String)], of meeting: String, with recording: String
    ) async throws(OfficeStoreError) {
        let kept = try await write(isTold: false) { [self] db -> Set<String> in
            for paper in papers {
                let key: StatementArguments = [paper.id, meeting]
                guard
                    let name = try String.fetchOne(
                        db, sql: "SELECT name FROM papers WHERE id = ? AND meeting = ?", arguments: key)
                else { continue }
                try db.execute(sql: "DELETE FROM papers WHERE id = ? AND meeting = ?", arguments: key)
                try Self.note("destroy paper", "\(meeting) \(name)", by: "archive: \(recording)", db, at: now())
            }
            // The same octets may be another's.
            return try String.fetchSet(
                db, sql: "SELECT sha256 FROM papers WHERE meeting = ?", arguments: [meeting])
        }
        for sha256 in Set(papers.map(\.sha256)).subtracting(kept) {
            let path = "\(folder)/\(meeting)/\(sha256)"
            guard unlink(path) == 0 || errno == ENOENT else {
                throw OfficeStoreError(POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO), path: path)
            }
        }
        rmdir("\(folder)/\(meeting)")
        paperObserver.withLock { $0 }?()
    }

    private func receive(
        _ pieces: some AsyncSequence<Data, any Error>, at path: String
    ) async throws -> (Int64, String) {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        var hash = SHA256()
        var size: Int64 = 0
        for try await piece in pieces {
            size += Int64(piece.count)
            guard size <= Paper.longest else { throw PaperFault.tooLarge }
            hash.update(data: piece)
            try file.write(contentsOf: piece)
        }
        guard size > 0 else { throw PaperFault.empty }
        try file.synchronize()
        return (size, hash.finalize().hexadecimal)
    }

    private static func paper(_ row: Row) -> Paper {
        let name: String = row["name"]
        return Paper(
            id: row["id"], name: name, mime: Paper.mime(of: name), size: row["size"], sha256: row["sha256"],
            by: row["by"], at: IndochinaTime.date(from: row["at"]) ?? .distantPast)
    }
}
