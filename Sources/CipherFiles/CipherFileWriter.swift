import Crypto
import Foundation

/// Encrypts into a new file as octets come; no more than a segment is in memory.
public final class CipherFileWriter {
    private let path: String
    private let key: SymmetricKey
    private var file: Int32
    private var pending = Data()
    private var segment: Int64 = 0
    private var isWhole = false

    /// - Parameters:
    ///   - path: where no file is yet.
    ///   - name: under which it is opened again.
    public init(
        creating path: String, key: ContentKey, name: String, mode: mode_t = 0o640
    ) throws(CipherFileError) {
        var salt = Data(capacity: CipherFileFormat.saltOctets)
        var generator = SystemRandomNumberGenerator()
        while salt.count < CipherFileFormat.saltOctets { salt.append(UInt8.random(in: 0...255, using: &generator)) }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        // Before anything is stored: of somebody else's file nothing is taken away.
        guard file >= 0 else { throw .file(path: path, errno: errno) }
        self.key = CipherFileFormat.key(key, salt: salt, name: name)
        (self.path, self.file) = (path, file)
        pending.reserveCapacity(CipherFileFormat.segmentOctets)
        try write(all: Data(CipherFileFormat.magic) + salt)
    }

    /// Half a file is none.
    deinit {
        if file >= 0 { close(file) }
        if !isWhole { unlink(path) }
    }

    public func write(_ octets: UnsafeRawBufferPointer) throws(CipherFileError) {
        var rest = octets[...]
        while !rest.isEmpty {
            if pending.count == CipherFileFormat.segmentOctets { try flush(isLast: false) }
            let taken = rest.prefix(CipherFileFormat.segmentOctets - pending.count)
            pending.append(contentsOf: taken)
            rest = rest.dropFirst(taken.count)
        }
    }

    /// Writes the last segment, and has the file reach the disk. Nothing may be written after it.
    public func finish() throws(CipherFileError) {
        try flush(isLast: true)
        guard fsync(file) == 0 else { throw .file(path: path, errno: errno) }
        close(file)
        file = -1
        isWhole = true
    }

    private func flush(isLast: Bool) throws(CipherFileError) {
        guard file >= 0 else { throw .file(path: path, errno: EBADF) }
        guard segment < CipherFileFormat.mostSegments else { throw .tooLong(path: path) }
        let sealed: Data
        do {
            let nonce = try AES.GCM.Nonce(data: CipherFileFormat.nonce(segment, isLast: isLast))
            let box = try AES.GCM.seal(pending, using: key, nonce: nonce)
            guard let combined = box.combined else { throw CipherFileError.cipher }
            sealed = combined.dropFirst(CipherFileFormat.nonceOctets)
        } catch { throw .cipher }
        try write(all: sealed)
        segment += 1
        pending.removeAll(keepingCapacity: true)
    }

    private func write(all data: Data) throws(CipherFileError) {
        let failure = data.withUnsafeBytes { bytes -> Int32 in
            var done = 0
            while done < bytes.count {
                let written = Foundation.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                if written < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                done += written
            }
            return 0
        }
        guard failure == 0 else { throw .file(path: path, errno: failure) }
    }

    private static let pieceOctets = 1 << 20

    /// Encrypts a whole file, which must not be a link.
    /// - Parameter take: gets each clear piece, and says whether to go on.
    /// - Returns: false where it did not; nothing is left then.
    public static func encrypt(
        _ source: String, to path: String, key: ContentKey, name: String,
        take: (UnsafeRawBufferPointer) -> Bool = { _ in true }
    ) throws(CipherFileError) -> Bool {
        let input = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard input >= 0 else {
            throw errno == ELOOP ? .notRegular(path: source) : .file(path: source, errno: errno)
        }
        defer { close(input) }
        var status = stat()
        guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: source) }
        posix_fadvise(input, 0, 0, POSIX_FADV_SEQUENTIAL)
        let writer = try CipherFileWriter(creating: path, key: key, name: name)
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceOctets, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let count = read(input, piece.baseAddress, pieceOctets)
            if count < 0 {
                if errno == EINTR { continue }
                throw .file(path: source, errno: errno)
            }
            if count == 0 { break }
            let octets = UnsafeRawBufferPointer(rebasing: piece[..<count])
            guard take(octets) else { return false }
            try writer.write(octets)
        }
        try writer.finish()
        return true
    }
}
