import Glibc

/// Asks clamd, ClamAV's daemon, by its Unix socket whether a file has something known to be bad in it (clamd(8), `INSTREAM`). Blocks,
/// and so wants a thread that may.
public struct VirusScanner: Sendable, Hashable {
    /// Why there is no answer; whoever asked must not take that for a clean file.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    private static let pieceSize = 64 << 10
    private static let longestAnswer = 4096

    public var socket: String
    /// For the whole of a file.
    public var time: Duration

    public init(socket: String, time: Duration = .seconds(120)) {
        self.socket = socket
        self.time = time
    }

    /// The name of what was found; nil for nothing.
    public func scan(_ path: String) throws(Failure) -> String? {
        guard let file = FileOctets(path) else { throw Failure(description: "the file cannot be read") }
        let deadline = ContinuousClock.now + time
        let connection = try connect()
        defer { close(connection) }
        var isAnswered = false
        try send(Array("zINSTREAM\0".utf8), to: connection, deadline)
        var at = 0
        while at < file.size, !isAnswered {
            let piece = file.read(at: at, Self.pieceSize)
            guard !piece.isEmpty else { throw Failure(description: "the file cannot be read") }
            at += piece.count
            let length = (0..<4).map { UInt8(truncatingIfNeeded: piece.count >> (24 - 8 * $0)) }
            // It answers before the end where the file is longer than it takes.
            isAnswered = try !send(length + piece, to: connection, deadline)
        }
        if !isAnswered { try send([0, 0, 0, 0], to: connection, deadline) }
        return try Self.verdict(try answer(of: connection, deadline))
    }

    /// `stream: OK`, `stream: NAME FOUND`, or what went wrong.
    static func verdict(_ answer: String) throws(Failure) -> String? {
        let prefix = "stream: "
        guard answer.hasPrefix(prefix) else { throw Failure(description: "clamd: \(answer.prefix(200))") }
        let words = answer.dropFirst(prefix.count)
        if words == "OK" { return nil }
        guard words.hasSuffix(" FOUND") else { throw Failure(description: "clamd: \(answer.prefix(200))") }
        return String(words.dropLast(" FOUND".count).prefix(200))
    }

    private func connect() throws(Failure) -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure() }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard socket.utf8.count < place.count else { return false }
            place.copyBytes(from: socket.utf8)
            return true
        }
        var wait = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let isConnected =
            fits
            && withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
        guard isConnected else {
            let failure = Self.failure()
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// False where it hears no more, and so has answered.
    @discardableResult
    private func send(
        _ octets: [UInt8], to connection: Int32, _ deadline: ContinuousClock.Instant
    ) throws(Failure) -> Bool {
        var sent = 0
        while sent < octets.count {
            guard ContinuousClock.now < deadline else { throw Failure(description: "clamd took too long") }
            let count = octets[sent...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EPIPE || errno == ECONNRESET {
                return false
            } else if errno != EAGAIN, errno != EINTR {
                throw Self.failure()
            }
        }
        return true
    }

    private func answer(of connection: Int32, _ deadline: ContinuousClock.Instant) throws(Failure) -> String {
        var heard: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 512)
        while heard.count < Self.longestAnswer, heard.last != 0 {
            guard ContinuousClock.now < deadline else { throw Failure(description: "clamd took too long") }
            let count = recv(connection, &piece, piece.count, 0)
            if count > 0 {
                heard += piece.prefix(count)
            } else if count == 0 {
                break
            } else if errno != EAGAIN, errno != EINTR {
                throw Self.failure()
            }
        }
        return String(decoding: heard.prefix { $0 != 0 && $0 != 10 }, as: UTF8.self)
    }

    private static func failure() -> Failure { Failure(description: "clamd: \(String(cString: strerror(errno)))") }
}
