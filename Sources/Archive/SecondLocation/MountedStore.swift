import Evidence
import Foundation

/// Second copies on a disk that is mounted. The directory is never made: where it is not there, the disk is away, and what were
/// written would be on the archive's own.
struct MountedStore: SecondStore {
    let root: String
    let octetsPerSecond: Int
    private let queue = BackgroundQueue(label: "archive.second-location")

    init(root: String, octetsPerSecond: Int) {
        self.root = root
        self.octetsPerSecond = octetsPerSecond
    }

    private func place(_ name: String) throws(ArchiveError) -> String {
        var status = stat()
        guard stat(root, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .secondLocation(reason: "\(root) is not there")
        }
        return root + "/" + name
    }

    func names(in package: String) async throws(ArchiveError) -> Set<String> {
        let directory = try place(package)
        return try await queue.run { _ throws(ArchiveError) in
            do throws(EvidenceError) {
                return Set(try PackageFiles.list(directory).filter(\.isRegularFile).map(\.path))
            } catch .file(_, ENOENT) {
                return []
            } catch { throw ArchiveError(error) }
        }
    }

    func sha256(of name: String, octets: Int64) async throws(ArchiveError) -> String {
        let path = try place(name)
        return try await queue.run { [octetsPerSecond] (cancellation) throws(ArchiveError) in
            let rate = ReadingRate(octetsPerSecond: octetsPerSecond)
            var done: Int64 = 0
            do throws(EvidenceError) {
                return try FileDigest.of(path) { count in
                    done += Int64(count)
                    rate.keep(after: done)
                    return !cancellation.isCancelled
                }.sha256
            } catch { throw ArchiveError(error) }
        }
    }

    func put(_ source: String, as name: String, octets: Int64) async throws(ArchiveError) {
        let target = try place(name)
        try await queue.run { [octetsPerSecond] (cancellation) throws(ArchiveError) in
            try DurableFile.makeDirectory((target as NSString).deletingLastPathComponent)
            let half = target + ".new"
            unlink(half)
            do throws(ArchiveError) {
                try PacedCopy.run(source, to: half, octetsPerSecond, cancellation)
                // Nobody writes it any more; who may read it is as it was.
                var status = stat()
                guard lstat(half, &status) == 0, chmod(half, status.st_mode & 0o440) == 0 else {
                    throw ArchiveError(errno: errno, path: half)
                }
                guard rename(half, target) == 0 else { throw ArchiveError(errno: errno, path: target) }
            } catch {
                unlink(half)
                throw error
            }
            try DurableFile.syncDirectory(of: target)
        }
    }

    func fetch(_ name: String, octets: Int64, to target: String) async throws(ArchiveError) {
        let source = try place(name)
        try await queue.run { [octetsPerSecond] (cancellation) throws(ArchiveError) in
            try PacedCopy.run(source, to: target, octetsPerSecond, cancellation)
        }
    }

    func remove(_ name: String) async throws(ArchiveError) {
        let path = try place(name)
        try await queue.run { _ throws(ArchiveError) in
            guard unlink(path) == 0 || errno == ENOENT else { throw ArchiveError(errno: errno, path: path) }
            rmdir((path as NSString).deletingLastPathComponent)
        }
    }

    func removePayload(of package: String, _ removal: PayloadRemoval) async throws(ArchiveError) {
        let directory = try place(package)
        try await queue.run { _ throws(ArchiveError) in try removal.run(in: directory) }
    }
}

/// Copies a file at a bounded rate, to the disk and not only to its cache.
enum PacedCopy {
    private static let pieceOctets = 1 << 20

    /// - Parameter target: where nothing is. What was begun is left there when this throws.
    static func run(
        _ source: String, to target: String, _ octetsPerSecond: Int, _ cancellation: BackgroundQueue.Cancellation
    ) throws(ArchiveError) {
        let input = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard input >= 0 else { throw ArchiveError(errno: errno, path: source) }
        defer { close(input) }
        var status = stat()
        guard fstat(input, &status) == 0 else { throw ArchiveError(errno: errno, path: source) }
        // For no more readers than the source has.
        let mode = status.st_mode & 0o040 | 0o600
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard output >= 0 else { throw ArchiveError(errno: errno, path: target) }
        defer { close(output) }
        let rate = ReadingRate(octetsPerSecond: octetsPerSecond)
        var piece = Data(count: pieceOctets)
        var done: Int64 = 0
        while true {
            try cancellation.check()
            let count = piece.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ArchiveError(errno: errno, path: source) }
            if count == 0 { break }
            try DurableFile.write(piece.prefix(count), to: output, path: target)
            done += Int64(count)
            rate.keep(after: done)
        }
        guard fsync(output) == 0 else { throw ArchiveError(errno: errno, path: target) }
        // What is read next is the disk's, not the cache's.
        posix_fadvise(output, 0, 0, POSIX_FADV_DONTNEED)
    }
}
