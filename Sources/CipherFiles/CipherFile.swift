import Crypto
public import Foundation

/// An encrypted file, open for reading in any order. What it gives was encrypted with this key under this name, at this place, and the
/// file has the length that it had then; anything else throws.
public final class CipherFile: Sendable {
    public let path: String
    /// Clear octets.
    public let octets: Int64
    public let modified: timespec
    private let file: Int32
    private let key: SymmetricKey
    private let map: SegmentMap

    /// Opens a file, which must not be a link, and opens its last segment, by which its length is proven.
    /// - Parameter name: under which it was written.
    public init(_ path: String, key: ContentKey, name: String) throws(CipherFileError) {
        let file = Foundation.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw errno == ELOOP ? .notRegular(path: path) : .file(path: path, errno: errno) }
        var isKept = false
        defer { if !isKept { close(file) } }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
        guard let map = SegmentMap(fileOctets: Int64(status.st_size)) else { throw .notEncrypted(path: path) }
        let header = try Self.read(file, path, CipherFileFormat.headerOctets, at: 0)
        guard header.starts(with: CipherFileFormat.magic) else { throw .notEncrypted(path: path) }
        let fileKey = CipherFileFormat.key(key, salt: header.dropFirst(CipherFileFormat.magic.count), name: name)
        _ = try Self.open(map.segments - 1, of: map, file, path, fileKey)
        (self.path, self.file, self.key, self.map) = (path, file, fileKey, map)
        octets = map.octets
        modified = status.st_mtim
        isKept = true
    }

    deinit { close(file) }

    /// Fills the buffer from `offset` on; gives fewer octets than it has room for only where the file ends.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(CipherFileError) -> Int {
        guard offset >= 0, offset < octets, let start = buffer.baseAddress else { return 0 }
        let wanted = Int(min(Int64(buffer.count), octets - offset))
        var done = 0
        while done < wanted {
            let position = offset + Int64(done)
            let segment = position / Int64(CipherFileFormat.segmentOctets)
            let within = Int(position % Int64(CipherFileFormat.segmentOctets))
            let clear = try Self.open(segment, of: map, file, path, key)
            let count = min(clear.count - within, wanted - done)
            // A segment is as long as the map says, or it would not have been opened.
            guard count > 0 else { throw .damaged(path: path, segment: segment) }
            clear.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(start: start + done, count: count)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[within..<within + count]))
            }
            done += count
        }
        return done
    }

    /// The whole of a small file; nil where it has more than `limit` octets.
    public func contents(limit: Int) throws(CipherFileError) -> Data? {
        guard octets <= Int64(limit) else { return nil }
        var data = Data()
        for segment in 0..<map.segments { data += try Self.open(segment, of: map, file, path, key) }
        return data
    }

    private static func open(
        _ segment: Int64, of map: SegmentMap, _ file: Int32, _ path: String, _ key: SymmetricKey
    ) throws(CipherFileError) -> Data {
        let count = map.octets(of: segment) + CipherFileFormat.tagOctets
        var combined = Data(CipherFileFormat.nonce(segment, isLast: map.isLast(segment)))
        combined += try read(file, path, count, at: map.offset(of: segment))
        guard let box = try? AES.GCM.SealedBox(combined: combined), let clear = try? AES.GCM.open(box, using: key)
        else {
            throw .damaged(path: path, segment: segment)
        }
        return clear
    }

    private static func read(
        _ file: Int32, _ path: String, _ count: Int, at offset: Int64
    ) throws(CipherFileError) -> Data {
        var data = Data(count: count)
        var done = 0
        while done < count {
            let read = data.withUnsafeMutableBytes { bytes in
                pread(file, bytes.baseAddress.map { $0 + done }, count - done, off_t(offset) + off_t(done))
            }
            if read < 0 {
                if errno == EINTR { continue }
                throw .file(path: path, errno: errno)
            }
            // It was longer when it was opened.
            guard read > 0 else { throw .file(path: path, errno: EIO) }
            done += read
        }
        return data
    }
}
