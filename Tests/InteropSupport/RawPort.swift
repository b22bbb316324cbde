import Foundation
import Glibc
import Synchronization

/// A UDP port of a call, for programs that cannot send and hear on one: what they send to `entrance` goes on from it, and
/// what comes to it goes on to the port that was named.
public final class RawPort: Sendable {
    public let port: UInt16
    /// What comes in here leaves by `port`.
    public let entrance: UInt16
    private let address: String
    private let descriptor: Int32
    private let entranceDescriptor: Int32
    private let isOpen = Mutex(true)

    public init(at address: String = "127.0.0.1") throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
        port = SocketAddress.bind(descriptor, address)
        entranceDescriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        entrance = SocketAddress.bind(entranceDescriptor, address)
        self.address = address
    }

    deinit {
        close(descriptor)
        close(entranceDescriptor)
    }

    /// Carries datagrams until `end`: outwards to one port, inwards to another.
    public func carry(outTo remote: UInt16, inTo listener: UInt16) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 2_048)
            while isOpen.withLock({ $0 }) {
                var waiting = [
                    pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: entranceDescriptor, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&waiting, 2, 100) > 0 else { continue }
                for (source, target) in zip(waiting, [listener, remote]) where source.revents != 0 {
                    let count = recv(source.fd, &buffer, buffer.count, 0)
                    guard count > 0 else { continue }
                    SocketAddress.with(address, target) { _ = sendto(descriptor, buffer, count, 0, $0, $1) }
                }
            }
        }
    }

    public func end() { isOpen.withLock { $0 = false } }

    /// The synchronization source of the first RTP packet that comes, which SRTP leaves in the clear.
    public func firstSSRC(within limit: Duration) throws -> UInt32 {
        let end = ContinuousClock.now + limit
        var buffer = [UInt8](repeating: 0, count: 2_048)
        while ContinuousClock.now < end {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 100) == 1 else { continue }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 12, buffer[0] >> 6 == 2, !(192...223).contains(buffer[1]) else { continue }
            return buffer[8..<12].reduce(0) { $0 << 8 | UInt32($1) }
        }
        throw ToolFailure("no sound comes")
    }
}
