import Glibc
import NIOCore
import Synchronization

/// The sockets on which a daemon is called. They may come from the run before it, so that nobody is refused while the daemon
/// begins again: what was sent meanwhile waits in them. A service manager keeps them (systemd's file descriptor store).
public final class ListeningSockets: Sendable {
    public enum Kind: String, Hashable, Sendable {
        case datagram = "udp"
        case stream = "tcp"

        fileprivate var type: CInt {
            switch self {
            case .datagram: CInt(SOCK_DGRAM.rawValue)
            case .stream: CInt(SOCK_STREAM.rawValue)
            }
        }
    }

    /// A socket to be kept.
    public struct Kept: Hashable, Sendable {
        /// Tells what it is for; ASCII letters, digits, `-`, `.` and `_`.
        public let name: String
        /// A duplicate of the socket in use, which belongs to whoever keeps it.
        public let descriptor: CInt
    }

    private struct State {
        var inherited: [(name: String, descriptor: CInt)]
        var kept: [Kept] = []
    }
    private let state: Mutex<State>

    /// - Parameter inherited: sockets of the run before, with the names that they were kept by; they belong to this from now on.
    public init(inherited: [(name: String, descriptor: CInt)] = []) {
        state = Mutex(State(inherited: inherited))
    }

    /// How many may wait to be accepted: as many as come while there is no daemon.
    private static let backlog: CInt = 1024

    /// Lets as many wait in a socket as ``open(_:host:port:)`` did. SwiftNIO, which is given one that listens already, has it
    /// listen again with room for 128.
    public static func restoreBacklog(of socket: CInt) { listen(socket, backlog) }

    /// A socket that is bound to an address, and listens where it is a stream's: that of the run before where it had one, or a
    /// new one. It belongs to the caller.
    ///
    /// A name is no proof: what an inherited socket is it is asked itself.
    public func open(_ kind: Kind, host: String, port: UInt16) throws(IOError) -> CInt {
        let address = try Self.resolve(host, port, kind)
        if port != 0, let found = claim(kind, address) {
            keep(found, kind, address)
            return found
        }
        let made = socket(address.address.protocolFamily, kind.type | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do throws(IOError) {
            if kind == .stream {
                var yes: CInt = 1
                setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
            }
            let bound = address.address.withSockAddr { pointer, length in bind(made, pointer, socklen_t(length)) }
            guard bound == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
            if kind == .stream, listen(made, Self.backlog) != 0 { throw IOError(errnoCode: errno, reason: "listen") }
        } catch {
            close(made)
            throw error
        }
        keep(made, kind, address)
        return made
    }

    /// What was opened, for whoever keeps it for the next run; each is told once.
    public func takeKept() -> [Kept] {
        state.withLock { state in
            defer { state.kept = [] }
            return state.kept
        }
    }

    /// Closes what the run before had and this one has no use for. Returns the names by which that was kept.
    public func closeUnclaimed() -> [String] {
        let left = state.withLock { state in
            defer { state.inherited = [] }
            return state.inherited
        }
        for socket in left { close(socket.descriptor) }
        return left.map(\.name)
    }

    private struct Place {
        var address: SocketAddress
        var port: UInt16
    }

    private static func resolve(_ host: String, _ port: UInt16, _ kind: Kind) throws(IOError) -> Place {
        do {
            return Place(address: try SocketAddress.makeAddressResolvingHost(host, port: Int(port)), port: port)
        } catch {
            throw IOError(errnoCode: EADDRNOTAVAIL, reason: "\(host): \(error)")
        }
    }

    private func claim(_ kind: Kind, _ place: Place) -> CInt? {
        state.withLock { state in
            guard
                let index = state.inherited.firstIndex(where: { Self.isBound($0.descriptor, kind, place.address) })
            else { return nil }
            return state.inherited.remove(at: index).descriptor
        }
    }

    private static func isBound(_ descriptor: CInt, _ kind: Kind, _ address: SocketAddress) -> Bool {
        guard option(SO_TYPE, of: descriptor) == kind.type,
            option(SO_ACCEPTCONN, of: descriptor) == (kind == .stream ? 1 : 0)
        else { return false }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return false }
        let bound: SocketAddress
        switch CInt(storage.ss_family) {
        case AF_INET:
            bound = withUnsafePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
            }
        case AF_INET6:
            bound = withUnsafePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
            }
        default: return false
        }
        return bound.ipAddress == address.ipAddress && bound.port == address.port
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = -1
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }

    private func keep(_ descriptor: CInt, _ kind: Kind, _ place: Place) {
        guard place.port != 0 else { return }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { return }
        let host = (place.address.ipAddress ?? "").map {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "_"
        }
        state.withLock {
            $0.kept.append(Kept(name: "\(kind.rawValue)-\(String(host))-\(place.port)", descriptor: copy))
        }
    }
}

extension SocketAddress {
    fileprivate var protocolFamily: CInt {
        switch self {
        case .v4: AF_INET
        case .v6: AF_INET6
        case .unixDomainSocket: AF_UNIX
        }
    }
}
