import CipherFiles
import Evidence
public import Foundation
public import Matroska

/// A file of a package, open for reading in any order, in clear whether or not it lies encrypted. Never a link.
public final class StoredFile: Sendable {
    public let path: String
    /// In clear.
    public let octets: Int64
    public let modified: timespec
    private let content: Content

    private enum Content {
        case clear(Int32)
        case encrypted(CipherFile)
    }

    /// One that lies in clear.
    public init(_ path: String) throws(ArchiveError) {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .inputOutput(path: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw .inputOutput(path: path, reason: "not a regular file")
        }
        (self.path, content) = (path, .clear(file))
        octets = Int64(status.st_size)
        modified = status.st_mtim
    }

    init(_ path: String, key: ContentKey, name: String) throws(ArchiveError) {
        do throws(CipherFileError) {
            let file = try CipherFile(path, key: key, name: name)
            (self.path, content) = (path, .encrypted(file))
            octets = file.octets
            modified = file.modified
        } catch { throw ArchiveError(EvidenceError(error)) }
    }

    deinit { if case .clear(let file) = content { close(file) } }

    /// Fills the buffer from `offset` on; gives fewer octets only where the file ends, and throws where they are not those that
    /// were encrypted.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ArchiveError) -> Int {
        switch content {
        case .clear(let file):
            while true {
                let count = pread(file, buffer.baseAddress, buffer.count, off_t(offset))
                if count >= 0 { return count }
                guard errno == EINTR else { throw ArchiveError(errno: errno, path: path) }
            }
        case .encrypted(let file):
            do throws(CipherFileError) { return try file.read(into: buffer, at: offset) } catch {
                throw ArchiveError(EvidenceError(error))
            }
        }
    }

    /// The first octets, at most `limit` of them.
    public func beginning(_ limit: Int) throws(ArchiveError) -> Data {
        var data = Data(count: Int(min(Int64(max(0, limit)), octets)))
        var done = 0
        while done < data.count {
            var failure: ArchiveError?
            let count = data.withUnsafeMutableBytes { bytes -> Int in
                do throws(ArchiveError) {
                    return try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]), at: Int64(done))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            if count == 0 { break }
            done += count
        }
        return data.prefix(done)
    }
}

extension StoredFile: FileSource {
    public var length: UInt64 { UInt64(clamping: octets) }

    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(MatroskaError) -> Int {
        do throws(ArchiveError) { return try read(into: buffer, at: Int64(clamping: offset)) } catch {
            throw .readFailed(path: path, errno: EIO)
        }
    }
}
