import SIP

/// Tells addresses that guess and scan from those where points are, and shuts the former out for a time. It judges by
/// address, as a name or password is nothing that a stranger needs to get right; a flow on which a point proved itself
/// stays open whatever its neighbours behind the same NAT do.
struct AddressGuard {
    struct Limits: Sendable {
        /// Points of offence within `window` that shut an address out.
        var bound = 100
        var window = Duration.seconds(60)
        /// The first ban; each further one is twice as long, up to `longestBan`.
        var ban = Duration.seconds(600)
        var longestBan = Duration.seconds(6 * 3600)
        /// Addresses, and flows, that are remembered.
        var capacity = 20_000
    }

    /// What a peer did, and how much it weighs.
    enum Offence: Int, Sendable {
        /// Asked without credentials. Every client begins so; whoever proves itself then is forgiven it.
        case challenged = 1
        /// Sent octets that are no SIP.
        case malformed = 2
        case wrongPassword = 12
        /// Says of itself that it is a scanner.
        case scanner = 100

        var description: String {
            switch self {
            case .challenged: "asks and never proves who it is"
            case .malformed: "sends what is not SIP"
            case .wrongPassword: "guesses passwords"
            case .scanner: "is a scanner"
            }
        }
    }

    private struct Record {
        var score = 0
        var since: SIPInstant
        var bans = 0
        var bannedUntil: SIPInstant?

        func isStale(at now: SIPInstant, _ limits: Limits) -> Bool {
            max(since + limits.window, bannedUntil.map { $0 + limits.longestBan } ?? since) < now
        }
    }

    private let limits: Limits
    private var records: [String: Record] = [:]
    /// Flows on which a point proved itself, and until when that counts.
    private var proven: [Flow: SIPInstant] = [:]
    private var provenPerAddress: [String: Int] = [:]

    init(limits: Limits = .init()) { self.limits = limits }

    /// Whether anything that comes on the flow is looked at.
    func admits(_ flow: Flow, at now: SIPInstant) -> Bool {
        guard let until = records[flow.remoteHost]?.bannedUntil, until > now else { return true }
        return isProven(flow, at: now)
    }

    func isProven(_ flow: Flow, at now: SIPInstant) -> Bool { proven[flow].map { $0 > now } ?? false }

    /// Notes an offence; the length of the ban that it brings, if it brings one.
    mutating func note(_ offence: Offence, on flow: Flow, at now: SIPInstant) -> Duration? {
        let host = flow.remoteHost
        if records[host] == nil {
            if records.count >= limits.capacity { records = records.filter { !$0.value.isStale(at: now, limits) } }
            guard records.count < limits.capacity else { return nil }
        }
        var record = records[host] ?? Record(since: now)
        defer { records[host] = record }
        if record.since + limits.window < now {
            record.score = 0
            record.since = now
        }
        record.score += offence.rawValue
        // A site with points behind one address is not cut off for what a few of its devices get wrong.
        let bound = provenPerAddress[host] == nil ? limits.bound : limits.bound * 10
        guard record.score >= bound, record.bannedUntil.map({ $0 <= now }) ?? true else { return nil }
        let length = min(limits.longestBan, limits.ban * (1 << min(record.bans, 16)))
        record.bans += 1
        record.score = 0
        record.bannedUntil = now + length
        return length
    }

    /// A point proved itself on the flow: it is trusted for so long, and forgiven what came before.
    mutating func prove(_ flow: Flow, for trust: Duration, at now: SIPInstant) {
        records[flow.remoteHost].map { record in
            var record = record
            record.score = max(0, record.score - 2 * Offence.challenged.rawValue)
            records[flow.remoteHost] = record
        }
        if proven[flow] == nil {
            if proven.count >= limits.capacity {
                for (flow, until) in proven where until <= now { forget(flow) }
            }
            guard proven.count < limits.capacity else { return }
            provenPerAddress[flow.remoteHost, default: 0] += 1
        }
        proven[flow] = max(proven[flow] ?? now, now + trust)
    }

    /// The connection is gone: its address and port may be somebody else's next.
    mutating func forget(_ flow: Flow) {
        guard proven.removeValue(forKey: flow) != nil, let count = provenPerAddress[flow.remoteHost] else { return }
        provenPerAddress[flow.remoteHost] = count > 1 ? count - 1 : nil
    }

    /// Programs that search networks for open doors, by what they call themselves.
    static func isScanner(_ userAgent: String?) -> Bool {
        guard let userAgent else { return false }
        let octets = userAgent.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return octets.indices.contains { start in
            scanners.contains { $0.first == octets[start] && octets[start...].starts(with: $0) }
        }
    }

    private static let scanners = [
        "friendly-scanner", "friendly-request", "sipvicious", "sipcli", "sundayddr", "pplsip", "vaxsipuseragent",
        "sipscan", "smap",
    ].map { Array($0.utf8) }
}
