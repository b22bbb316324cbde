import Foundation

/// Keeps a second daemon out of an archive: a lock that the kernel drops with the process, however that ends.
///
/// Bridges that share the archive let each other in, and nobody else; each keeps out another of its own name.
final class RootLock: Sendable {
    private let files: [Int32]

    init(root: String, bridge: String?) throws(ArchiveError) {
        guard let bridge else {
            files = [try Self.lock(root + "/lock", LOCK_EX, root)]
            return
        }
        guard bridge.wholeMatch(of: #/[A-Za-z0-9][A-Za-z0-9_-]{0,63}/#) != nil else { throw .unusableName(bridge) }
        let shared = try Self.lock(root + "/lock", LOCK_SH, root)
        do throws(ArchiveError) {
            files = [shared, try Self.lock(root + "/lock-" + bridge, LOCK_EX, root)]
        } catch {
            close(shared)
            throw error
        }
    }

    private static func lock(_ path: String, _ kind: Int32, _ root: String) throws(ArchiveError) -> Int32 {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw ArchiveError(errno: errno, path: path) }
        guard flock(file, kind | LOCK_NB) == 0 else {
            let code = errno
            close(file)
            throw code == EWOULDBLOCK ? .openElsewhere(root: root) : ArchiveError(errno: code, path: path)
        }
        return file
    }

    deinit { for file in files { close(file) } }
}
