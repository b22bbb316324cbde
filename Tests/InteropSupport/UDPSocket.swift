import Foundation
import Glibc

/// A UDP socket at an address of its own, in another network namespace where one is named. It waits for nothing.
public final class UDPSocket: Sendable {
    public let descriptor: Int32
    public let address: String
    public let port: UInt16

    public init(at address: String = "127.0.0.1", namespace: String? = nil) throws {
        self.address = address
        descriptor = try Self.make(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue, in: namespace)
        // A flood of what is waited for must not be lost here.
        var room: Int32 = 1 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        port = SocketAddress.bind(descriptor, address)
        guard port != 0 else {
            close(descriptor)
            throw ToolFailure("no port at \(address)")
        }
    }

    deinit { close(descriptor) }

    public func send(_ datagram: [UInt8], to host: String, _ port: UInt16) {
        SocketAddress.with(host, port) { _ = sendto(descriptor, datagram, datagram.count, 0, $0, $1) }
    }

    /// What came next; nil where nothing did.
    public func receive() -> [UInt8]? {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) {
            let count = recv(descriptor, $0.baseAddress, $0.count, 0)
            return count > 0 ? Array(UnsafeRawBufferPointer(rebasing: $0[..<count])) : nil
        }
    }

    /// All that came so far.
    public func receiveAll() -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        while let datagram = receive() { datagrams.append(datagram) }
        return datagrams
    }

    /// A socket of a type, in a namespace where one is named.
    static func make(_ type: __socket_type.RawValue, in namespace: String?) throws -> Int32 {
        guard let namespace else {
            let descriptor = Glibc.socket(AF_INET, Int32(type | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw ToolFailure("no socket: \(String(cString: strerror(errno)))") }
            return descriptor
        }
        return try make(type, inNamespace: namespace)
    }

    /// `setns` for CLONE_NEWNET, which the module map of Glibc hides.
    private static func enterNetworkNamespace(_ descriptor: Int32) -> Bool {
        typealias Call = @convention(c) (Int32, Int32) -> Int32
        guard let call = dlsym(nil, "setns") else { return false }
        return unsafeBitCast(call, to: Call.self)(descriptor, 0x4000_0000) == 0
    }

    /// A socket stays in the namespace that the thread was in that made it: one is sent there, and ends.
    private static func make(_ type: __socket_type.RawValue, inNamespace namespace: String) throws -> Int32 {
        final class Result: @unchecked Sendable {
            // Written by the thread, read once it has ended.
            var descriptor: Int32 = -1
        }
        let result = Result()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let entrance = open("/run/netns/" + namespace, O_RDONLY | O_CLOEXEC)
            if entrance >= 0, enterNetworkNamespace(entrance) {
                result.descriptor = (try? make(type, in: nil)) ?? -1
            }
            close(entrance)
            done.signal()
        }
        done.wait()
        guard result.descriptor >= 0 else { throw ToolFailure("no socket in namespace \(namespace)") }
        return result.descriptor
    }
}
