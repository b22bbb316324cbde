import Evidence
import Foundation

/// Files and directories that are whole after a power cut.
enum DurableFile {
    static func replace(_ path: String, with data: Data) throws(ArchiveError) {
        do { try SafeFile.replace(path, with: data) } catch { throw ArchiveError(error) }
    }

    static func write(_ data: Data, to file: Int32, path: String) throws(ArchiveError) {
        let failure = SafeFile.write(data, to: file)
        guard failure == 0 else { throw ArchiveError(errno: failure, path: path) }
    }

    static func syncDirectory(of path: String) throws(ArchiveError) {
        do { try SafeFile.syncDirectory(of: path) } catch { throw ArchiveError(error) }
    }

    /// Makes `path` and what is missing above it, mode 0750.
    static func makeDirectory(_ path: String) throws(ArchiveError) {
        if mkdir(path, 0o750) == 0 { return try syncDirectory(of: path) }
        switch errno {
        case EEXIST:
            return
        case ENOENT:
            let parent = (path as NSString).deletingLastPathComponent
            guard !parent.isEmpty, parent != path else { throw ArchiveError(errno: ENOENT, path: path) }
            try makeDirectory(parent)
            guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw ArchiveError(errno: errno, path: path) }
            try syncDirectory(of: path)
        default:
            throw ArchiveError(errno: errno, path: path)
        }
    }
}
