/// Finds the servers of a SIP URI (RFC 3263 §4.1, §4.2). Sans-IO: it says what to look up, is told what came of it, and
/// ends with the servers in the order in which they are to be tried. It asks no more than three times in a row.
public struct ServerLocator: Sendable {
    public struct Settings: Sendable {
        /// Those that this side speaks, the preferred first; the order counts where a domain has no NAPTR records.
        public var transports: [SIPTransport] = [.udp, .tcp, .tls]
        public var usesIPv4 = true
        public var usesIPv6 = true
        /// How long the whole search may take; then what is known must do.
        public var patience = Duration.seconds(12)
        /// Of each answer so many records are looked at.
        public var mostRecords = 16
        public var mostTargets = 32
        public init() {}
    }

    public enum Event: Sendable {
        /// Once, before everything else.
        case start
        case answer(DNSQuery, DNSAnswer)
        /// The deadline is reached.
        case timer
    }

    public enum Action: Sendable, Hashable {
        case lookUp(DNSQuery)
        /// The end: never empty, the first server first.
        case located([SIPTarget])
        /// The end.
        case failed(LocationFailure)
    }

    /// A transport with the SRV records that lead to its servers.
    struct Service: Hashable, Sendable {
        let transport: SIPTransport
        let name: String
    }

    /// A server before its addresses are known.
    struct Server: Hashable, Sendable {
        let transport: SIPTransport
        let host: String
        let port: UInt16
    }

    enum State: Sendable {
        case idle
        case askingNAPTR
        case askingSRV([Service], answers: [String: DNSAnswer])
        case askingAddresses([Server], answers: [String: DNSAnswer])
        case over
    }

    let settings: Settings
    private let uri: URI
    private let random: @Sendable (Int) -> [UInt8]
    private var state = State.idle
    private var giveUp: SIPInstant?
    /// Some question got no answer: that there is no server is not certain then.
    private var isUncertain = false

    /// - Parameters:
    ///   - uri: of the next hop.
    ///   - random: that many octets; servers of one priority are chosen by them.
    public init(_ uri: URI, settings: Settings = .init(), random: @escaping @Sendable (Int) -> [UInt8]) {
        self.uri = uri
        self.settings = settings
        self.random = random
    }

    /// When `timer` must be handled, at the latest.
    public var deadline: SIPInstant? {
        if case .over = state { nil } else { giveUp }
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch (state, event) {
        case (.idle, .start):
            giveUp = now + settings.patience
            return start()
        case (.askingNAPTR, .answer(.naptr(let name), let answer)) where name == target:
            return take(naptr: answer)
        case (.askingSRV(let services, var answers), .answer(.srv(let name), let answer)):
            guard answers[name] == nil, services.contains(where: { $0.name == name }) else { return [] }
            answers[name] = answer
            state = .askingSRV(services, answers: answers)
            return services.allSatisfy { answers[$0.name] != nil } ? take(services, answers) : []
        case (.askingAddresses(let servers, var answers), .answer(.addresses(let host), let answer)):
            guard answers[host] == nil, servers.contains(where: { $0.host == host }) else { return [] }
            answers[host] = answer
            state = .askingAddresses(servers, answers: answers)
            return Self.unanswered(servers, answers).isEmpty ? finish(servers, answers) : []
        case (_, .timer):
            guard let giveUp, now >= giveUp else { return [] }
            return runOut()
        default:
            return []
        }
    }

    /// The time is up: the servers that are known have to do.
    private mutating func runOut() -> [Action] {
        isUncertain = true
        switch state {
        case .idle, .over: return []
        case .askingNAPTR: return fail(.lookupFailed)
        case .askingSRV: return fail(.lookupFailed)
        case .askingAddresses(let servers, let answers): return finish(servers, answers)
        }
    }

    private mutating func fail(_ failure: LocationFailure) -> [Action] {
        state = .over
        return [.failed(failure)]
    }

