/// A REFER of this side's within a dialog, and what its receiver tells of it (RFC 3515 §2.4, RFC 4488, RFC 6665 §4.1).
/// Sans-IO: its owner sends the REFER, gives it the responses and the dialog's NOTIFYs of the event `refer`.
public struct OutgoingRefer: Sendable {
    public enum Event: Sendable {
        /// A final response to the REFER; one to a challenge that is answered does not count.
        case response(SIPResponse)
        /// The REFER got no response, or its dialog ended.
        case unanswered
        /// A NOTIFY that `claims`.
        case notify(SIPRequest)
        /// The deadline is reached.
        case timer
    }

    public enum Action: Sendable, Hashable {
        /// To the NOTIFY.
        case answer(SIPResponse)
        /// How far the referred request has come.
        case progress(SIPFragment)
        /// Nothing follows.
        case ended(Outcome)
    }

    public enum Outcome: Sendable, Hashable {
        /// The final status of what was referred.
        case finished(SIPFragment)
        /// The REFER itself was refused.
        case refused(SIPResponse)
        /// It was taken, and no more was to be learnt.
        case untold
        /// The receiver is gone.
        case unanswered
    }

    enum State: Sendable, Hashable {
        /// No response yet.
        case sent
        /// Taken: the next NOTIFY is due by then.
        case accepted(until: SIPInstant)
        case over
    }

    /// The subscription's name among those of its dialog (§2.4.6).
    public let sequence: UInt32
    private let timers: SIPTimers
    private(set) var state = State.sent
    private var last: SIPFragment?

    /// - Parameter refer: as it is sent for the last time, with credentials if need be.
    public init(_ refer: SIPRequest, timers: SIPTimers = .init()) {
        sequence = refer.cseq.number
        self.timers = timers
    }

    public var isOver: Bool { state == .over }

    /// When `timer` must be handled, at the latest.
    public var deadline: SIPInstant? {
        if case .accepted(let until) = state { until } else { nil }
    }

    /// Whether a NOTIFY of the dialog belongs to this REFER; one without `id` to the only one.
    public func claims(_ notify: SIPRequest) -> Bool {
        guard let event = try? notify.headers.event(), event.package == "refer" else { return false }
        return event.id == nil || event.id == "\(sequence)"
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch (state, event) {
        case (.over, .notify(let request)):
            return [.answer(request.response(481, tag: nil))]
        case (.over, _):
            return []
        case (_, .notify(let request)):
            return notified(request, at: now)
        case (.sent, .response(let response)):
            return answered(response, at: now)
        case (_, .unanswered):
            return end(.unanswered)
        case (.accepted(let until), .timer) where now >= until:
            return end(outcome)
        default:
            return []
        }
    }

    private mutating func answered(_ response: SIPResponse, at now: SIPInstant) -> [Action] {
        guard response.isFinal else { return [] }
        guard response.isSuccess else { return end(.refused(response)) }
        // Without a subscription there will be no NOTIFY (RFC 4488 §4).
        let wants = (try? response.headers.wantsReferSubscription()) ?? true
        guard wants else { return end(.untold) }
        // Timer N of RFC 6665 §4.1.2.4.
        state = .accepted(until: now + timers.giveUp)
        return []
    }

    private mutating func notified(_ request: SIPRequest, at now: SIPInstant) -> [Action] {
        let subscription: SubscriptionState
        let fragment: SIPFragment?
        do throws(SIPSyntaxError) {
            guard let found = try request.headers.subscriptionState() else {
                throw SIPSyntaxError("Subscription-State is missing")
            }
            subscription = found
            fragment = request.body.isEmpty ? nil : try SIPFragment(parsing: request.body)
        } catch {
            return [.answer(request.response(400, reason: error.reason, tag: nil))]
        }
        var actions = [Action.answer(request.response(200, tag: nil))]
        if let fragment, fragment != last {
            last = fragment
            actions.append(.progress(fragment))
        }
        // A final status needs no further word, though some forget to end the subscription after it.
        if subscription.value == .terminated || last?.isFinal == true { return actions + end(outcome) }
        state = .accepted(until: now + (subscription.expires ?? timers.giveUp))
        return actions
    }

    private var outcome: Outcome {
        if let last, last.isFinal { .finished(last) } else { .untold }
    }

    private mutating func end(_ outcome: Outcome) -> [Action] {
        state = .over
        return [.ended(outcome)]
    }
}
