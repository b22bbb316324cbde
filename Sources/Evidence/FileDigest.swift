public import Foundation
import Crypto

/// The hashes of a file, read once in pieces; what was read leaves the page cache, which a running meeting needs more.
public struct FileDigest: Sendable, Equatable {
    /// Lower-case hexadecimal.
    public var sha256: String
    public var sha512: String
    public var size: Int64

    public init(sha256: String, sha512: String, size: Int64) {
        self.sha256 = sha256
        self.sha512 = sha512
        self.size = size
    }

    private static let pieceSize = 1 << 20

    /// Hashes the regular file at `path`, which must not be a link. `advance` gets the length of each piece and says whether
    /// to go on.
    public static func of(
        _ path: String, syncing: Bool = false, advance: (Int) -> Bool = { _ in true }
    ) throws(EvidenceError) -> FileDigest {
        var short = SHA256()
        var long = SHA512()
        let size = try read(path, syncing: syncing) { piece in
            short.update(bufferPointer: piece)
            long.update(bufferPointer: piece)
            return advance(piece.count)
        }
        return FileDigest(sha256: Hex.text(short.finalize()), sha512: Hex.text(long.finalize()), size: size)
    }

    /// The SHA-256 of a part of a file; nil where the file ends before it does.
    public static func sha256(of path: String, offset: UInt64, length: UInt64) throws(EvidenceError) -> String? {
        var hash = SHA256()
        let count = try read(path, offset: offset, limit: length) { piece in
            hash.update(bufferPointer: piece)
            return true
        }
        return UInt64(count) == length ? Hex.text(hash.finalize()) : nil
    }

    /// The content of a small file.
    public static func contents(of path: String, limit: Int) throws(EvidenceError) -> Data {
        var data = Data()
        try read(path, limit: UInt64(limit) + 1) { piece in
            data.append(contentsOf: piece)
            return true
        }
        guard data.count <= limit else { throw .malformed(path: path, reason: "longer than \(limit) octets") }
        return data
    }

    @discardableResult
    private static func read(
        _ path: String, offset: UInt64 = 0, limit: UInt64 = .max, syncing: Bool = false,
        _ take: (UnsafeRawBufferPointer) -> Bool
    ) throws(EvidenceError) -> Int64 {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw errno == ELOOP ? .notRegular(path: path) : .file(path: path, errno: errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .file(path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
        if syncing, fsync(file) != 0 { throw .file(path: path, errno: errno) }
        posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
        var position = Int64(clamping: offset)
        var left = limit
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
        defer { piece.deallocate() }
        while left > 0 {
            let count = pread(file, piece.baseAddress, Int(min(UInt64(pieceSize), left)), off_t(position))
            if count < 0 {
                if errno == EINTR { continue }
                throw .file(path: path, errno: errno)
            }
            if count == 0 { break }
            guard take(UnsafeRawBufferPointer(rebasing: piece[..<count])) else { throw .stopped }
            posix_fadvise(file, off_t(position), off_t(count), POSIX_FADV_DONTNEED)
            position += Int64(count)
            left -= UInt64(count)
        }
        return position - Int64(clamping: offset)
    }
}

/// Lower-case hexadecimal.
public enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    public static func sha256(_ bytes: some DataProtocol) -> String { text(SHA256.hash(data: bytes)) }

    /// The octets of `count` pairs of digits; nil for anything else.
    static func octets(_ text: some StringProtocol, count: Int) -> [UInt8]? {
        let values = text.utf8.map { digits.firstIndex(of: $0) }
        guard values.count == 2 * count else { return nil }
        var octets: [UInt8] = []
        for index in stride(from: 0, to: values.count, by: 2) {
            guard let high = values[index], let low = values[index + 1] else { return nil }
            octets.append(UInt8(high << 4 | low))
        }
        return octets
    }
}
