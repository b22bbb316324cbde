public import Foundation

/// What lies in a package's directory.
public enum PackageFiles {
    public struct Entry: Sendable, Equatable {
        /// Relative to the package, divided by `/`.
        public var path: String
        public var size: Int64
        /// A link, socket or device has no place in a package and is never followed.
        public var isRegularFile: Bool
        public var modified: Date
    }

    static let maximumDepth = 8

    /// Every entry below `directory` that is not a directory, in the order of their paths' octets. What somebody takes away
    /// meanwhile is not there.
    public static func list(_ directory: String) throws(EvidenceError) -> [Entry] {
        var entries: [Entry] = []
        try list(directory, prefix: "", depth: 0, into: &entries)
        return entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private static func list(
        _ directory: String, prefix: String, depth: Int, into entries: inout [Entry]
    ) throws(EvidenceError) {
        guard depth < maximumDepth else { throw .malformed(path: directory, reason: "directories too deep") }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            var status = stat()
            let reason = lstat(directory, &status) == 0 ? EACCES : errno
            if depth > 0, reason == ENOENT { return }
            throw .file(path: directory, errno: reason)
        }
        for name in names {
            let path = directory + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else {
                if errno == ENOENT { continue }
                throw .file(path: path, errno: errno)
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                try list(path, prefix: prefix + name + "/", depth: depth + 1, into: &entries)
            } else {
                entries.append(
                    Entry(
                        path: prefix + name, size: Int64(status.st_size),
                        isRegularFile: status.st_mode & S_IFMT == S_IFREG,
                        modified: Date(timeIntervalSince1970: TimeInterval(status.st_mtim.tv_sec))))
            }
        }
    }
}
