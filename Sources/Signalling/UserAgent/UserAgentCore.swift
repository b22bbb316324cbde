import ConferenceInfo
import Crypto
import Logging
import LogSubjects
import SIP

/// The bridge as a SIP user agent server: registrar, calls, dialogs and their timers (RFC 3261, 3311, 3581, 4028, 6026).
/// Sans-IO: octets and the time go in, octets and events come out; it owns no socket, clock, task or random source.
struct UserAgentCore {
    struct Settings: Sendable {
        var domain: String
        var rings: Bool
        var limits: SignallingLimits
        var registrar: RegistrarLimits
        var sessionTimer: SessionTimerLimits
        /// What a point proves that it knows; nil where there is no such point.
        var secret: @Sendable (_ username: String) -> DigestSecret?
        /// Whether a point may sign in by a certificate.
        var acceptsCertificate: @Sendable (_ username: String) -> Bool = { _ in false }
        /// What an invitation is good for.
        var redeem: @Sendable (_ token: String) -> InvitationVerdict = { _ in .invalid }
        /// What every invitation lets into, whatever room it is for: the line check.
        var openRooms: Set<String> = []
        /// By which bridges of a cluster call each other; nil where this one is alone.
        var trunk: TrunkAccount?
        /// That many octets that nobody can guess.
        var random: @Sendable (Int) -> [UInt8]
    }

    let settings: Settings
    let identity: Identity
    var transactions: TransactionLayer
    var digest: DigestAuthenticator
    let digestHashes: DigestHashes
    var failures: FailureWindow
    var certified = CertifiedFlows()
    var addresses: AddressGuard
    var admission: Admission
    /// Answers that wait, so that whoever guesses passwords does not learn too fast that they were wrong.
    var delayed: [ServerTransactionID: SIPResponse] = [:]
    var delays = DeadlineQueue<ServerTransactionID>()
    var registrar: Registrar
    var heldRegistrations: [ServerTransactionID: HeldRegistration] = [:]
    var calls: [CallID: Call] = [:]
    /// Calls of the bridge's that are not settled, or were a moment ago.
    var dialling: [CallID: Dialling] = [:]
    /// Requests in dialogs whose connection is gone: they wait for another.
    var stranded: [CallID: [Stranded]] = [:]
    var callsByDialog: [DialogID: CallID] = [:]
    var callsByInvite: [ServerTransactionID: CallID] = [:]
    var requests: [ClientTransactionID: OwnRequest] = [:]
    var waitingMessages: [ServerTransactionID: SIPRequest] = [:]
    var deadlines = DeadlineQueue<CallID>()
    var subscribers: [SubscriptionID: Subscriber] = [:]
    var notices = DeadlineQueue<SubscriptionID>()
    /// Conferences that somebody watches, by their rooms.
    var conferences: [String: ConferenceInfo] = [:]
    /// Gathered while something is handled, handed out at its end.
    var actions: [UserAgentAction] = []
    /// No new calls: the bridge is going down.
    var isDraining = false
    private var lastCall: UInt64 = 0
    /// How points are reached that called a former run and registered nowhere.
    var formerCallers: [String: Device] = [:]
    private var lastSubscription: UInt64 = 0

    /// A request of the bridge's that is not answered yet, and what hangs on it.
    enum OwnRequest: Equatable {
        case hangUp(CallID)
        case refresh(CallID)
        /// A re-INVITE that changes nothing, for peers without UPDATE.
        case reinvite(CallID)
        /// A re-INVITE with a new offer.
        case reoffer(CallID)
        /// The INVITE of a branch of a call of the bridge's; stays until the branch is over.
        case invite(CallID, branch: Int)
        case prack(CallID, branch: Int)
        case refer(CallID)
        case notify(SubscriptionID)
        /// A text on its way to a point.
        case message(CallID)
        /// Nothing.
        case farewell
    }

    init(settings: Settings, identity: Identity, epoch: SIPInstant) {
        self.settings = settings
        self.identity = identity
        var layer = TransactionLayer.Configuration()
        layer.parseLimits.messageSize = settings.limits.messageSize
        layer.retryAfter = settings.limits.retryAfter
        transactions = TransactionLayer(configuration: layer, random: settings.random)
        var digestConfiguration = DigestAuthenticator.Configuration(realm: settings.domain)
        digestConfiguration.nonceLifetime = settings.limits.nonceLifetime
        digestHashes = DigestHashes(
            md5: { Array(Insecure.MD5.hash(data: $0)) }, sha256: { Array(SHA256.hash(data: $0)) })
        digest = DigestAuthenticator(
            configuration: digestConfiguration, hashes: digestHashes, epoch: epoch, random: settings.random)
        failures = FailureWindow(limit: settings.limits.authenticationFailures, window: settings.limits.failureWindow)
        addresses = AddressGuard(limits: settings.limits.addresses)
        admission = Admission(settings.limits)
        registrar = Registrar(limits: settings.registrar)
    }

    /// When `advance(to:)` must be called, at the latest.
    var deadline: SIPInstant? {
        // A getter that could not change it would be given a copy of all that it holds.
        mutating get {
            earlier(
                earlier(deadlines.earliest, transactions.deadline), earlier(delays.earliest, notices.earliest))
        }
    }

    // MARK: Input

