import Crypto
import Foundation
import GRDB
import Office
import Papers
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

    /// Takes a file in, piece by piece, and looks into it before anybody gets it. What is refused is in the journal.
    ///
    /// - Parameter announced: how many octets are to come, where that was said; too many are refused before any is read.
    public func addPaper(
        _ name: String, to id: String, by: String, announced: Int64? = nil,
        pieces: some AsyncSequence<Data, any Error>
    ) async throws(OfficeStoreError) -> Paper {
        _ = try await meeting(id)
        let name = VietnameseText.stored(name.split { "/\\".contains($0) }.last.map(String.init) ?? "")
        let temporary = "\(folder)/\(id)/\(UUID().uuidString)\(Self.unfinished)"
        do {
            let most = try await room(for: name, of: id)
            if let announced, announced > most { throw Self.excess(most) }
            let (size, sha256) = try await receive(pieces, at: temporary, most: most)
            let found = try await inspect(temporary, named: name)
            let paper = try await enter(
                Paper(
                    id: 0, name: name, mime: found.type.mime, size: size, sha256: sha256, by: by,
                    at: now().roundedToMillisecond, hasCode: found.hasCode), to: id, from: temporary)
            paperObserver.withLock { $0 }?()
            return paper
        } catch {
            unlink(temporary)
            let error = OfficeStoreError(error, path: temporary)
            if case .refused(let fault) = error {
                try? await note("refuse paper", of: "\(id) \(name.prefix(200)): \(fault)", by: by)
            }
            throw error
        }
    }

    /// The most octets that a paper of that name may have.
    private func room(for name: String, of meeting: String) async throws -> Int64 {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 255 else { throw PaperFault.nameMissing }
        guard PaperType(named: name) != nil else { throw PaperFault.defect(.unknownType) }
        let known = try await papers(of: meeting)
        if known.count >= Paper.most { throw PaperFault.tooMany }
        return min(Paper.longest, Paper.mostOctets - known.reduce(0) { $0 + $1.size })
    }

    private static func excess(_ most: Int64) -> PaperFault { most < Paper.longest ? .overQuota : .tooLarge }

    /// Enters a paper, and gives its file its name in the same breath: another with the same octets, which are one file, may be removed
    /// at this moment.
    private func enter(_ paper: Paper, to meeting: String, from temporary: String) async throws -> Paper {
        let path = "\(folder)/\(meeting)/\(paper.sha256)"
        let number: Int64? = try await write(isTold: false) { db in
            let moment = IndochinaTime.text(paper.at)
            // Others may have come in meanwhile.
            let (count, octets) =
                try Row.fetchOne(
                    db, sql: "SELECT count(*), total(size) FROM papers WHERE meeting = ?", arguments: [meeting]
                ).map { ($0[0] as Int, $0[1] as Double) } ?? (0, 0)
            guard count < Paper.most, Int64(octets) + paper.size <= Paper.mostOctets else { return nil }
            try db.execute(
                sql: """
                    INSERT INTO papers (meeting, name, size, sha256, "by", at, hasCode) VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [meeting, paper.name, paper.size, paper.sha256, paper.by, moment, paper.hasCode])
            let number = db.lastInsertedRowID
            let mark = paper.hasCode ? " (code)" : ""
            try Self.note("add paper", "\(meeting) \(paper.name)\(mark)", by: paper.by, db, at: paper.at)
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
            return number
        }
        guard let number else { throw PaperFault.overQuota }
        var entered = paper
        entered.id = number
        return entered
    }

    /// Looks for viruses, too, where it was said who does. On a thread that may block.
    private func inspect(_ path: String, named name: String) async throws -> PaperInspection {
        let scanner = scanner.withLock { $0 }
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<_, Never>) in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: Self.inspect(path, named: name, scanner))
            }
        }
        return try result.get()
    }

    private static func inspect(
        _ path: String, named name: String, _ scanner: VirusScanner?
    ) -> Result<PaperInspection, PaperFault> {
        do {
            let found = try PaperInspection(path, named: name)
            if let virus = try scanner?.scan(path) { return .failure(.infected(virus)) }
            return .success(found)
        } catch let defect as PaperDefect {
            return .failure(.defect(defect))
        } catch {
            return .failure(.unscanned)
        }
    }

    private static let unfinished = ".part"

    /// Removes what was half taken in when the daemon was stopped; before anybody brings papers.
    func sweepPapers() {
        let files = FileManager.default
        for meeting in (try? files.contentsOfDirectory(atPath: folder)) ?? [] {
            for name in (try? files.contentsOfDirectory(atPath: "\(folder)/\(meeting)")) ?? []
            where name.hasSuffix(Self.unfinished) { unlink("\(folder)/\(meeting)/\(name)") }
        }
    }

    public func removePaper(_ id: Int64, of meeting: String, by: String) async throws(OfficeStoreError) {
        let (paper, _) = try await paper(id, of: meeting)
        try await write(isTold: false) { [self] db in
            try db.execute(sql: "DELETE FROM papers WHERE id = ?", arguments: [id])
            try Self.note("remove paper", "\(meeting) \(paper.name)", by: by, db, at: now())
        }
        try await unlinkOctets([paper.sha256], of: meeting)
        paperObserver.withLock { $0 }?()
    }

    /// Removes papers for good, with a recording that is destroyed; what is gone already is passed over, so that one that was stopped
    /// can be done again.
    public func destroyPapers(
        _ papers: [(id: Int64, sha256: String)], of meeting: String, with recording: String
    ) async throws(OfficeStoreError) {
        try await write(isTold: false) { [self] db in
            for paper in papers {
                let key: StatementArguments = [paper.id, meeting]
                guard
                    let name = try String.fetchOne(
                        db, sql: "SELECT name FROM papers WHERE id = ? AND meeting = ?", arguments: key)
                else { continue }
                try db.execute(sql: "DELETE FROM papers WHERE id = ? AND meeting = ?", arguments: key)
                try Self.note("destroy paper", "\(meeting) \(name)", by: "archive: \(recording)", db, at: now())
            }
        }
        try await unlinkOctets(Set(papers.map(\.sha256)), of: meeting)
        rmdir("\(folder)/\(meeting)")
        paperObserver.withLock { $0 }?()
    }

    /// Removes files that no paper of the meeting has any more; while nothing is entered, for the same octets may be another's by then.
    private func unlinkOctets(_ sums: Set<String>, of meeting: String) async throws(OfficeStoreError) {
        try await write(isTold: false) { [folder] db in
            let kept = try String.fetchSet(
                db, sql: "SELECT sha256 FROM papers WHERE meeting = ?", arguments: [meeting])
            for sha256 in sums.subtracting(kept) {
                let path = "\(folder)/\(meeting)/\(sha256)"
                guard unlink(path) == 0 || errno == ENOENT else {
                    throw OfficeStoreError(POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO), path: path)
                }
            }
        }
    }

    private func receive(
        _ pieces: some AsyncSequence<Data, any Error>, at path: String, most: Int64
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
            guard size <= most else { throw Self.excess(most) }
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
            by: row["by"], at: IndochinaTime.date(from: row["at"]) ?? .distantPast, hasCode: row["hasCode"])
    }
}
