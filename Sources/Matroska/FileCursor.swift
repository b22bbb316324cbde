import Glibc

/// Octets that lie somewhere under a name, and can be read in any order.
public protocol FileSource: Sendable {
    /// For messages.
    var path: String { get }
    var length: UInt64 { get }
    /// Fills the buffer from `offset` on; gives fewer octets only where the file ends.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(MatroskaError) -> Int
}

/// A file as it lies on the disk.
final class PlainFile: FileSource {
    let path: String
    let length: UInt64
    private let descriptor: Int32

    init(path: String) throws(MatroskaError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, errno: errno) }
        let end = lseek(descriptor, 0, SEEK_END)
        (self.path, self.descriptor, length) = (path, descriptor, end > 0 ? UInt64(end) : 0)
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(MatroskaError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw .readFailed(path: path, errno: errno) }
        }
    }
}

/// Reads a file front to back through a bounded buffer. Reading past the end gives nil, never an error.
public final class FileCursor {
    private static let bufferSize = 256 << 10

    public var path: String { source.path }
    private let source: any FileSource
    public let size: UInt64
    public private(set) var position: UInt64 = 0
    private var buffer = [UInt8](repeating: 0, count: FileCursor.bufferSize)
    /// What of the file is in the buffer.
    private var bufferStart: UInt64 = 0
    private var bufferCount = 0

    public convenience init(path: String) throws(MatroskaError) { self.init(try PlainFile(path: path)) }

    public init(_ source: any FileSource) {
        self.source = source
        size = source.length
    }

    public var remaining: UInt64 { size > position ? size - position : 0 }

    func seek(to offset: UInt64) { position = offset }

    /// The next octet, or nil at the end.
    func byte() throws(MatroskaError) -> UInt8? {
        if position < bufferStart || position >= bufferStart + UInt64(bufferCount) { try fill() }
        guard position >= bufferStart, position - bufferStart < UInt64(bufferCount) else { return nil }
        defer { position += 1 }
        return buffer[Int(position - bufferStart)]
    }

    /// The next `count` octets, or nil when there are fewer.
    public func bytes(_ count: Int) throws(MatroskaError) -> [UInt8]? {
        guard count >= 0, UInt64(count) <= remaining else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            if position < bufferStart || position >= bufferStart + UInt64(bufferCount) { try fill() }
            guard position >= bufferStart, position - bufferStart < UInt64(bufferCount) else { return nil }
            let start = Int(position - bufferStart)
            let take = min(bufferCount - start, count - result.count)
            result += buffer[start..<start + take]
            position += UInt64(take)
        }
        return result
    }

    private func fill() throws(MatroskaError) {
        bufferStart = position
        bufferCount = 0
        let source = source
        var failure: MatroskaError?
        let start = position
        let count = buffer.withUnsafeMutableBytes { bytes -> Int in
            do throws(MatroskaError) { return try source.read(into: bytes, at: start) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        bufferCount = count
    }

    // MARK: Elements

    /// The head of an element; nil at the end of the file or where there is none.
    func element() throws(MatroskaError) -> EBMLElement? {
        let start = position
        guard let id = try vint(mostOctets: 4, keepsMarker: true),
            let size = try vint(mostOctets: 8, keepsMarker: false)
        else { return nil }
        return EBMLElement(
            id: UInt32(truncatingIfNeeded: id.value), offset: start, dataOffset: position,
            size: size.isUnknown ? nil : size.value)
    }

    private func vint(
        mostOctets: Int, keepsMarker: Bool
    ) throws(MatroskaError) -> (value: UInt64, isUnknown: Bool)? {
        guard let first = try byte(), first != 0 else { return nil }
        let octets = first.leadingZeroBitCount + 1
        guard octets <= mostOctets else { return nil }
        var value = UInt64(keepsMarker ? first : first & UInt8((1 << (8 - octets)) - 1))
        for _ in 1..<octets {
            guard let next = try byte() else { return nil }
            value = value << 8 | UInt64(next)
        }
        let allOnes = (UInt64(1) << UInt64(7 * octets)) - 1
        return (value, !keepsMarker && value == allOnes)
    }
}

/// The head of an element in a file.
struct EBMLElement: Sendable, Hashable {
    var id: UInt32
    /// Of the head, and of the data behind it.
    var offset: UInt64
    var dataOffset: UInt64
    /// Nil for a live element, whose end only shows in what follows (RFC 8794 §6.2).
    var size: UInt64?

    /// Saturating: a size that lies is no reason to trap.
    var end: UInt64? {
        guard let size else { return nil }
        let (end, overflow) = dataOffset.addingReportingOverflow(size)
        return overflow ? .max : end
    }
}

/// The elements inside a master element that lies in memory. Malformed content ends the sequence.
struct EBMLChildren: Sequence, IteratorProtocol {
    struct Child {
        var id: UInt32
        var data: ArraySlice<UInt8>
        /// Of its head in the array that it was read from.
        var offset: Int

        var unsigned: UInt64 {
            data.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        var signed: Int64 {
            guard let first = data.first else { return 0 }
            let start: UInt64 = first & 0x80 != 0 ? .max : 0
            return Int64(bitPattern: data.prefix(8).reduce(start) { $0 << 8 | UInt64($1) })
        }
        var float: Double {
            switch data.count {
            case 4: Double(Float(bitPattern: UInt32(truncatingIfNeeded: unsigned)))
            case 8: Double(bitPattern: unsigned)
            default: 0
            }
        }
        var string: String { String(decoding: data.prefix { $0 != 0 }, as: UTF8.self) }
        var children: EBMLChildren { EBMLChildren(data) }
    }

    private var rest: ArraySlice<UInt8>

    init(_ data: ArraySlice<UInt8>) { rest = data }
    init(_ data: [UInt8]) { rest = data[...] }

    mutating func next() -> Child? {
        let offset = rest.startIndex
        guard let id = Self.vint(&rest, mostOctets: 4, keepsMarker: true),
            let size = Self.vint(&rest, mostOctets: 8, keepsMarker: false), size <= UInt64(rest.count)
        else { return nil }
        let data = rest.prefix(Int(size))
        rest = rest.dropFirst(Int(size))
        return Child(id: UInt32(truncatingIfNeeded: id), data: data, offset: offset)
    }

    static func vint(_ bytes: inout ArraySlice<UInt8>, mostOctets: Int, keepsMarker: Bool) -> UInt64? {
        guard let first = bytes.first, first != 0 else { return nil }
        let octets = first.leadingZeroBitCount + 1
        guard octets <= mostOctets, octets <= bytes.count else { return nil }
        var value = UInt64(keepsMarker ? first : first & UInt8((1 << (8 - octets)) - 1))
        for byte in bytes.dropFirst().prefix(octets - 1) { value = value << 8 | UInt64(byte) }
        bytes = bytes.dropFirst(octets)
        return value
    }
}