    /// The octets of one message.
    mutating func receive(_ octets: [UInt8], on flow: Flow, at now: SIPInstant) -> [UserAgentAction] {
        guard addresses.admits(flow, at: now) else { return [] }
        do throws(SIPParseError) {
            switch try transactions.read(octets) {
            case .request(let request): receive(request, on: flow, at: now)
            case .response(let response): carry(transactions.receive(.response(response), on: flow, at: now), at: now)
            case nil: break
            }
        } catch {
            carry(transactions.refuse(error, on: flow), at: now)
        }
        return takeActions()
    }

    /// A connection's peer proved by its certificate who it is.
    mutating func certify(_ subjects: [String], on flow: Flow) {
        certified.certify(subjects, domain: settings.domain, on: flow)
    }

    /// A stream that cannot be cut into messages.
    mutating func receive(_ malformed: SIPParseError, on flow: Flow, at now: SIPInstant) -> [UserAgentAction] {
        guard addresses.admits(flow, at: now) else { return [] }
        carry(transactions.refuse(malformed, on: flow), at: now)
        return takeActions()
    }

    /// A connection is gone.
    mutating func flowFailed(_ flow: Flow, at now: SIPInstant) -> [UserAgentAction] {
        trunksLost(flow)
        for (id, call) in calls where call.flow == flow { calls[id]?.isFlowGone = true }
        registrarLost(flow, at: now)
        subscribersLost(flow)
        addresses.forget(flow)
        certified.forget(flow)
        carry(transactions.transportFailed(flow, at: now), at: now)
        return takeActions()
    }

    mutating func advance(to now: SIPInstant) -> [UserAgentAction] {
        carry(transactions.advance(to: now), at: now)
        while let id = delays.takeDue(at: now) {
            if let response = delayed.removeValue(forKey: id) { respond(response, to: id, at: now) }
        }
        while let number = notices.takeDue(at: now) {
            subscriptionIsDue(number, at: now)
            settle(number)
        }
        while let id = deadlines.takeDue(at: now) {
            callIsDue(id, at: now)
            settle(id)
        }
        return takeActions()
    }

    /// Whether a connection is needed though nothing comes on it.
    func isInUse(_ flow: Flow) -> Bool {
        registrar.isInUse(flow) || calls.values.contains { $0.flow == flow }
            || dialling.values.contains { $0.branches.contains { $0.flow == flow } }
    }

    /// Nobody is called and nobody calls.
    var isQuiet: Bool { calls.isEmpty && dialling.values.allSatisfy(\.isSettled) }

    // MARK: Transactions

    mutating func carry(_ wanted: [TransactionAction], at now: SIPInstant) {
        for action in wanted {
            switch action {
            case .send(let octets, let flow): actions.append(.send(octets, on: flow))
            case .report(let event): handle(event, at: now)
            }
        }
    }

    private mutating func handle(_ event: TransactionEvent, at now: SIPInstant) {
        switch event {
        case .request(let id, let request, let flow): handle(request, id, on: flow, at: now)
        case .ack(let request, let flow): acknowledged(request, on: flow, at: now)
        case .cancel(let id, _): cancelled(id, at: now)
        case .response(let id, let response, let flow): answered(id, response, on: flow, at: now)
        case .timeout(.client(let id)), .transportError(.client(let id)): unanswered(id, at: now)
        case .transportError(.server(let id)): lost(id)
        // No ACK to a refusal: the call, if there was one, is gone already.
        case .timeout(.server): break
        case .discarded(let reason, let flow):
            log(.debug, "\(flow): dropped: \(Self.printable(reason))")
            note(.malformed, on: flow, at: now)
        }
    }

    mutating func respond(_ response: SIPResponse, to id: ServerTransactionID, at now: SIPInstant) {
        carry(transactions.respond(response, to: id, at: now), at: now)
    }

    /// Refuses a request, its reason in the phrase and in a Warning.
    mutating func refuse(
        _ request: SIPRequest, _ id: ServerTransactionID, _ code: UInt16, _ reason: String? = nil,
        tag: String? = nil, headers: SIPHeaders = .init(), at now: SIPInstant
    ) {
        let response = identity.refusal(
            of: request, code, reason, tag: tag ?? transactions.newTag(), headers: headers)
        respond(response, to: id, at: now)
    }

    // MARK: Small things

    mutating func newCallID() -> CallID {
        lastCall += 1
        return CallID(rawValue: lastCall)
    }

    /// Calls are numbered from here on: none has a number that one of a former run had.
    mutating func number(callsAfter last: UInt64) { lastCall = max(lastCall, last) }

    mutating func newSubscriptionID() -> SubscriptionID {
        lastSubscription += 1
        return SubscriptionID(rawValue: lastSubscription)
    }

    /// Keeps a call's place in the queue of deadlines true; to be called after every change of its timers.
    mutating func settle(_ id: CallID) {
        deadlines.set(id, [calls[id]?.deadline, dialling[id]?.deadline].compactMap { $0 }.min())
    }

    mutating func log(_ level: Logger.Level, _ line: LogLine) { actions.append(.log(level, line)) }

    /// A line about a call, and so about its point and its room.
    mutating func log(_ level: Logger.Level, of id: CallID, _ line: LogLine) {
        let (call, dialling) = (calls[id]?.point, dialling[id])
        log(level, line.about(point: call?.username ?? dialling?.username, room: call?.room ?? dialling?.room))
    }

    mutating func takeActions() -> [UserAgentAction] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    /// Text from outside, fit for a line of a log.
    static func printable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(120).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }
}
