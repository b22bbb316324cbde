import Crypto
import Foundation

/// SHA-256 of a file, read once in pieces; what was read leaves the page cache, which a running meeting needs more.
enum FileDigest {
    static let pieceSize = 1 << 20

    struct Result: Equatable {
        /// Lower-case hexadecimal.
        var sha256: String
        var size: Int64
    }

    /// Hashes the regular file at `path`, which must not be a link. `advance` gets the length of each piece and throws
    /// to stop.
    static func sha256(
        ofFile path: String, syncing: Bool, advance: (Int) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> Result {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw ArchiveError(errno: errno, path: path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw ArchiveError(errno: errno, path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .inputOutput(path: path, reason: "not a regular file") }
        if syncing {
            guard fsync(file) == 0 else { throw ArchiveError(errno: errno, path: path) }
        }
        posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
        var hash = SHA256()
        var size: Int64 = 0
        var piece = [UInt8](repeating: 0, count: pieceSize)
        while true {
            let count = read(file, &piece, pieceSize)
            if count < 0 {
                if errno == EINTR { continue }
                throw ArchiveError(errno: errno, path: path)
            }
            if count == 0 { break }
            piece.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            posix_fadvise(file, off_t(size), off_t(count), POSIX_FADV_DONTNEED)
            size += Int64(count)
            try advance(count)
        }
        return Result(sha256: hex(hash.finalize()), size: size)
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
