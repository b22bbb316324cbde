import Foundation

/// Files that are whole after a power cut: written beside, synced, renamed, the directory synced.
public enum SafeFile {
    public static func replace(_ path: String, with data: Data, mode: mode_t = 0o640) throws(EvidenceError) {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw .file(path: path, errno: errno) }
        var failure = write(data, to: file)
        if failure == 0, fsync(file) != 0 { failure = errno }
        close(file)
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(temporary)
            throw .file(path: path, errno: failure)
        }
        try syncDirectory(of: path)
    }

    /// Writes all of it; returns 0 or the error's number.
    public static func write(_ data: Data, to file: Int32) -> Int32 {
        data.withUnsafeBytes { bytes in
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
    }

    public static func syncDirectory(of path: String) throws(EvidenceError) {
        let parent = (path as NSString).deletingLastPathComponent
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .file(path: parent, errno: errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw .file(path: parent, errno: errno) }
    }
}
