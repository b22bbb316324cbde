import Glibc

/// Where a writer puts its bytes: appended, or over what is there.
public protocol MatroskaSink: AnyObject {
    /// Octets written so far.
    var position: UInt64 { get }
    /// Appends all of it, or nothing.
    func append(_ bytes: [UInt8]) throws(MatroskaError)
    func overwrite(_ bytes: [UInt8], at offset: UInt64) throws(MatroskaError)
    /// Waits until everything is on the disk.
    func synchronize() throws(MatroskaError)
}

/// A file on disk.
public final class FileSink: MatroskaSink {
    public let path: String
    public private(set) var position: UInt64
    private let descriptor: Int32

    /// Makes a new file; one that is there already is an error.
    public init(creating path: String) throws(MatroskaError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw errno == ENOSPC || errno == EDQUOT ? .noSpace(path: path) : .cannotOpen(path: path, errno: errno)
        }
        position = 0
    }

    /// Opens a file that is there, cutting it off at `end`.
    init(reopening path: String, end: UInt64) throws(MatroskaError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, errno: errno) }
        position = end
        guard ftruncate(descriptor, off_t(end)) == 0 else { throw .writeFailed(path: path, errno: errno) }
    }

    deinit { close(descriptor) }

    public func append(_ bytes: [UInt8]) throws(MatroskaError) {
        do {
            try write(bytes, at: position)
        } catch {
            // What was written of it would be damage in the middle, should writing go on.
            _ = ftruncate(descriptor, off_t(position))
            throw error
        }
        position += UInt64(bytes.count)
    }

    public func overwrite(_ bytes: [UInt8], at offset: UInt64) throws(MatroskaError) { try write(bytes, at: offset) }

    public func synchronize() throws(MatroskaError) {
        guard fdatasync(descriptor) == 0 else { throw failure(errno) }
    }

    private func write(_ bytes: [UInt8], at offset: UInt64) throws(MatroskaError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + done, $0.count - done, off_t(offset) + off_t(done))
            }
            if count <= 0 {
                if count < 0, errno == EINTR { continue }
                throw failure(count < 0 ? errno : EIO)
            }
            done += count
        }
    }

    private func failure(_ errno: Int32) -> MatroskaError {
        errno == ENOSPC || errno == EDQUOT || errno == EFBIG
            ? .noSpace(path: path) : .writeFailed(path: path, errno: errno)
    }
}
