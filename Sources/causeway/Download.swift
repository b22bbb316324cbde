import AsyncHTTPClient
import Crypto
import Foundation
import NIOCore
import NIOFoundationCompat
import PortalAPI

/// A file that was fetched.
struct FetchedFile: Codable, Sendable, Equatable {
    var path: String
    var target: String
    var bytes: Int64
    /// Of the copy, equal to the seal's; nil where the recording is not sealed.
    var sha256: String?
}

/// Fetches one file into `target`, by way of `target.part`, which a later run goes on with.
struct Download {
    /// How often a connection that broke off in the middle is made again.
    private static let attempts = 10

    let client: PortalClient
    let recording: String
    let file: RecordingDetail.File
    let target: String

    private var part: String { target + ".part" }
    private var url: String {
        let path = file.path.split(separator: "/").map { PortalClient.encoded(String($0)) }.joined(separator: "/")
        return "recordings/\(PortalClient.encoded(recording))/files/\(path)"
    }

    func run(_ console: Console) async throws(CommandFailure) -> FetchedFile {
        if let there = try await present() { return there }
        try makeDirectory()
        let descriptor = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw local(part) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .local("\(part) is being written by another causeway; wait for it.")
        }
        var copy = try PartialCopy(descriptor, path: part, limit: file.sha256 == nil ? 0 : file.bytes)
        var bar = ProgressBar(file.path, total: file.bytes, done: copy.size, console: console)
        defer { bar.clear() }
        for _ in 1...Self.attempts where copy.size < file.bytes {
            let before = copy.size
            do throws(CommandFailure) {
                try await fetch(into: &copy, &bar)
            } catch .unreachable(let reason) {
                // A connection that brought something is made again; one that brought nothing would not the next time.
                guard copy.size > before else {
                    throw .unreachable(copy.size > 0 ? "\(reason) \(advice(copy))" : reason)
                }
            }
        }
        guard copy.size == file.bytes else {
            throw .unreachable("The connection broke off again and again. \(advice(copy))")
        }
        return try finish(copy)
    }

    private func advice(_ copy: PartialCopy) -> String {
        "\(Formats.bytes(copy.size)) of \(Formats.bytes(file.bytes)) are here: give the command again to go on."
    }

    /// The finished copy of an earlier run.
    private func present() async throws(CommandFailure) -> FetchedFile? {
        var status = stat()
        guard lstat(target, &status) == 0 else { return nil }
        if let sealed = file.sha256, status.st_mode & S_IFMT == S_IFREG, Int64(status.st_size) == file.bytes {
            let descriptor = open(target, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { throw local(target) }
            defer { close(descriptor) }
            let copy = try PartialCopy(descriptor, path: target, limit: file.bytes)
            if copy.sha256 == sealed {
                return FetchedFile(path: file.path, target: target, bytes: file.bytes, sha256: sealed)
            }
        }
        throw .local("\(target) is there already and is something else; remove it or choose another --output.")
    }

    private func fetch(into copy: inout PartialCopy, _ bar: inout ProgressBar) async throws(CommandFailure) {
        var headers: [(String, String)] = []
        if copy.size > 0 {
            headers.append(("Range", "bytes=\(copy.size)-"))
            if let sealed = file.sha256 { headers.append(("If-Range", "\"\(sealed)\"")) }
        }
        let response = try await client.open("GET", url, headers: headers, accepting: [416])
        guard response.status != .rangeNotSatisfiable else { return try copy.restart() }
        if response.status != .partialContent { try copy.restart() }
        do {
            for try await piece in response.body {
                try copy.append(piece, limit: file.bytes)
                bar.update(copy.size)
            }
        } catch {
            throw client.unreachable(error)
        }
    }

    private func finish(_ copy: PartialCopy) throws(CommandFailure) -> FetchedFile {
        let sha256 = copy.sha256
        if let sealed = file.sha256, sha256 != sealed {
            unlink(part)
            throw .verification(
                """
                The copy of \(file.path) is not what was sealed (SHA-256 \(sha256), sealed \(sealed)); it was thrown \
                away.
                """)
        }
        try copy.sync()
        guard rename(part, target) == 0 else { throw local(target) }
        return FetchedFile(
            path: file.path, target: target, bytes: copy.size, sha256: file.sha256 == nil ? nil : sha256)
    }

    private func makeDirectory() throws(CommandFailure) {
        let directory = (target as NSString).deletingLastPathComponent
        guard !directory.isEmpty else { return }
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .local("The directory \(directory) cannot be made.")
        }
    }

    private func local(_ path: String) -> CommandFailure {
        .local("\(path): \(String(cString: strerror(errno)))")
    }
}

/// The beginning of a file, and the hash of what there is.
struct PartialCopy {
    private let descriptor: Int32
    private let path: String
    private var hash = SHA256()
    private(set) var size: Int64 = 0

    /// Takes up what is at `descriptor`, at most `limit` bytes: more than that is not the beginning of the file.
    init(_ descriptor: Int32, path: String, limit: Int64) throws(CommandFailure) {
        self.descriptor = descriptor
        self.path = path
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.fault(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .local("\(path) is no regular file.") }
        guard Int64(status.st_size) <= limit else {
            try restart()
            return
        }
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = pread(descriptor, &piece, piece.count, off_t(size))
            guard count >= 0 else { throw Self.fault(path) }
            guard count > 0 else { break }
            hash.update(data: piece[..<count])
            size += Int64(count)
        }
    }

    var sha256: String { hash.finalize().map { String(format: "%02x", $0) }.joined() }

    mutating func append(_ buffer: ByteBuffer, limit: Int64) throws(CommandFailure) {
        guard size + Int64(buffer.readableBytes) <= limit else {
            throw .refused(APIError(error: "\(path) became longer than was announced.", hint: "Fetch it again."))
        }
        let bytes = buffer.readableBytesView
        let failed: Bool = bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let written = pwrite(
                    descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(size) + off_t(done))
                if written < 0, errno != EINTR { return true }
                done += max(0, written)
            }
            return false
        }
        guard !failed else { throw Self.fault(path) }
        hash.update(data: bytes)
        size += Int64(bytes.count)
    }

    mutating func restart() throws(CommandFailure) {
        guard ftruncate(descriptor, 0) == 0 else { throw Self.fault(path) }
        hash = SHA256()
        size = 0
    }

    func sync() throws(CommandFailure) {
        guard fsync(descriptor) == 0 else { throw Self.fault(path) }
    }

    private static func fault(_ path: String) -> CommandFailure {
        errno == ENOSPC
            ? .local("The disk is full at \(path); free space and give the command again to go on.")
            : .local("\(path): \(String(cString: strerror(errno)))")
    }
}
