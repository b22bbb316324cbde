/// A subscription as the notifier keeps it (RFC 6665 §4.2): one for each event and subscriber. Sans-IO: it says when a
/// NOTIFY is due and what it must hold; its owner has the dialog and the state that is told.
public struct Subscription: Sendable {
    public struct Settings: Sendable, Hashable {
        /// NOTIFYs of changes do not follow each other faster; what changes between them is told in one (§4.2.2).
        public var pace = Duration.seconds(1)
        public init() {}
    }

    public enum Event: Sendable {
        /// A SUBSCRIBE within the dialog, that the policy accepted: a refresh, or the end of it where its duration is
        /// zero.
        case refresh(SubscriptionPolicy.Terms)
        /// What is subscribed to has changed.
        case change
        /// A subscription that was pending is granted.
        case grant
        /// This side ends it.
        case terminate(SubscriptionState.Reason, retryAfter: Duration? = nil)
        /// The final response to a NOTIFY.
        case response(SIPResponse)
        /// A NOTIFY got no response, or could not be sent.
        case unanswered
        /// The deadline is reached.
        case timer
    }

    public enum Action: Sendable, Hashable {
        case notify(Notice)
        /// After its last NOTIFY, if there is one. Nothing follows.
        case ended(Ending)
    }

    /// A NOTIFY to be sent in the dialog, in a new client transaction.
    public struct Notice: Sendable, Hashable {
        public enum Content: Sendable, Hashable {
            /// None: the subscriber may not know yet, or knows all.
            case none
            /// What differs from what this subscriber was told last.
            case changes
            case full
        }

        public var state: SubscriptionState
        public var event: SIPEvent
        public var contentType: MediaType
        public var content: Content
        /// Counts the documents of this subscription, from 1 on (RFC 4575 §4.3); of the last one where there is none
        /// now.
        public var version: UInt32

        /// What the NOTIFY says beside its body.
        public var headers: SIPHeaders {
            SIPHeaders([.init(.event, event.description), .init(.subscriptionState, state.description)])
        }
    }

    public enum Ending: Sendable, Hashable {
        /// The subscriber wanted no more, or asked only once.
        case unsubscribed
        /// It was not refreshed.
        case expired
        case terminated(SubscriptionState.Reason)
        /// The subscriber is gone or refuses.
        case failed(status: UInt16?)
    }

    enum State: Sendable, Hashable { case pending, active, over }

    enum Delivery: Sendable, Hashable {
        case ready
        case unanswered
        /// The subscriber asked for some time.
        case backingOff(until: SIPInstant)
    }

    public let event: SIPEvent
    public private(set) var contentType: MediaType
    let settings: Settings
    private(set) var state: State
    private var delivery = Delivery.ready
    private var wanted: Notice.Content?
    private var expires: SIPInstant
    /// Changes wait until then; what is asked for does not.
    private var notBefore: SIPInstant
    private var version: UInt32 = 0

    /// Begins with `start`.
    /// - Parameter isPending: who subscribes may not be told yet.
    public init(
        _ terms: SubscriptionPolicy.Terms, isPending: Bool = false, settings: Settings = .init(), at now: SIPInstant
    ) {
        event = terms.event
        contentType = terms.contentType
        self.settings = settings
        state = isPending ? .pending : .active
        expires = now + terms.duration
        notBefore = now
    }

    /// The one that a REFER makes (RFC 3515 §2.4.4): `start` it after the 202, tell each step by `change`, and the last
    /// by `terminate(.noresource)`.
    /// - Parameters:
    ///   - isFirst: of this dialog; others are told apart by the number of their REFER (§2.4.6).
    ///   - duration: how long what is referred may take.
    public init(
        implicitFor refer: SIPRequest, isFirst: Bool, duration: Duration, settings: Settings = .init(),
        at now: SIPInstant
    ) {
        self.init(
            .init(
                event: SIPEvent("refer", id: isFirst ? nil : "\(refer.cseq.number)"), duration: duration,
                contentType: .sipFragment), settings: settings, at: now)
    }

    public var isOver: Bool { state == .over }

