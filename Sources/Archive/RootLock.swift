import Foundation

/// Keeps a second daemon out of an archive: a lock that the kernel drops with the process, however that ends.
final class RootLock: Sendable {
    private let file: Int32

    init(root: String) throws(ArchiveError) {
        let path = root + "/lock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw ArchiveError(errno: errno, path: path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(file)
            throw code == EWOULDBLOCK ? .openElsewhere(root: root) : ArchiveError(errno: code, path: path)
        }
    }

    deinit { close(file) }
}
