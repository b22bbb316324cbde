import Glibc

/// IPv4 addresses as the socket calls want them.
public enum SocketAddress {
    public static func with<Result>(
        _ address: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var value = sockaddr_in()
        value.sin_family = sa_family_t(AF_INET)
        value.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &value.sin_addr)
        return withUnsafePointer(to: &value) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    /// Binds a port that the system chooses, and names it; 0 where it cannot.
    public static func bind(_ descriptor: Int32, _ address: String) -> UInt16 {
        guard with(address, 0, { Glibc.bind(descriptor, $0, $1) }) == 0 else { return 0 }
        return localPort(descriptor)
    }

    public static func localPort(_ descriptor: Int32) -> UInt16 {
        var value = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &value) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: value.sin_port)
    }
}
