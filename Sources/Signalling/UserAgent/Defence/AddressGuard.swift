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
        /// A challenge weighs nothing for so long, and for twice as long at most: many points that start at once behind
        /// one address are all challenged before the first of them answers.
        var patience = Duration.seconds(5)
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
        /// Challenges that may still be answered: of this span of `patience`, and of the one before.
        var asked = 0
        var askedBefore = 0
        var askedSince: SIPInstant

        init(at now: SIPInstant) {
            since = now
            askedSince = now
        }

        func isStale(at now: SIPInstant, _ limits: Limits) -> Bool {
            max(since + limits.window, bannedUntil.map { $0 + limits.longestBan } ?? since) < now
        }

        /// Forgets what the window left behind, and weighs challenges that have waited too long for an answer.
        mutating func catchUp(at now: SIPInstant, _ limits: Limits) {
            if since + limits.window < now {
                score = 0
                since = now
            }
            guard askedSince + limits.patience <= now else { return }
            let isNext = now < askedSince + limits.patience + limits.patience
            score += (isNext ? askedBefore : askedBefore + asked) * Offence.challenged.rawValue
            askedBefore = isNext ? asked : 0
            asked = 0
            askedSince = now
        }

        mutating func forgive(_ challenges: Int) {
            var left = challenges
            func take(_ count: inout Int) {
                let taken = min(count, left)
                count -= taken
                left -= taken
            }
            take(&askedBefore)
            take(&asked)
            take(&score)
        }
    }

    private let limits: Limits
    private var records: [String: Record] = [:]
    /// What a point proved on a flow.
    private struct Proof {
        var until: SIPInstant
        /// Its part of what is kept for points: one that floods does not use up what others need.
        var reserve = TokenBucket(perSecond: 10, burst: .seconds(2))
    }

    /// Points behind one address.
    private struct Neighbours {
        var flows = 0
        /// Of what is kept for points, what connections may use on which nobody proved himself yet.
        var reserve = TokenBucket(perSecond: 50)
    }

    private(set) var counts = DefenceCounts()
    private var proven: [Flow: Proof] = [:]
    private var known: [String: Neighbours] = [:]
    private var madeRoom: SIPInstant?

    init(limits: Limits = .init()) { self.limits = limits }

    /// Whether anything that comes on the flow is looked at.
    func admits(_ flow: Flow, at now: SIPInstant) -> Bool {
        guard let until = records[flow.neighbourhood]?.bannedUntil, until > now else { return true }
        return isProven(flow, at: now)
    }

    func isProven(_ flow: Flow, at now: SIPInstant) -> Bool { proven[flow].map { $0.until > now } ?? false }

    /// Whether the flow is a point's, or a new connection from where points are (a datagram's address may be forged), and
    /// has not had more than its part of what is kept for those.
    mutating func mayUseReserve(_ flow: Flow, at now: SIPInstant) -> Bool {
        if isProven(flow, at: now) { return proven[flow]?.reserve.take(at: now) ?? false }
        guard flow.transport.isReliable else { return false }
        return known[flow.neighbourhood]?.reserve.take(at: now) ?? false
    }

    /// Notes an offence; the length of the ban that it brings, if it brings one.
    mutating func note(_ offence: Offence, on flow: Flow, at now: SIPInstant) -> Duration? {
        counts.add(offence)
        let host = flow.neighbourhood
        if records[host] == nil, records.count >= limits.capacity {
            makeRoom(at: now)
            guard records.count < limits.capacity else { return nil }
        }
        var record = records[host] ?? Record(at: now)
        defer { records[host] = record }
        record.catchUp(at: now, limits)
        if offence == .challenged { record.asked += 1 } else { record.score += offence.rawValue }
        // A site with many points behind one address is not cut off for what a few of them get wrong.
        let bound = limits.bound * (10 + min(90, known[host]?.flows ?? 0)) / 10
        let isOver =
            offence == .scanner || record.score >= bound || record.asked + record.askedBefore >= bound * 10
        guard isOver, record.bannedUntil.map({ $0 <= now }) ?? true else { return nil }
        let length = min(limits.longestBan, limits.ban * (1 << min(record.bans, 16)))
        record.bans += 1
        record.score = 0
        record.asked = 0
        record.askedBefore = 0
        record.bannedUntil = now + length
        counts.bans &+= 1
        return length
    }

    /// A point proved itself on the flow: it is trusted for so long, and forgiven what came before.
    mutating func prove(_ flow: Flow, for trust: Duration, at now: SIPInstant) {
        let host = flow.neighbourhood
        records[host]?.forgive(2)
        if proven[flow] == nil {
            if proven.count >= limits.capacity { makeRoom(at: now) }
            guard proven.count < limits.capacity else { return }
            known[host, default: .init()].flows += 1
        }
        proven[flow, default: .init(until: now)].until = max(proven[flow]?.until ?? now, now + trust)
    }

    /// Forgets what no longer counts; where that is not enough, also the strangers that have only asked, of whom forged
    /// addresses can make any number. At most once a second, as it looks at everything.
    private mutating func makeRoom(at now: SIPInstant) {
        guard madeRoom.map({ $0 + .seconds(1) <= now }) ?? true else { return }
        madeRoom = now
        for (flow, proof) in proven where proof.until <= now { forget(flow) }
        records = records.filter { !$0.value.isStale(at: now, limits) }
        guard records.count >= limits.capacity else { return }
        records = records.filter { $0.value.bans > 0 || $0.value.score >= Offence.wrongPassword.rawValue }
    }

    /// The connection is gone: its address and port may be somebody else's next.
    mutating func forget(_ flow: Flow) {
        let host = flow.neighbourhood
        guard proven.removeValue(forKey: flow) != nil, let count = known[host]?.flows else { return }
        if count > 1 { known[host]?.flows = count - 1 } else { known[host] = nil }
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
