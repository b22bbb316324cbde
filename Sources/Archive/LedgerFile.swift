import Evidence
import Foundation
import Synchronization

/// The ledger's file: only appended to, each line synced before its entry counts.
final class LedgerFile: Sendable {
    private struct State {
        var ledger: Ledger
        var end: Int64
    }

    let path: String
    private let state: Mutex<State>

    /// Reads the ledger at `path`, and cuts off a last line that a crash tore. Where the catalogue's copy goes further than what holds
    /// together of the file, the file is written anew from it, and what was there is kept beside.
    init(path: String, catalogue: Ledger) throws(ArchiveError) {
        self.path = path
        do throws(EvidenceError) {
            var data = Data()
            if access(path, F_OK) == 0 { data = try FileDigest.contents(of: path, limit: 1 << 30) }
            if let last = data.lastIndex(of: UInt8(ascii: "\n")) {
                data = data.prefix(through: last)
            } else {
                data = Data()
            }
            var ledger = Ledger(parsing: data)
            if ledger.brokenAt != nil || catalogue.entries.count > ledger.entries.count,
                catalogue.entries.starts(with: ledger.entries)
            {
                rename(path, path + ".damaged")
                data = catalogue.entries.reduce(into: Data()) { $0 += $1.line }
                ledger = catalogue
                try SafeFile.replace(path, with: data)
            }
            state = Mutex(State(ledger: ledger, end: Int64(data.count)))
        } catch {
            throw ArchiveError(error)
        }
    }

    var ledger: Ledger { state.withLock { $0.ledger } }

    /// Enters something, after what is there; `make` gets the number and the hash of the line before. When it returns, the line is
    /// on the disk.
    func append(_ make: (_ number: Int64, _ previous: String) -> LedgerEntry) throws(ArchiveError) -> LedgerEntry {
        try state.withLock { (state) throws(ArchiveError) in
            let entry = make(Int64(state.ledger.entries.count) + 1, state.ledger.head)
            let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
            guard file >= 0 else { throw ArchiveError(errno: errno, path: path) }
            defer { close(file) }
            do throws(ArchiveError) {
                guard ftruncate(file, off_t(state.end)) == 0, lseek(file, off_t(state.end), SEEK_SET) >= 0 else {
                    throw ArchiveError(errno: errno, path: path)
                }
                try DurableFile.write(entry.line, to: file, path: path)
                guard fsync(file) == 0 else { throw ArchiveError(errno: errno, path: path) }
            } catch {
                ftruncate(file, off_t(state.end))
                throw error
            }
            if state.end == 0 { try DurableFile.syncDirectory(of: path) }
            state.ledger.append(entry)
            state.end += Int64(entry.line.count)
            return entry
        }
    }

    /// What is in the file now, whoever wrote it, and what was entered: as of one moment, with no line half written.
    func reread() throws(ArchiveError) -> (file: Ledger, entered: Ledger) {
        try state.withLock { (state) throws(ArchiveError) in
            do throws(EvidenceError) {
                let data = access(path, F_OK) == 0 ? try FileDigest.contents(of: path, limit: 1 << 30) : Data()
                return (Ledger(parsing: data), state.ledger)
            } catch { throw ArchiveError(error) }
        }
    }
}
