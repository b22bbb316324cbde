import Crypto
import Foundation
import SQLDatabase
import Office
import Papers
import Vietnamese

/// Papers of meetings: their names in the database, their octets in `papers/MEETING/SHA256` beside it, or in the folder that bridges share.
extension OfficeStore {
    private var folder: String {
        switch place {
        case .file(let path): (path as NSString).deletingLastPathComponent + "/papers"
        case .shared(_, let papers): papers
        }
    }

    public func papers(of meeting: String) async throws(OfficeStoreError) -> [Paper] {
        try await read { db in
            try SQLRow.fetchAll(db, sql: "SELECT * FROM papers WHERE meeting = ? ORDER BY id", arguments: [meeting])
                .map(Self.paper)
        }
    }

    /// A paper and where its file is.
    public func paper(_ id: Int64, of meeting: String) async throws(OfficeStoreError) -> (Paper, path: String) {
        let paper = try await read { db in
            try SQLRow.fetchOne(db, sql: "SELECT * FROM papers WHERE meeting = ? AND id = ?", arguments: [meeting, id])
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
        let number: Int64? = try await write(telling: .papers) { db in
            let moment = IndochinaTime.text(paper.at)
            // Others may have come in meanwhile.
            let sizes = try Int64.fetchAll(db, sql: "SELECT size FROM papers WHERE meeting = ?", arguments: [meeting])
            guard sizes.count < Paper.most, sizes.reduce(0, +) + paper.size <= Paper.mostOctets else { return nil }
            let number = try Int64.fetchOne(
                db,
                sql: """
                    INSERT INTO papers (meeting, name, size, sha256, "by", at, hasCode) VALUES (?, ?, ?, ?, ?, ?, ?)
                    RETURNING id
                    """,
                arguments: [meeting, paper.name, paper.size, paper.sha256, paper.by, moment, paper.hasCode])
            let mark = paper.hasCode ? " (code)" : ""
            try Self.note("add paper", "\(meeting) \(paper.name)\(mark)", by: paper.by, db, at: paper.at)
            // The transaction may be made again, where others held it up: then the file has its name already.
            guard rename(temporary, path) == 0 || (errno == ENOENT && access(path, F_OK) == 0) else {
                throw CocoaError(.fileWriteUnknown)
            }
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

    /// Whatever is half taken in, and was not written for so long, nobody takes in any more: on any clock of machines that share a folder.
    private static let longestPause: TimeInterval = 86_400

    /// Removes what was half taken in when the daemon was stopped; before anybody brings papers, but for other bridges.
    func sweepPapers() {
        let files = FileManager.default
        for meeting in (try? files.contentsOfDirectory(atPath: folder)) ?? [] {
            for name in (try? files.contentsOfDirectory(atPath: "\(folder)/\(meeting)")) ?? []
            where name.hasSuffix(Self.unfinished) {
                let path = "\(folder)/\(meeting)/\(name)"
                let written = (try? files.attributesOfItem(atPath: path))?[.modificationDate] as? Date
                if !isShared || written.map({ Date().timeIntervalSince($0) > Self.longestPause }) == true {
                    unlink(path)
                }
            }
        }
    }

    public func removePaper(_ id: Int64, of meeting: String, by: String) async throws(OfficeStoreError) {
        let (paper, _) = try await paper(id, of: meeting)
        try await write(telling: .papers) { [self] db in
            try db.execute(sql: "DELETE FROM papers WHERE id = ?", arguments: [id])
            try Self.note("remove paper", "\(meeting) \(paper.name)", by: by, db, at: now())
        }
        try await unlinkOctets([paper.sha256], of: meeting)
    }

    /// Removes papers for good, with a recording that is destroyed; what is gone already is passed over, so that one that was stopped
    /// can be done again.
    public func destroyPapers(
        _ papers: [(id: Int64, sha256: String)], of meeting: String, with recording: String
    ) async throws(OfficeStoreError) {
        try await write(telling: .papers) { [self] db in
            for paper in papers {
                let key: SQLArguments = [paper.id, meeting]
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
    }

    /// Removes files that no paper of the meeting has any more; while nothing is entered, for the same octets may be another's by then.
    private func unlinkOctets(_ sums: Set<String>, of meeting: String) async throws(OfficeStoreError) {
        try await write(telling: nil) { [folder] db in
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

    private static func paper(_ row: SQLRow) -> Paper {
        let name: String = row["name"]
        return Paper(
            id: row["id"], name: name, mime: Paper.mime(of: name), size: row["size"], sha256: row["sha256"],
            by: row["by"], at: IndochinaTime.date(from: row["at"]) ?? .distantPast, hasCode: row["hasCode"])
    }
}
