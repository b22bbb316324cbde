public import Crypto
import Evidence
import Foundation

/// The key of the traces in copies that are given out (`Sources/Trace`): whose copy one is, only who has it can tell.
enum TraceKey {
    static let octets = 32

    /// Reads it, or makes it where there is none, mode 0600. It is never replaced: by another key nothing is found in the
    /// copies that are out.
    static func ensure(at path: String) throws(ArchiveError) -> SymmetricKey {
        if let key = try existing(at: path) { return key }
        let key = SymmetricKey(size: .bits256)
        // Beside it first, whole and on the disk, and then under its name, if nobody else was faster.
        let draft = "\(path).\(UUID().uuidString)"
        defer { unlink(draft) }
        do throws(EvidenceError) {
            try SafeFile.replace(draft, with: key.withUnsafeBytes { Data($0) }, mode: 0o600)
        } catch { throw ArchiveError(error) }
        guard link(draft, path) == 0 || errno == EEXIST else { throw ArchiveError(errno: errno, path: path) }
        try DurableFile.syncDirectory(of: path)
        guard let made = try existing(at: path) else { throw .inputOutput(path: path, reason: "it cannot be kept") }
        return made
    }

    private static func existing(at path: String) throws(ArchiveError) -> SymmetricKey? {
        guard access(path, F_OK) == 0 else {
            if errno == ENOENT { return nil }
            throw ArchiveError(errno: errno, path: path)
        }
        let data: Data
        do throws(EvidenceError) { data = try FileDigest.contents(of: path, limit: octets + 1) } catch {
            throw ArchiveError(error)
        }
        guard data.count == octets else {
            throw .inputOutput(path: path, reason: "it is no key of \(octets) octets; restore it from a backup")
        }
        return SymmetricKey(data: data)
    }
}

extension Archive {
    /// Of the traces in copies that are given out.
    public func traceKey() throws(ArchiveError) -> SymmetricKey {
        try TraceKey.ensure(at: root + "/keys/trace.key")
    }
}
