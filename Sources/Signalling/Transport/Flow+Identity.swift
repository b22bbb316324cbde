import Glibc
import SIP
import STUN

/// How this module fills the `id` of a flow: the listener's index above, below it the number of the connection, 0 for UDP.
extension Flow {
    init(listener: Int, connection: UInt64, transport: SIPTransport, remoteHost: String, remotePort: Int) {
        self.init(
            id: UInt64(listener) << 48 | connection, transport: transport, remoteHost: remoteHost,
            remotePort: UInt16(truncatingIfNeeded: remotePort))
    }

    var listener: Int { Int(id >> 48) }
    var connection: UInt64 { id & 0xFFFF_FFFF_FFFF }

    /// Whom its peer is judged with: all who have its address, or its network of 64 bits, in which everybody has as
    /// many IPv6 addresses as it likes.
    var neighbourhood: String {
        guard remoteHost.utf8.contains(UInt8(ascii: ":")) else { return remoteHost }
        var octets = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, remoteHost, &octets) == 1 else { return remoteHost }
        // IPv4 as a listener on :: sees it.
        guard !octets.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) else { return remoteHost }
        return octets.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
}

extension STUNAddress {
    /// Where the flow's peer is seen; nil if that is no IP address.
    init?(_ flow: Flow) {
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, flow.remoteHost, &octets) == 1 {
            self.init(octets: Array(octets.prefix(4)), port: flow.remotePort)
        } else if inet_pton(AF_INET6, flow.remoteHost, &octets) == 1 {
            self.init(octets: octets, port: flow.remotePort)
        } else {
            return nil
        }
    }
}
