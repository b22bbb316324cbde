import CResolver
import Glibc
import SiteConfiguration

extension Examination {
    /// Whether points that know the domain alone find the bridge (RFC 3263).
    func names() -> [Finding] {
        let domain = configuration.sip.domain
        guard !Self.isNumeric(domain) else {
            return [Finding("names", .good, "points dial the address \(domain): nothing is to be looked up")]
        }
        let told = Set(configuration.sip.listeners.map { $0.advertised ?? $0.address })
        let toldAddresses = Set(told.flatMap { Self.isNumeric($0) ? [$0] : Self.lookUp($0) })
        let unknown = told.filter { !Self.isNumeric($0) && Self.lookUp($0).isEmpty }
        guard unknown.isEmpty else {
            return [
                Finding(
                    "names", .bad,
                    "\(unknown.sorted().joined(separator: ", ")), which points are told to send to, has no address",
                    advice: "enter it in DNS, or mend sip.listeners[].advertised")
            ]
        }
        for service in services where !service.records.isEmpty {
            let wrong = service.records.filter { record in
                !configuration.sip.listeners.contains {
                    $0.port == record.port && $0.transport == service.transport
                } || toldAddresses.isDisjoint(with: Self.lookUp(record.target))
            }
            if let record = wrong.first {
                return [
                    Finding(
                        "names", .warning,
                        "\(service.name) leads to \(record.target):\(record.port), where this bridge is not",
                        advice: "mend the SRV record, or sip.listeners")
                ]
            }
        }
        let found = services.filter { !$0.records.isEmpty }.map(\.name)
        guard found.isEmpty else {
            return [Finding("names", .good, "SRV leads here: \(found.joined(separator: ", "))")]
        }
        let addresses = Self.lookUp(domain)
        guard !addresses.isEmpty else {
            return [
                Finding(
                    "names", .warning, "\(domain) is not in DNS: points must be given the address",
                    advice: advisedRecords(domain))
            ]
        }
        guard !toldAddresses.isDisjoint(with: addresses) else {
            return [
                Finding(
                    "names", .warning,
                    "\(domain) has the address \(addresses.joined(separator: ", ")), where this bridge is not",
                    advice: advisedRecords(domain))
            ]
        }
        return [
            Finding(
                "names", .good,
                "\(domain) has the address \(addresses.joined(separator: ", ")); there is no SRV, which the usual ports do not need"
            )
        ]
    }

    private struct Service {
        var name: String
        var transport: Configuration.Transport
        var records: [(target: String, port: UInt16)]
    }

    private var services: [Service] {
        let domain = configuration.sip.domain
        return [("_sips._tcp", Configuration.Transport.tls), ("_sip._tcp", .tcp), ("_sip._udp", .udp)].map {
            Service(name: "\($0).\(domain)", transport: $1, records: service("\($0).\(domain)"))
        }
    }

    private func service(_ name: String) -> [(target: String, port: UInt16)] {
        var records = [cr_record](repeating: cr_record(), count: 16)
        let count = cr_lookup(
            name, Int32(cr_type_srv), nameServer?.address ?? 0, nameServer?.port ?? 0, 2, 1, &records, 16)
        guard count > 0 else { return [] }
        return records.prefix(Int(count)).map { record in
            let target = withUnsafeBytes(of: record.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            return (target, record.port)
        }
    }

    private func advisedRecords(_ domain: String) -> String {
        var lines: [String] = []
        for listener in configuration.sip.listeners {
            let host = listener.advertised ?? listener.address
            let name: String
            switch listener.transport {
            case .tls: name = "_sips._tcp"
            case .tcp: name = "_sip._tcp"
            case .udp: name = "_sip._udp"
            case .ws, .wss: continue
            }
            if Self.isNumeric(host), lines.isEmpty { lines.append("\(domain). A \(host)") }
            lines.append("\(name).\(domain). SRV 0 0 \(listener.port) \(Self.isNumeric(host) ? domain : host).")
        }
        return "enter in DNS: " + lines.joined(separator: "; ")
    }

    /// Numeric, as the system finds them.
    private static func lookUp(_ name: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [String] = []
        var next = first
        while let entry = next {
            next = entry.pointee.ai_next
            if let address = entry.pointee.ai_addr, let text = numeric(address), !found.contains(text) {
                found.append(text)
            }
        }
        return found
    }
}
