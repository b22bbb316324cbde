import Foundation
import Glibc
import Synchronization

/// A bad line on loopback: a UDP port that an endpoint sends to in place of its peer's, and from which it is sent what the
/// peer says, in between losses, delays and a bottleneck. One endpoint, whoever sends first.
///
///     let line = try LossyLine(to: bridgePort, up: .init(loss: .random(0.2)), seed: 7)
///     endpoint.send(…, to: line.port)
///     line.set(down: .init(rate: .init(bitsPerSecond: 300_000)))
public final class LossyLine: Sendable {
    /// Datagrams under way at most, one way.
    private static let mostUnderWay = 4_096

    private struct State {
        var up: LineModel
        var down: LineModel
        var peer: sockaddr_in
        var isOpen = true
    }

    /// Where the endpoint sends to.
    public let port: UInt16
    /// From where the peer is sent to.
    public let farPort: UInt16
    private let near: Int32
    private let far: Int32
    private let state: Mutex<State>

    /// - Parameters:
    ///   - peer: the peer's port; 0 where it is not known yet.
    ///   - up: what happens on the way to the peer.
    ///   - endpoint: the endpoint's port, where the peer may be the first to send.
    public init(
        to peer: UInt16 = 0, endpoint: UInt16? = nil, up: LineConditions = .clear, down: LineConditions = .clear,
        seed: UInt64 = 1
    ) throws {
        (near, port) = try Self.socket()
        (far, farPort) = try Self.socket()
        state = Mutex(
            State(
                up: LineModel(up, seed: seed), down: LineModel(down, seed: seed &+ 1), peer: Self.loopback(peer)))
        Thread.detachNewThread { [self] in carry(endpoint.map(Self.loopback)) }
    }

    public func connect(to peer: UInt16) { state.withLock { $0.peer = Self.loopback(peer) } }

    public func set(up: LineConditions? = nil, down: LineConditions? = nil) {
        state.withLock {
            if let up { $0.up.conditions = up }
            if let down { $0.down.conditions = down }
        }
    }

    public var counters: (up: LineCounters, down: LineCounters) {
        state.withLock { ($0.up.counters, $0.down.counters) }
    }

    /// Ends the line; its sockets are closed within a tenth of a second.
    public func end() { state.withLock { $0.isOpen = false } }

    // MARK: The thread

    private struct UnderWay {
        var arrival: UInt64
        var bytes: [UInt8]
    }

    private func carry(_ known: sockaddr_in?) {
        defer {
            close(near)
            close(far)
        }
        // What is late here is the line's doing to those at its ends. Only some may ask for this.
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, -10)
        var endpoint = known
        var up: [UnderWay] = []
        var down: [UnderWay] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while state.withLock({ $0.isOpen }) {
            let next = min(up.first?.arrival ?? .max, down.first?.arrival ?? .max)
            let now = Self.now()
            // At most a tenth of a second, so that the end is seen.
            let patience = next <= now ? 0 : min((next - now + 999_999) / 1_000_000, 100)
            var waiting = [
                pollfd(fd: near, events: Int16(POLLIN), revents: 0), pollfd(fd: far, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&waiting, 2, Int32(patience))
            while let (datagram, source) = Self.receive(near, &buffer) {
                endpoint = source
                take(datagram, to: &up) { state, octets, isControl, now in
                    state.up.pass(octets: octets, isControl: isControl, atNanoseconds: now)
                }
            }
            while let (datagram, _) = Self.receive(far, &buffer) {
                take(datagram, to: &down) { state, octets, isControl, now in
                    state.down.pass(octets: octets, isControl: isControl, atNanoseconds: now)
                }
            }
            deliver(&up, from: far, to: state.withLock { $0.peer })
            if let endpoint { deliver(&down, from: near, to: endpoint) } else { down.removeAll() }
        }
    }

    private func take(
        _ datagram: [UInt8], to queue: inout [UnderWay],
        _ pass: (inout State, _ octets: Int, _ isControl: Bool, _ now: UInt64) -> UInt64?
    ) {
        // RTCP's types, which no payload type of media with a marker is (RFC 5761 §4); STUN and DTLS (RFC 7983 §7).
        let isControl = datagram.count < 2 || datagram[0] >> 6 != 2 || (192...223).contains(datagram[1])
        let arrival = state.withLock { pass(&$0, datagram.count, isControl, Self.now()) }
        guard let arrival, queue.count < Self.mostUnderWay else { return }
        // In order of arrival, though the delay may have become shorter meanwhile.
        let place = queue.lastIndex { $0.arrival <= arrival }.map { $0 + 1 } ?? 0
        queue.insert(UnderWay(arrival: arrival, bytes: datagram), at: place)
    }

    private func deliver(_ queue: inout [UnderWay], from descriptor: Int32, to address: sockaddr_in) {
        let now = Self.now()
        let due = queue.prefix { $0.arrival <= now }
        for datagram in due {
            Self.with(address) { _ = sendto(descriptor, datagram.bytes, datagram.bytes.count, 0, $0, $1) }
        }
        queue.removeFirst(due.count)
    }

    /// The monotonic clock, in nanoseconds.
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    // MARK: Sockets

    private static func socket() throws -> (Int32, UInt16) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var size: Int32 = 1 << 21
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = with(address) { bind(descriptor, $0, $1) == 0 }
        let isNamed = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        guard descriptor >= 0, isBound, isNamed else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    @discardableResult
    private static func with<Result>(
        _ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func receive(_ descriptor: Int32, _ buffer: inout [UInt8]) -> ([UInt8], sockaddr_in)? {
        var source = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &source) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
            }
        }
        return count > 0 ? (Array(buffer[..<count]), source) : nil
    }
}
