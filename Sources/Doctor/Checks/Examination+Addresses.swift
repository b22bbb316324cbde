import Glibc
import SiteConfiguration

extension Examination {
    /// Where points are told to send to, against what this machine has.
    func addresses() -> [Finding] {
        let media = configuration.media.advertised ?? configuration.media.bind
        var told = [("media.advertised", media)]
        for listener in configuration.sip.listeners {
            told.append(("sip.listeners", listener.advertised ?? listener.address))
        }
        let own = Self.ownAddresses()
        var seen: Set<String> = []
        let distinct = told.filter { seen.insert($0.1).inserted }
        if let local = distinct.first(where: { $0.1.hasPrefix("127.") || $0.1 == "::1" }) {
            return [
                Finding(
                    "addresses", .warning, "\(local.1) is reached from this machine alone",
                    advice: "set \(local.0) to the address that points use; this machine has \(Self.list(own))")
            ]
        }
        // A name is looked up with the others.
        let foreign = distinct.filter { Self.isNumeric($0.1) && !own.contains($0.1) }
        guard foreign.isEmpty else {
            return [
                Finding(
                    "addresses", .warning,
                    "\(foreign.map(\.1).joined(separator: ", ")) is no address of this machine (\(Self.list(own)))",
                    advice:
                        "right behind NAT, where the router forwards \(configuration.neededPorts.map(\.text).joined(separator: ", ")) to this machine; otherwise mend \(foreign.map(\.0).joined(separator: ", "))"
                )
            ]
        }
        return [Finding("addresses", .good, "points are told \(distinct.map(\.1).joined(separator: ", "))")]
    }

    private static func list(_ addresses: Set<String>) -> String {
        addresses.isEmpty ? "none" : addresses.sorted().joined(separator: ", ")
    }

    static func isNumeric(_ host: String) -> Bool {
        var room = in6_addr()
        return inet_pton(AF_INET, host, &room) == 1 || inet_pton(AF_INET6, host, &room) == 1
    }

    /// Numeric, but those of loopback and of single links.
    static func ownAddresses() -> Set<String> {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: Set<String> = []
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr, let text = numeric(address) else { continue }
            if !text.hasPrefix("127."), text != "::1", !text.hasPrefix("fe80:") { found.insert(text) }
        }
        return found
    }

    static func numeric(_ address: UnsafePointer<sockaddr>) -> String? {
        let length: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
