/// Matches messages to transactions and drives them all (RFC 3261 §17). Sans-IO: octets, messages and the time go in;
/// octets, events and the next deadline come out.
public struct TransactionLayer: Sendable {
    public struct Configuration: Sendable {
        public var timers = SIPTimers()
        public var parseLimits = SIPParseLimits()
        /// New requests beyond get a 503.
        public var maximumServerTransactions = 20_000
        public var maximumClientTransactions = 20_000
        /// What that 503 tells its receiver to wait.
        public var retryAfter = Duration.seconds(10)
        public init() {}
    }

    struct ServerEntry: Sendable {
        enum Machine: Sendable {
            case invite(InviteServerTransaction)
            case other(ServerTransaction)
        }
        var machine: Machine
        let key: ServerTransactionKey
        var mergeKey: MergeKey?
        /// Where the request came from.
        let flow: Flow
        /// Where its responses go.
        let route: Flow
        /// The To tag of the last response that had one.
        var tag: String?
    }

    struct ClientEntry: Sendable {
        enum Machine: Sendable {
            case invite(InviteClientTransaction)
            case other(ClientTransaction)
        }
        enum Cancellation: Sendable {
            case none
            /// Waits for a provisional response (RFC 3261 §9.1).
            case wanted
            /// Sent: the transaction is given up then, if nothing final comes.
            case sent(giveUp: SIPInstant)
        }
        var machine: Machine
        let key: ClientTransactionKey
        let request: SIPRequest
        let flow: Flow
        /// A CANCEL of the layer's own: nobody is told about it.
        let isInternal: Bool
        var cancellation = Cancellation.none
    }

    let configuration: Configuration
    let random: @Sendable (Int) -> [UInt8]
    typealias Servers = [ServerTransactionID: ServerEntry]
    var servers: Servers = [:]
    var serverKeys: [ServerTransactionKey: ServerTransactionID] = [:]
    var mergeKeys: [MergeKey: ServerTransactionID] = [:]
    /// How many server transactions have a flow as their own, and as their route.
    var openOnFlow: [Flow: Int] = [:]
    var clients: [ClientTransactionID: ClientEntry] = [:]
    var clientKeys: [ClientTransactionKey: ClientTransactionID] = [:]
    var deadlines = DeadlineQueue<TransactionID>()
    var lastID: UInt64 = 0

    /// - Parameter random: that many octets which nobody can guess; branches and tags are made of them.
    public init(configuration: Configuration = .init(), random: @escaping @Sendable (Int) -> [UInt8]) {
        self.configuration = configuration
        self.random = random
    }

    /// When `advance(to:)` must be called, at the latest.
    public var deadline: SIPInstant? { deadlines.earliest }
    public var serverTransactionCount: Int { servers.count }
    public var clientTransactionCount: Int { clients.count }

    // MARK: Input

    /// Octets of one message: a datagram, or what a `StreamFramer` cut out. Malformed requests are answered where
    /// they may be.
    public mutating func receive(_ octets: [UInt8], on flow: Flow, at now: SIPInstant) -> [TransactionAction] {
        do throws(SIPParseError) {
            return try read(octets).map { receive($0, on: flow, at: now) } ?? []
        } catch {
            return refuse(error, on: flow)
        }
    }

    /// The message in the octets, for who wants to see it before `receive`; nil for a keep-alive.
    public func read(_ octets: [UInt8]) throws(SIPParseError) -> SIPMessage? {
        // Line ends and nothing else keep a NAT's binding alive (RFC 5626 §3.5.1).
        guard octets.contains(where: { $0 != .carriageReturn && $0 != .lineFeed && $0 != 0 }) else { return nil }
        return try SIPMessage(parsing: octets, limits: configuration.parseLimits)
    }

    /// Answers octets that are no message, as also a `StreamFramer` finds them.
    public func refuse(_ error: SIPParseError, on flow: Flow) -> [TransactionAction] {
        let answer = error.response(tag: newTag()).map { [TransactionAction.send($0, on: flow)] } ?? []
        return answer + [.report(.discarded(reason: error.description, flow))]
    }

    public mutating func receive(_ message: SIPMessage, on flow: Flow, at now: SIPInstant) -> [TransactionAction] {
        switch message {
        case .request(let request): receive(request, on: flow, at: now)
        case .response(let response): receive(response, on: flow, at: now)
        }
    }

    /// Does what is due. Call it at `deadline` or later.
    public mutating func advance(to now: SIPInstant) -> [TransactionAction] {
        var actions: [TransactionAction] = []
        while let id = deadlines.takeDue(at: now) {
            switch id {
            case .server(let id): actions += drive(id, { $0.handle(.timer, at: now) }, { $0.handle(.timer, at: now) })
            case .client(let id): actions += clientTimer(id, at: now)
            }
        }
        return actions
    }

    /// A flow can no longer be sent on: the transactions on it end.
    public mutating func transportFailed(_ flow: Flow, at now: SIPInstant) -> [TransactionAction] {
        var actions: [TransactionAction] = []
        // Most connections that go have nothing open, and there may be thousands of them at once.
        let own = openOnFlow[flow] == nil ? [:] : servers.filter { $0.value.flow == flow || $0.value.route == flow }
        for id in own.keys {
            actions += drive(id, { $0.handle(.transportFailed, at: now) }, { $0.handle(.transportFailed, at: now) })
        }
        for id in clients.filter({ $0.value.flow == flow }).keys {
            actions += driveClient(id, .transportFailed, at: now)
        }
        return actions
    }

    /// A token that nobody can guess, for a tag.
    public func newTag() -> String { Hexadecimal.text(random(8)) }

    mutating func nextID() -> UInt64 {
        lastID &+= 1
        return lastID
    }
}
