/// An IP address and a UDP port in a fixed size, so that comparing and keeping one allocates nothing.
public struct TransportAddress: Hashable, Sendable {
    public enum Family: UInt8, Hashable, Sendable {
        case ipv4 = 1
        case ipv6 = 2
    }

    public let family: Family
    public let port: UInt16
    /// The first and the last 8 octets of an IPv6 address, most significant octet first; of IPv4, 0 and the address.
    let high, low: UInt64

    /// `address` is most significant octet first: `sin_addr.s_addr` after `UInt32(bigEndian:)`.
    public init(ipv4 address: UInt32, port: UInt16) {
        self.init(family: .ipv4, high: 0, low: UInt64(address), port: port)
    }

    /// The halves of `sin6_addr`, each after `UInt64(bigEndian:)`. IPv4 as a socket of both families reports it
    /// (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) becomes IPv4.
    public init(ipv6 high: UInt64, _ low: UInt64, port: UInt16) {
        if high == 0, low >> 32 == 0xFFFF {
            self.init(ipv4: UInt32(truncatingIfNeeded: low), port: port)
        } else {
            self.init(family: .ipv6, high: high, low: low, port: port)
        }
    }

    private init(family: Family, high: UInt64, low: UInt64, port: UInt16) {
        self.family = family
        self.high = high
        self.low = low
        self.port = port
    }

    /// Whether the addresses are the same, whatever the ports.
    public func isOnHost(of other: TransportAddress) -> Bool {
        family == other.family && high == other.high && low == other.low
    }

    /// The address alone; nil for IPv6.
    public var ipv4: UInt32? { family == .ipv4 ? UInt32(truncatingIfNeeded: low) : nil }
    /// The address alone, as `init(ipv6:_:port:)` takes it; nil for IPv4.
    public var ipv6: (high: UInt64, low: UInt64)? { family == .ipv6 ? (high, low) : nil }
}

extension TransportAddress: CustomStringConvertible {
    /// `192.0.2.1:5000`, or `[2001:db8:0:0:0:0:0:1]:5000`.
    public var description: String {
        switch family {
        case .ipv4:
            "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).\(low >> 8 & 0xFF).\(low & 0xFF):\(port)"
        case .ipv6:
            "["
                + [high, low].flatMap { half in
                    [48, 32, 16, 0].map { String(half >> $0 & 0xFFFF, radix: 16) }
                }.joined(separator: ":") + "]:\(port)"
        }
    }
}
