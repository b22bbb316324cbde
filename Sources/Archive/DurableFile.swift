import Foundation

/// Files that are whole after a power cut: written beside, synced, renamed, the directory synced.
enum DurableFile {
    static func replace(_ path: String, with data: Data) throws(ArchiveError) {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw ArchiveError(errno: errno, path: path) }
        do throws(ArchiveError) {
            defer { close(file) }
            try write(data, to: file, path: path)
            guard fsync(file) == 0 else { throw ArchiveError(errno: errno, path: path) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw ArchiveError(errno: errno, path: path) }
        try syncDirectory(of: path)
    }

    static func write(_ data: Data, to file: Int32, path: String) throws(ArchiveError) {
        let failure: Int32 = data.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let written = Foundation.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                if written < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                done += written
            }
            return 0
        }
        guard failure == 0 else { throw ArchiveError(errno: failure, path: path) }
    }

    static func syncDirectory(of path: String) throws(ArchiveError) {
        let parent = (path as NSString).deletingLastPathComponent
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw ArchiveError(errno: errno, path: parent) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw ArchiveError(errno: errno, path: parent) }
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