    // MARK: Where to begin

    private var isSecure: Bool { uri.sip?.isSecure == true }

    /// The `TARGET` of RFC 3263 §4.
    private var target: String {
        guard let sip = uri.sip else { return "" }
        let named = sip.parameters["maddr"] ?? sip.host
        let bare = named.utf8.first == .openBracket ? String(named.dropFirst().prefix { $0 != "]" }) : named
        return Self.hostName(bare)
    }

    private mutating func start() -> [Action] {
        guard let sip = uri.sip, !target.isEmpty else { return fail(.notSIP) }
        let isAddress = IPAddressText.family(of: target) != nil
        if let name = sip.parameters["transport"] {
            guard let transport = transport(named: name) else { return fail(.transport(name)) }
            if isAddress || sip.port != nil { return askAddresses([server(transport)]) }
            return askSRV([service(transport)])
        }
        if isAddress || sip.port != nil {
            guard let transport = fallback else { return fail(.transport("")) }
            return askAddresses([server(transport)])
        }
        guard !usable.isEmpty else { return fail(.transport("")) }
        state = .askingNAPTR
        return [.lookUp(.naptr(target))]
    }

    private func transport(named name: String) -> SIPTransport? {
        let asked: SIPTransport? =
            switch name.asciiLowercased {
            case "udp": isSecure ? nil : .udp
            case "tcp": isSecure ? .tls : .tcp
            case "tls": .tls
            case "ws": isSecure ? .wss : .ws
            default: nil
            }
        return asked.flatMap { settings.transports.contains($0) ? $0 : nil }
    }

    /// A `sips` URI admits of nothing that can be read on the way.
    private var usable: [SIPTransport] { settings.transports.filter { !isSecure || $0.isSecure } }

    /// Where nothing says what to take: UDP, and TLS for `sips` (§4.1).
    private var fallback: SIPTransport? {
        let transport: SIPTransport = isSecure ? .tls : .udp
        return usable.contains(transport) ? transport : usable.first
    }

    private func server(_ transport: SIPTransport) -> Server {
        Server(transport: transport, host: target, port: uri.sip?.port ?? transport.defaultPort)
    }

    private func service(_ transport: SIPTransport) -> Service {
        let prefix =
            switch transport {
            case .udp: "_sip._udp"
            case .tcp: "_sip._tcp"
            case .tls: "_sips._tcp"
            case .ws: "_sip._ws"
            case .wss: "_sips._ws"
            }
        return Service(transport: transport, name: "\(prefix).\(target)")
    }

    // MARK: NAPTR

    private mutating func take(naptr answer: DNSAnswer) -> [Action] {
        var records: [NAPTRRecord] = []
        if case .naptr(let found) = answer {
            records = Array(found.sorted { $0.order < $1.order }.prefix(settings.mostRecords))
        }
        let known = records.compactMap { record -> (record: NAPTRRecord, service: Service)? in
            guard record.flags.equalsIgnoringCase("s"), let transport = transport(of: record.service),
                usable.contains(transport)
            else { return nil }
            let name = Self.hostName(record.replacement)
            return name.isEmpty ? nil : (record, Service(transport: transport, name: name))
        }
        // Once an order has a match, higher ones are out (RFC 3403 §4.1).
        guard let order = known.map(\.record.order).min() else { return askSRV(usable.map(service)) }
        let matches = known.enumerated().filter { $0.element.record.order == order }
            .sorted { ($0.element.record.preference, $0.offset) < ($1.element.record.preference, $1.offset) }
        return askSRV(matches.map(\.element.service))
    }

    /// RFC 3263 §4.1, RFC 7118 §5.5.
    private func transport(of service: String) -> SIPTransport? {
        switch service.asciiLowercased {
        case "sip+d2u": .udp
        case "sip+d2t": .tcp
        case "sips+d2t": .tls
        case "sip+d2w": .ws
        case "sips+d2w": .wss
        default: nil
        }
    }

