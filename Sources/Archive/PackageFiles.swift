import Foundation

/// What lies in a package's directory.
enum PackageFiles {
    struct Entry: Equatable {
        /// Relative to the package, divided by `/`.
        var path: String
        var size: Int64
        /// A link, socket or device has no place in a package and is never followed.
        var isRegularFile: Bool
    }

    static let maximumDepth = 8

    /// Every entry below `directory` that is not a directory, by path.
    static func list(_ directory: String) throws(ArchiveError) -> [Entry] {
        var entries: [Entry] = []
        try list(directory, prefix: "", depth: 0, into: &entries)
        return entries.sorted { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
    }

    private static func list(
        _ directory: String, prefix: String, depth: Int, into entries: inout [Entry]
    ) throws(ArchiveError) {
        guard depth < maximumDepth else { throw .inputOutput(path: directory, reason: "directories too deep") }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            var status = stat()
            let code = lstat(directory, &status) == 0 ? EACCES : errno
            throw ArchiveError(errno: code, path: directory)
        }
        for name in names {
            let path = directory + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { throw ArchiveError(errno: errno, path: path) }
            if status.st_mode & S_IFMT == S_IFDIR {
                try list(path, prefix: prefix + name + "/", depth: depth + 1, into: &entries)
            } else {
                entries.append(
                    Entry(
                        path: prefix + name, size: Int64(status.st_size),
                        isRegularFile: status.st_mode & S_IFMT == S_IFREG))
            }
        }
    }
}
