import Foundation

/// The file of the portal's Unix domain socket.
struct SocketFile: Sendable {
    let path: String

    /// Refuses a path that cannot be one, or on which somebody answers; a dead daemon's socket is no hindrance.
    func checkFree() throws(PortalError) {
        var address = sockaddr_un()
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else {
            throw .socketUnusable(path: path, reason: "a socket's path has at most \(room - 1) bytes")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .socketUnusable(path: path, reason: "something that is no socket is there already")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw .socketUnusable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(probe) }
        let answered = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        if answered { throw .socketInUse(path: path) }
    }

    /// Owner and group may open it, nobody else.
    func restrict() throws(PortalError) {
        guard chmod(path, 0o660) == 0 else {
            throw .socketUnusable(path: path, reason: String(cString: strerror(errno)))
        }
    }

    func remove() {
        unlink(path)
    }
}