    // MARK: SRV

    private mutating func askSRV(_ services: [Service]) -> [Action] {
        state = .askingSRV(services, answers: [:])
        var asked: Set<String> = []
        return services.filter { asked.insert($0.name).inserted }.map { .lookUp(.srv($0.name)) }
    }

    private mutating func take(_ services: [Service], _ answers: [String: DNSAnswer]) -> [Action] {
        var servers: [Server] = []
        var isDenied = false
        for service in services {
            switch answers[service.name] {
            case .srv(let found)?:
                let records = found.sorted { $0.priority < $1.priority }.prefix(settings.mostRecords)
                if records.contains(where: { Self.hostName($0.target).isEmpty }) { isDenied = true }
                let offered = records.filter { !Self.hostName($0.target).isEmpty && $0.port > 0 }
                servers += SRVRecord.ordered(offered, random: number).map {
                    Server(transport: service.transport, host: Self.hostName($0.target), port: $0.port)
                }
            case .failed?: isUncertain = true
            default: break
            }
        }
        if !servers.isEmpty { return askAddresses(servers) }
        if isDenied { return fail(.noServer) }
        // Without SRV the name itself is the server (§4.2), by the transport that is asked for or that goes without
        // saying.
        let transport = services.count == 1 ? services.first?.transport : fallback
        guard let transport else { return fail(.noServer) }
        return askAddresses([server(transport)])
    }

    /// A number from zero to `most`.
    private func number(upTo most: UInt32) -> UInt32 {
        let drawn = random(8).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return UInt32(truncatingIfNeeded: drawn % (UInt64(most) + 1))
    }

    // MARK: Addresses

    private mutating func askAddresses(_ servers: [Server]) -> [Action] {
        let servers = Array(servers.prefix(settings.mostTargets))
        let hosts = Self.unanswered(servers, [:])
        guard !hosts.isEmpty else { return finish(servers, [:]) }
        state = .askingAddresses(servers, answers: [:])
        return hosts.map { .lookUp(.addresses($0)) }
    }

    /// The names, each once, whose addresses are not known yet.
    private static func unanswered(_ servers: [Server], _ answers: [String: DNSAnswer]) -> [String] {
        var seen: Set<String> = []
        return servers.map(\.host).filter {
            IPAddressText.family(of: $0) == nil && answers[$0] == nil && seen.insert($0).inserted
        }
    }

    private mutating func finish(_ servers: [Server], _ answers: [String: DNSAnswer]) -> [Action] {
        var targets: [SIPTarget] = []
        var seen: Set<SIPTarget> = []
        for server in servers {
            for address in addresses(of: server, answers) where targets.count < settings.mostTargets {
                let target = SIPTarget(
                    transport: server.transport, address: address, port: server.port,
                    serverName: uri.host?.asciiLowercased ?? "")
                if seen.insert(target).inserted { targets.append(target) }
            }
        }
        guard !targets.isEmpty else { return fail(isUncertain ? .lookupFailed : .noServer) }
        state = .over
        return [.located(targets)]
    }

    private mutating func addresses(of server: Server, _ answers: [String: DNSAnswer]) -> [String] {
        var found: [String] = []
        if IPAddressText.family(of: server.host) != nil {
            found = [server.host]
        } else if case .addresses(let addresses)? = answers[server.host] {
            found = Array(addresses.prefix(settings.mostRecords))
        } else if case .failed? = answers[server.host] {
            isUncertain = true
        }
        return found.filter {
            switch IPAddressText.family(of: $0) {
            case .ipv4?: settings.usesIPv4
            case .ipv6?: settings.usesIPv6
            case nil: false
            }
        }
    }

    /// As names are compared: lower case, no final dot.
    private static func hostName(_ text: String) -> String {
        let lower = text.asciiLowercased
        return lower.utf8.last == 0x2E ? String(lower.dropLast()) : lower
    }
}
