import Foundation
import Glibc

/// A UDP port that is only looked at.
public final class RawPort: Sendable {
    public let port: UInt16
    private let descriptor: Int32

    public init(at address: String = "127.0.0.1") throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
        port = SocketAddress.bind(descriptor, address)
    }

    deinit { close(descriptor) }

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
