import Glibc

/// Ports that nothing listens on.
public enum FreePorts {
    /// A port below 30,000 (what lies above is for media) such that it and the `count - 1` after it are free for UDP and TCP on loopback.
    public static func run(of count: UInt16) throws -> UInt16 {
        for _ in 0..<200 {
            let first = UInt16.random(in: 10_000...(30_000 - count)) & ~1
            if (first..<first + count).allSatisfy({ isFree($0, SOCK_DGRAM) && isFree($0, SOCK_STREAM) }) {
                return first
            }
        }
        throw ToolFailure("no \(count) free ports in a row")
    }

    private static func isFree(_ port: UInt16, _ type: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
