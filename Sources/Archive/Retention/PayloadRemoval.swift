import Evidence
import Foundation

/// Takes the payload out of a package's directory: names go, directories are synced. What describes it stays, and so does the
/// certificate. Can be stopped at any moment and done again. Links are removed, never followed.
struct PayloadRemoval {
    let layout: PackageLayout

    /// Whether a file of the package, by its path in it, goes.
    func takes(_ path: String) -> Bool {
        switch layout {
        case .bag, .encrypted: path.hasPrefix("data/")
        case .flat:
            !path.hasPrefix(DestructionCertificate.folder) && path != "meeting.json"
                && path != PackagePaths.flatManifestName
        }
    }

    func run(in directory: String) throws(ArchiveError) {
        switch layout {
        case .bag, .encrypted: try remove(directory + "/data", depth: 0)
        case .flat:
            for name in try names(directory) where takes(name + "/") && takes(name) {
                try remove(directory + "/" + name, depth: 0)
            }
        }
        guard access(directory, F_OK) == 0 else { return }
        try DurableFile.syncDirectory(of: directory + "/.")
    }

    private func remove(_ path: String, depth: Int) throws(ArchiveError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw ArchiveError(errno: errno, path: path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            guard unlink(path) == 0 || errno == ENOENT else { throw ArchiveError(errno: errno, path: path) }
            return
        }
        guard depth < Self.maximumDepth else {
            throw .inputOutput(path: path, reason: "directories too deep to be a package")
        }
        for name in try names(path) { try remove(path + "/" + name, depth: depth + 1) }
        try DurableFile.syncDirectory(of: path + "/.")
        guard rmdir(path) == 0 || errno == ENOENT else { throw ArchiveError(errno: errno, path: path) }
    }

    private static let maximumDepth = 16

    private func names(_ directory: String) throws(ArchiveError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            guard access(directory, F_OK) != 0 else {
                throw .inputOutput(path: directory, reason: "cannot be listed: \(error)")
            }
            return []
        }
    }
}
