import Crypto
import Foundation

/// A file that lies in the package.
struct PackagedFile: Hashable {
    /// Below the METS document that lists it.
    var path: String
    var size: Int64
    /// In capitals.
    var sha256: String
    var mime: String
    var createdAt: Date
}

/// Reads files once, from their beginning to their end.
enum FileStream {
    private static let pieceSize = 1 << 20

    struct Sum: Equatable {
        var size: Int64
        /// In capitals.
        var sha256: String
    }

    /// The size and hash of the regular file at `path`; with `copy`, a new file there gets its octets and reaches the disk.
    /// `advance` gets the number of octets of each piece, and throws to stop.
    static func sum(
        _ path: String, copy: String? = nil, advance: (Int) throws(DossierFault) -> Void = { _ in }
    ) throws(DossierFault) -> Sum {
        let input = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard input >= 0 else { throw failure(path) }
        defer { close(input) }
        var status = stat()
        guard fstat(input, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .inputOutput(path: path, reason: "it is not a file") }
        posix_fadvise(input, 0, 0, POSIX_FADV_SEQUENTIAL)
        var output: Int32 = -1
        if let copy {
            output = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
            guard output >= 0 else { throw failure(copy) }
        }
        defer { if output >= 0 { close(output) } }
        var hash = SHA256()
        var size: Int64 = 0
        var piece = [UInt8](repeating: 0, count: pieceSize)
        while true {
            let count = read(input, &piece, pieceSize)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            if count == 0 { break }
            piece.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            if output >= 0 { try write(piece, count, to: output, copy ?? "") }
            // What runs beside it needs the page cache more.
            posix_fadvise(input, off_t(size), off_t(count), POSIX_FADV_DONTNEED)
            size += Int64(count)
            try advance(count)
        }
        if output >= 0, fsync(output) != 0 { throw failure(copy ?? "") }
        return Sum(size: size, sha256: hex(hash.finalize()))
    }

    /// The first octets, fewer where the file is shorter.
    static func beginning(of path: String, count: Int = 16) -> Data {
        guard let handle = FileHandle(forReadingAtPath: path) else { return Data() }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: count)) ?? Data()
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func write(_ piece: [UInt8], _ count: Int, to output: Int32, _ path: String) throws(DossierFault) {
        var done = 0
        while done < count {
            let written = piece.withUnsafeBytes { bytes in
                bytes.baseAddress.map { Glibc.write(output, $0 + done, count - done) } ?? 0
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            done += written
        }
    }

    private static func failure(_ path: String) -> DossierFault {
        .inputOutput(path: path, reason: String(cString: strerror(errno)))
    }
}
