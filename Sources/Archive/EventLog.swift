import Foundation
import Synchronization

/// Appends to one `events.jsonl`. What is appended goes to the kernel in one write, so a killed daemon loses none of it;
/// it goes to the disk at once when it is `.durable`, and otherwise within a second, which is what a power cut loses. What
/// a power cut or a full disk tore is taken out again when the log is opened.
final class EventLog: Sendable {
    private struct State {
        var file: Int32
        var end: Int64
        /// Something is to be synced, and will be.
        var isSyncDue = false
        /// What was written since the last sync that failed is lost, and the kernel tells so once.
        var syncFailure: Int32 = 0
    }
    private static let syncDelay = DispatchTimeInterval.milliseconds(500)

    private let path: String
    private let state: Mutex<State>

    /// Opens or makes the log at `path`, without what a power cut left in it that was never written.
    init(path: String) throws(ArchiveError) {
        self.path = path
        try Self.removeHoles(path)
        let isNew = access(path, F_OK) != 0
        let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw ArchiveError(errno: errno, path: path) }
        do throws(ArchiveError) {
            let end = try Self.cutTornLine(of: file, path: path)
            state = Mutex(State(file: file, end: end))
            if isNew { try DurableFile.syncDirectory(of: path) }
        } catch {
            close(file)
            throw error
        }
    }

    deinit {
        let file = state.withLock { $0.file }
        if file >= 0 { close(file) }
    }

    func append(_ events: [EventRecord], durable: Bool) throws(ArchiveError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = Data()
        for event in events {
            guard let line = try? encoder.encode(event) else {
                throw .inputOutput(path: path, reason: "an event cannot be written as JSON")
            }
            lines.append(line)
            lines.append(UInt8(ascii: "\n"))
        }
        try state.withLock { (state) throws(ArchiveError) in
            guard state.file >= 0 else { throw .inputOutput(path: path, reason: "closed already") }
            if state.syncFailure != 0 {
                defer { state.syncFailure = 0 }
                throw ArchiveError(errno: state.syncFailure, path: path)
            }
            do throws(ArchiveError) {
                try DurableFile.write(lines, to: state.file, path: path)
            } catch {
                ftruncate(state.file, off_t(state.end))
                throw error
            }
            state.end += Int64(lines.count)
            if durable {
                guard fdatasync(state.file) == 0 else { throw ArchiveError(errno: errno, path: path) }
            } else if !state.isSyncDue {
                state.isSyncDue = true
                DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + Self.syncDelay) { self.sync() }
            }
        }
    }

    private func sync() {
        let file = state.withLock { state -> Int32 in
            state.isSyncDue = false
            // Who appends, or closes the log, does not wait for the disk.
            return state.file >= 0 ? dup(state.file) : -1
        }
        guard file >= 0 else { return }
        if fdatasync(file) != 0 {
            let reason = errno
            state.withLock { $0.syncFailure = reason }
        }
        close(file)
    }

    /// Syncs and closes; appending after it is an error.
    func finish() throws(ArchiveError) {
        try state.withLock { (state) throws(ArchiveError) in
            guard state.file >= 0 else { return }
            let failure = fdatasync(state.file) == 0 ? 0 : errno
            close(state.file)
            state.file = -1
            guard failure == 0 else { throw ArchiveError(errno: failure, path: path) }
        }
    }

    /// The events of the log at `path`, in order; a line that is none is passed over.
    static func read(_ path: String) throws(ArchiveError) -> [EventRecord] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ArchiveError(errno: ENOENT, path: path)
        }
        return parse(data)
    }

    /// The same of its octets.
    static func parse(_ data: Data) -> [EventRecord] {
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(EventRecord.self, from: $0) }
    }

    /// A power cut can leave pages of the file's end that never reached the disk, and are zeros, before others that did. Lines
    /// with such octets, which JSON does not have, are taken out.
    private static func removeHoles(_ path: String) throws(ArchiveError) {
        guard let data = FileManager.default.contents(atPath: path), data.contains(0) else { return }
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        let whole = lines.filter { !$0.contains(0) }.map { $0 + [UInt8(ascii: "\n")] }
        try DurableFile.replace(path, with: Data(whole.joined()))
    }

    private static func cutTornLine(of file: Int32, path: String) throws(ArchiveError) -> Int64 {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw ArchiveError(errno: errno, path: path) }
        var end = Int64(status.st_size)
        var block = [UInt8](repeating: 0, count: 4096)
        while end > 0 {
            let start = max(0, end - Int64(block.count))
            let count = pread(file, &block, Int(end - start), off_t(start))
            guard count == Int(end - start) else { throw ArchiveError(errno: count < 0 ? errno : EIO, path: path) }
            if let newline = block[..<count].lastIndex(of: UInt8(ascii: "\n")) {
                end = start + Int64(newline) + 1
                break
            }
            end = start
        }
        if end < Int64(status.st_size) {
            guard ftruncate(file, off_t(end)) == 0 else { throw ArchiveError(errno: errno, path: path) }
        }
        return end
    }
}
