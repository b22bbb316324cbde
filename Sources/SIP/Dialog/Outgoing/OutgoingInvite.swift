/// An INVITE of this side's, from the first request to one dialog or none: forks, reliable ringing, challenges,
/// redirections, other servers and giving up (RFC 3261 §8.1.3, §13.2, §22; RFC 3262 §4; RFC 3263 §4.3; RFC 4028 §7.3;
/// RFC 6026). Sans-IO: it knows neither flows nor transactions, only what is to be sent and what came of it.
///
/// Its owner has at most one INVITE transaction open for it at a time, and gives it every response of that one.
public struct OutgoingInvite: Sendable {
    public struct Settings: Sendable {
        /// How long the other side may ring before it is given up.
        public var patience = Duration.seconds(180)
        /// INVITEs in all: first, challenged, redirected, sent to another server.
        public var mostRequests = 16
        /// Addresses that redirections may lead to; 0 follows none.
        public var mostRedirections = 8
        /// Branches of a fork that are followed; a 2xx from one more is still hung up properly.
        public var mostDialogs = 16
        public var timers = SIPTimers()
        public init() {}
    }

    public enum Hop: Sendable, Hashable {
        /// Resolve the URI (RFC 3263) and take the first server.
        case resolve(URI)
        /// Where the request before this one went.
        case same
        /// The next server of those that the last resolution gave.
        case nextServer
    }

    public enum Event: Sendable {
        /// Once, before everything else.
        case start
        /// To the INVITE, on a flow of this transport.
        case response(SIPResponse, over: SIPTransport)
        /// The INVITE's transaction timed out, or its flow failed or could not be opened (RFC 3263 §4.3).
        case unanswered
        /// There is no server (left) for what `send` asked.
        case noServer
        /// The answer to an offer that came in an `offer` or `answered` action; sent in PRACK or ACK.
        case answer(DialogID, contentType: MediaType, body: [UInt8])
        /// To a PRACK.
        case prackResponse(SIPResponse)
        /// This side changes its mind.
        case cancel
        /// The deadline is reached.
        case timer
    }

    public enum Action: Sendable, Hashable {
        /// The INVITE, in a new client transaction. If there is no way there: `noServer`.
        case send(SIPRequest, to: Hop)
        /// `TransactionLayer.cancel` the open transaction. Where none is open yet, tell `noServer` and open none.
        case cancel
        /// A provisional response above 100, of one branch of a fork: ringing, early media. The first response with a
        /// description of a session in a dialog is the answer to this side's offer, if that was made.
        case progress(SIPResponse, Dialog?)
        /// A reliable response brings an offer, as the INVITE had none: give its `answer`.
        case offer(SIPResponse, DialogID)
        /// In a new client transaction; its responses are wanted as `prackResponse`.
        case prack(SIPRequest, nextHop: URI)
        /// `TransactionLayer.acknowledge`.
        case acknowledge(SIPRequest, nextHop: URI)
        /// The call is up. If the INVITE had no offer, and no reliable response had, the response has it: give its
        /// `answer`, with which the ACK goes out. Otherwise the ACK follows by itself.
        case answered(Dialog, SIPResponse)
        /// BYE of a dialog that is not wanted, in a new client transaction whose outcome does not matter.
        case hangUp(SIPRequest, nextHop: URI)
        /// The call does not come about. BYE and ACK may still follow.
        case ended(Failure)
    }

    public enum Failure: Error, Sendable, Hashable {
        /// By a final response, which is the last one where several servers or addresses were tried.
        case refused(SIPResponse)
        /// Nobody rings, or not any more, within the time.
        case noAnswer
        /// No server could be reached.
        case unreachable
        /// This side gave up.
        case cancelled
        /// A 2xx that makes no dialog.
        case malformed(SIPSyntaxError)
    }

    enum State: Sendable, Hashable {
        case idle
        case calling(giveUp: SIPInstant)
        /// A CANCEL is wanted or out.
        case cancelling(Failure, until: SIPInstant)
        /// A 2xx came. Until then others may come, and the same again (RFC 6026 §7.2: timer M).
        case settled(kept: DialogID?, until: SIPInstant)
        case over
    }

    /// Of the 2xx of one branch.
    enum Accepted: Sendable, Hashable {
        /// It has the offer; the ACK waits for the answer.
        case awaitsAnswer(Dialog)
        /// Sent again for each retransmission of the 2xx (RFC 3261 §13.2.2.4).
        case acknowledged(SIPRequest, nextHop: URI)
    }