    /// How long it still lasts, for the Expires of a response to SUBSCRIBE.
    public func remaining(at now: SIPInstant) -> Duration { max(.zero, now.duration(to: expires)) }

    /// When `timer` must be handled, at the latest.
    public var deadline: SIPInstant? {
        guard state != .over else { return nil }
        switch delivery {
        case .ready: return wanted == nil ? expires : min(expires, notBefore)
        case .unanswered: return expires
        case .backingOff(let until): return min(expires, until)
        }
    }

    /// The first NOTIFY, which follows the response to the SUBSCRIBE at once (§4.2.1.2).
    public mutating func start(at now: SIPInstant) -> [Action] {
        remaining(at: now) == .zero ? end(.unsubscribed, reason: .timeout) : tell(.full, at: now)
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        guard state != .over else { return [] }
        switch event {
        case .refresh(let terms):
            contentType = terms.contentType
            expires = now + terms.duration
            if terms.duration == .zero { return end(.unsubscribed, reason: .timeout) }
            notBefore = now
            return tell(.full, at: now)
        case .change:
            return state == .active ? tell(.changes, at: now) : []
        case .grant:
            guard state == .pending else { return [] }
            state = .active
            notBefore = now
            return tell(.full, at: now)
        case .terminate(let reason, let retryAfter):
            return end(.terminated(reason), reason: reason, retryAfter: retryAfter)
        case .response(let response):
            return answered(response, at: now)
        case .unanswered:
            state = .over
            return [.ended(.failed(status: nil))]
        case .timer:
            return timer(at: now)
        }
    }

    private mutating func timer(at now: SIPInstant) -> [Action] {
        if now >= expires { return end(.expired, reason: .timeout) }
        if case .backingOff(let until) = delivery, now >= until { delivery = .ready }
        return deliver(at: now)
    }

    /// A 481 and whatever else does not say when to come again ends it (§4.2.2, RFC 5057).
    private mutating func answered(_ response: SIPResponse, at now: SIPInstant) -> [Action] {
        guard delivery == .unanswered, response.isFinal else { return [] }
        delivery = .ready
        if response.isSuccess { return deliver(at: now) }
        let text = response.headers[.retryAfter]?.prefix { $0.isASCII && $0.isNumber }
        guard response.status != 481, let seconds = text.flatMap({ String($0).decimal(atMost: 3600) }) else {
            state = .over
            return [.ended(.failed(status: response.status))]
        }
        // What was refused was not learnt: the next must not build on it.
        wanted = .full
        delivery = .backingOff(until: now + .seconds(max(1, seconds)))
        return []
    }

    // MARK: NOTIFY

    /// Joins what is to be told with what waits to be told.
    private mutating func tell(_ content: Notice.Content, at now: SIPInstant) -> [Action] {
        if wanted != .full { wanted = content }
        return deliver(at: now)
    }

    private mutating func deliver(at now: SIPInstant) -> [Action] {
        guard delivery == .ready, let content = wanted, now >= notBefore else { return [] }
        wanted = nil
        delivery = .unanswered
        notBefore = now + settings.pace
        let left = Duration.seconds(remaining(at: now).components.seconds)
        // Who is pending is told nothing but that (§4.2.1.2).
        let isActive = state == .active
        return [
            notice(SubscriptionState(isActive ? .active : .pending, expires: left), isActive ? content : .none)
        ]
    }

    /// The last NOTIFY has all there is to tell (of a REFER each must, RFC 3515 §2.4.5), and does not wait for the answer
    /// to the one before.
    private mutating func end(
        _ ending: Ending, reason: SubscriptionState.Reason, retryAfter: Duration? = nil
    ) -> [Action] {
        let isActive = state == .active
        state = .over
        let last = SubscriptionState(.terminated, reason: reason, retryAfter: retryAfter)
        return [notice(last, isActive ? .full : .none), .ended(ending)]
    }

    private mutating func notice(_ state: SubscriptionState, _ content: Notice.Content) -> Action {
        if content != .none { version &+= 1 }
        return .notify(
            Notice(state: state, event: event, contentType: contentType, content: content, version: version))
    }
}
