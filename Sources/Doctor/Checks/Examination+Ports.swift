import Glibc
import SiteConfiguration

/// A port that peers must reach.
struct NeededPort: Hashable, Sendable {
    enum Carrier: String, Hashable, Sendable { case udp, tcp }

    var carrier: Carrier
    var ports: ClosedRange<UInt16>
    /// The local address.
    var address: String
    var purpose: String

    var rangeText: String {
        ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
    }
    var text: String { "\(carrier.rawValue)/\(rangeText)" }

    /// Nobody but this machine reaches it.
    var isLocal: Bool { address.hasPrefix("127.") || address == "::1" }
}

extension Configuration {
    /// What must be open to points and browsers.
    var neededPorts: [NeededPort] {
        var needed = sip.listeners.map {
            NeededPort(
                carrier: $0.transport == .udp ? .udp : .tcp, ports: $0.port...$0.port, address: $0.address,
                purpose: "SIP over \($0.transport.rawValue)")
        }
        if portal.port != 0 {
            needed.append(
                NeededPort(carrier: .tcp, ports: portal.port...portal.port, address: portal.address, purpose: "portal"))
        }
        needed.append(
            NeededPort(carrier: .udp, ports: media.ports, address: media.bind, purpose: "sound and picture"))
        return needed
    }
}

extension Examination {
    /// Whether the daemon listens where its configuration says, or could where it does not run.
    func listening() -> [Finding] {
        let single = configuration.neededPorts.filter { $0.ports.count == 1 }
        guard daemon != nil else {
            let taken = single.filter { !isFree($0) }
            return [
                taken.isEmpty
                    ? Finding(
                        "ports", .good, "all that are needed are free: \(single.map(\.text).joined(separator: ", "))")
                    : Finding(
                        "ports", .bad, "somebody else has \(taken.map(\.text).joined(separator: ", "))",
                        advice: "ss -lntup shows who; stop that, or give Causeway others (sip.listeners, portal.port)")
            ]
        }
        let silent = single.filter { !answers($0) }
        guard silent.isEmpty else {
            return [
                Finding(
                    "ports", .bad,
                    "nobody answers at \(silent.map { "\($0.text) (\($0.purpose))" }.joined(separator: ", "))",
                    advice: "systemctl restart causewayd, if the configuration was changed since its start")
            ]
        }
        return [Finding("ports", .good, "each answers: \(single.map(\.text).joined(separator: ", "))")]
    }

    private func isFree(_ port: NeededPort) -> Bool {
        guard let socket = Probe(port) else { return true }
        return socket.canBind
    }

    private func answers(_ port: NeededPort) -> Bool {
        guard let socket = Probe(port) else { return false }
        return port.carrier == .tcp ? socket.connects : socket.answersOptions(domain: configuration.sip.domain)
    }
}

/// One socket, to try a port of this machine.
private struct Probe: ~Copyable {
    private let descriptor: Int32
    private let address: String
    private let port: UInt16
    private let isUDP: Bool

    init?(_ needed: NeededPort) {
        address = needed.address
        port = needed.ports.lowerBound
        isUDP = needed.carrier == .udp
        let kind = isUDP ? SOCK_DGRAM : SOCK_STREAM
        descriptor = socket(
            address.contains(":") ? AF_INET6 : AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    var canBind: Bool {
        var one: Int32 = 1
        if !isUDP { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4) }
        return withAddress(address) { bind(descriptor, $0, $1) } == 0
    }

    var connects: Bool { withAddress(reachable) { connect(descriptor, $0, $1) } == 0 }

    /// Any answer to OPTIONS (RFC 3261 §11) will do.
    func answersOptions(domain: String) -> Bool {
        var wait = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        guard connects, let local = localPort else { return false }
        let host = reachable.contains(":") ? "[\(reachable)]" : reachable
        let mark = String(UInt32.random(in: .min ... .max), radix: 36)
        let request = [
            "OPTIONS sip:\(domain) SIP/2.0", "Via: SIP/2.0/UDP \(host):\(local);branch=z9hG4bK\(mark);rport",
            "Max-Forwards: 1", "From: <sip:doctor@\(domain)>;tag=\(mark)", "To: <sip:\(domain)>",
            "Call-ID: doctor-\(mark)", "CSeq: 1 OPTIONS", "Content-Length: 0", "", "",
        ].joined(separator: "\r\n")
        let sent = Array(request.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
        guard sent == request.utf8.count else { return false }
        var buffer = [UInt8](repeating: 0, count: 2_048)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 && buffer.starts(with: Array("SIP/2.0 ".utf8))
    }

    /// Where a socket that listens everywhere is tried.
    private var reachable: String { address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address }

    private var localPort: UInt16? {
        var storage = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        // Both families have the port at one place.
        return result == 0 ? UInt16(bigEndian: storage.sin6_port) : nil
    }

    private func withAddress(_ host: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        if host.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return -1 }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return -1 }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
