import Evidence
import Foundation
import SQLDatabase
import Synchronization

/// The ledger's file: only appended to, each line synced before its entry counts.
///
/// Of bridges that share it, one at a time writes: under the lock of the catalogue's database, in the transaction that enters the lines there.
final class LedgerFile: Sendable {
    private struct State {
        var ledger: Ledger
        var end: Int64
    }

    let path: String
    private let state: Mutex<State>
    /// The catalogue, where others append to the file too.
    private let shared: SQLDatabase?

    /// Reads the ledger at `path`, and cuts off a last line that a crash tore. Where the catalogue's copy goes further than what holds
    /// together of the file, the file is written anew from it, and what was there is kept beside.
    init(path: String, catalogue: Ledger, shared: SQLDatabase? = nil) throws(ArchiveError) {
        self.path = path
        self.shared = shared
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

    /// As it is now, whoever wrote it.
    var ledger: Ledger {
        if shared != nil { try? refresh() }
        return state.withLock { $0.ledger }
    }

    /// Of what was entered last, as far as is known here: inside of `holding`, of all.
    var head: String { state.withLock { $0.ledger.head } }

    /// As `head`, of a meeting.
    func entries(of meeting: String) -> [LedgerEntry] { state.withLock { $0.ledger.entries(of: meeting) } }

    /// Does what has to happen between two entries, the second of which is its own: nobody else enters anything meanwhile.
    func holding<Value: Sendable>(
        _ body: @escaping @Sendable () throws(ArchiveError) -> Value
    ) throws(ArchiveError) -> Value {
        guard let shared else { return try body() }
        do {
            return try shared.write { [self] db in
                try refresh()
                let value = try body()
                // Also what another bridge did not live to enter.
                let last = try Int64.fetchOne(db, sql: "SELECT max(number) FROM ledger") ?? 0
                for entry in state.withLock({ $0.ledger.entries }) where entry.number > last {
                    try Archive.enter(entry, db)
                }
                return value
            }
        } catch {
            throw ArchiveError(error, path: path)
        }
    }

    /// Takes in the whole lines that were appended since.
    private func refresh() throws(ArchiveError) {
        try state.withLock { (state) throws(ArchiveError) in
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else {
                guard errno == ENOENT, state.end == 0 else { throw ArchiveError(errno: errno, path: path) }
                return
            }
            defer { close(file) }
            let size = Int64(lseek(file, 0, SEEK_END))
            guard size >= state.end else {
                throw .inputOutput(path: path, reason: "it is shorter than it was; restore it from a copy")
            }
            guard size > state.end else { return }
            var data = Data(count: Int(size - state.end))
            let count = data.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(state.end)) }
            guard count >= 0 else { throw ArchiveError(errno: errno, path: path) }
            data = data.prefix(count)
            guard let last = data.lastIndex(of: UInt8(ascii: "\n")) else { return }
            let decoder = JSONDecoder()
            for line in data.prefix(through: last).split(separator: UInt8(ascii: "\n")) {
                guard let entry = try? decoder.decode(LedgerEntry.self, from: Data(line)),
                    entry.line.dropLast() == line,
                    state.ledger.append(entry)
                else { throw .inputOutput(path: path, reason: "its last lines do not follow from those before") }
                state.end += Int64(line.count) + 1
            }
        }
    }

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
        // What others entered; of a file that was changed the difference is told.
        if shared != nil { try? refresh() }
        return try state.withLock { (state) throws(ArchiveError) in
            do throws(EvidenceError) {
                let data = access(path, F_OK) == 0 ? try FileDigest.contents(of: path, limit: 1 << 30) : Data()
                return (Ledger(parsing: data), state.ledger)
            } catch { throw ArchiveError(error) }
        }
    }
}
