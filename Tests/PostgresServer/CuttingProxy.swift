import Foundation
import Synchronization

/// A line to a PostgreSQL that a test cuts: at once, or between a commit and its answer.
public final class CuttingProxy: Sendable {
    public enum Cut: Sendable {
        /// Lets everything through.
        case none
        /// The server commits, and nobody is told.
        case afterCommit
        /// The server does not hear of the commit.
        case beforeCommit
        /// Nobody is let in, and who is in is thrown out.
        case closed
    }

    /// A `host` of a conninfo.
    public let folder: String
    private let server: String
    private let listener: Int32
    private struct State {
        var cut = Cut.none
        var isOnce = false
        var lines: Set<Int32> = []
        var count = 0
    }
    private let state = Mutex(State())

    public init(to server: PostgresServer) throws {
        folder = server.folder + "/proxy-\(UUID().uuidString.prefix(8))"
        self.server = server.folder + "/.s.PGSQL.5432"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        listener = Self.socket()
        guard Self.with(folder + "/.s.PGSQL.5432", { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else {
            throw PostgresServer.Failure(description: "no proxy: \(String(cString: strerror(errno)))")
        }
        Thread { [self] in accept() }.start()
    }

    /// From now on; a cut around a commit is made once.
    public func cut(_ cut: Cut) {
        let lines = state.withLock { state in
            state.cut = cut
            return state.lines
        }
        if case .closed = cut { for line in lines { shutdown(line, Int32(SHUT_RDWR)) } }
    }

    /// How many lines there were.
    public var connections: Int { state.withLock { $0.count } }

    public func end() {
        cut(.closed)
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func accept() {
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let line = Self.socket()
            let isOpen = state.withLock { state in
                if case .closed = state.cut { return false }
                state.count += 1
                return true
            }
            guard isOpen, Self.with(server, { connect(line, $0, $1) }) == 0 else {
                close(client)
                close(line)
                continue
            }
            state.withLock { _ = ($0.lines.insert(client), $0.lines.insert(line)) }
            let ends = Ends([client, line], of: self)
            Thread { [self] in
                copy(client, line, isAsking: true)
                ends.end()
            }.start()
            Thread { [self] in
                copy(line, client, isAsking: false)
                ends.end()
            }.start()
        }
    }

    /// Both directions are through before the descriptors go.
    private final class Ends: Sendable {
        let left = Mutex(2)
        let lines: [Int32]
        let proxy: CuttingProxy
        init(_ lines: [Int32], of proxy: CuttingProxy) {
            self.lines = lines
            self.proxy = proxy
        }
        func end() {
            for line in lines { shutdown(line, Int32(SHUT_RDWR)) }
            guard
                left.withLock({
                    $0 -= 1; return $0 == 0
                })
            else { return }
            proxy.state.withLock { $0.lines.subtract(lines) }
            for line in lines { close(line) }
        }
    }

    private func copy(_ from: Int32, _ to: Int32, isAsking: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0 else { return }
            if isAsking, buffer.prefix(count).firstRange(of: Array("COMMIT\0".utf8)) != nil {
                let cut = state.withLock { state in
                    defer { if case .closed = state.cut {} else { state.cut = .none } }
                    return state.cut
                }
                switch cut {
                case .beforeCommit, .closed: return
                case .afterCommit:
                    // The answer's way is cut first, so that it cannot come through.
                    shutdown(from, Int32(SHUT_RDWR))
                    _ = write(to, buffer, count)
                    var answer = pollfd(fd: to, events: Int16(POLLIN), revents: 0)
                    poll(&answer, 1, 2000)
                    return
                case .none: break
                }
            }
            var sent = 0
            while sent < count {
                let more = buffer.withUnsafeBytes {
                    send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { return }
                sent += more
            }
        }
    }

    private static func socket() -> Int32 { Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }

    private static func with(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