    let settings: Settings
    /// As it was sent last.
    public internal(set) var invite: SIPRequest
    /// Knows the peer's challenges afterwards: use it for the requests of the dialog too.
    public internal(set) var digest: DigestClient
    var state = State.idle
    var early: [DialogID: EarlyDialog] = [:]
    var accepted: [DialogID: Accepted] = [:]
    var redirections: RedirectTargets
    var sent = 0
    /// Offers for those who do not accept the one before.
    var otherOffers: [[UInt8]]
    /// The last final response, for when nothing is left to try.
    var refusal: SIPResponse?

    /// - Parameters:
    ///   - invite: without To tag; Contact, Supported and the offer, if this side makes it, are its owner's to set.
    ///   - otherOffers: descriptions of the same session, tried in turn where the one before is not acceptable
    ///     (RFC 3261 §21.4.26).
    ///   - digest: answers challenges.
    public init(
        _ invite: SIPRequest, otherOffers: [[UInt8]] = [], digest: DigestClient, settings: Settings = .init()
    ) {
        self.invite = invite
        self.otherOffers = otherOffers
        self.digest = digest
        self.settings = settings
        redirections = RedirectTargets(from: invite.uri, most: settings.mostRedirections)
    }

    /// When `timer` must be handled, at the latest.
    public var deadline: SIPInstant? {
        switch state {
        case .idle, .over: nil
        case .calling(let giveUp): giveUp
        case .cancelling(_, let until), .settled(_, let until): until
        }
    }

    /// Nothing comes of it any more.
    public var isOver: Bool { state == .over }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch event {
        case .start: start(at: now)
        case .response(let response, let transport): receive(response, over: transport, at: now)
        case .unanswered: tryElsewhere(nextServer: true)
        case .noServer: tryElsewhere(nextServer: false)
        case .answer(let id, let type, let body): answer(id, type, body)
        case .prackResponse(let response): prackAnswered(response)
        case .cancel: giveUp(.cancelled, at: now)
        case .timer: timer(at: now)
        }
    }

    private mutating func start(at now: SIPInstant) -> [Action] {
        guard state == .idle else { return [] }
        state = .calling(giveUp: now + settings.patience)
        digest.authorize(&invite)
        return send(to: .resolve(invite.nextHop))
    }

    private mutating func timer(at now: SIPInstant) -> [Action] {
        switch state {
        case .calling(let giveUp) where now >= giveUp:
            return self.giveUp(.noAnswer, at: now)
        case .cancelling(let failure, let until) where now >= until:
            return end(failure)
        case .settled(_, let until) where now >= until:
            state = .over
            early.removeAll()
            accepted.removeAll()
            return []
        default:
            return []
        }
    }

    private mutating func giveUp(_ failure: Failure, at now: SIPInstant) -> [Action] {
        switch state {
        case .idle:
            return end(failure)
        case .calling:
            // The transaction may take timer B until it may send the CANCEL, and as long again until it gives up.
            state = .cancelling(failure, until: now + settings.timers.giveUp * 2 + settings.timers.t2)
            return [.cancel]
        case .cancelling, .settled, .over:
            return []
        }
    }

    // MARK: Another try

    mutating func send(to hop: Hop) -> [Action] {
        guard sent < settings.mostRequests else { return end(refusal.map(Failure.refused) ?? .unreachable) }
        sent += 1
        early.removeAll()
        return [.send(invite, to: hop)]
    }

    /// The next server of the same address, then the next address (RFC 3263 §4.3, RFC 3261 §8.1.3.4).
    mutating func tryElsewhere(nextServer: Bool) -> [Action] {
        switch state {
        case .calling:
            if nextServer { return send(to: .nextServer) }
            guard let target = redirections.next() else { return end(refusal.map(Failure.refused) ?? .unreachable) }
            invite.uri = target
            renumber()
            return send(to: .resolve(invite.nextHop))
        case .cancelling(let failure, _):
            return end(failure)
        case .idle, .settled, .over:
            return []
        }
    }

    /// A changed request is a new one (RFC 3261 §8.1.3.5).
    mutating func renumber() {
        invite.cseq.number = (invite.cseq.number &+ 1) & 0x7FFF_FFFF
        digest.authorize(&invite)
    }

    mutating func end(_ failure: Failure) -> [Action] {
        state = .over
        early.removeAll()
        return [.ended(failure)]
    }
}
