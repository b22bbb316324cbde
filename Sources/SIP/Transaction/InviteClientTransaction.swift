/// An INVITE as its sender sees it (RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2).
public struct InviteClientTransaction: Sendable {
    public enum State: Sendable, Hashable {
        /// Timer A is `retransmit` (nil over a reliable transport), timer B `giveUp`.
        case calling(retransmit: SIPInstant?, interval: Duration, giveUp: SIPInstant)
        case proceeding
        /// A 2xx came: further ones, also of other branches of a fork, are delivered. Timer M.
        case accepted(until: SIPInstant)
        /// A 300–699 came: its retransmissions are acknowledged. Timer D.
        case completed(until: SIPInstant, ack: [UInt8])
        case terminated
    }

    public enum Event: Sendable {
        case response(SIPResponse)
        /// The deadline is reached.
        case timer
        case transportFailed
    }

    public enum Action: Sendable, Hashable {
        case send([UInt8])
        case deliver(SIPResponse)
        case timedOut
        case transportFailed
    }

    public private(set) var state: State
    private let request: SIPRequest
    private let octets: [UInt8]
    private let timers: SIPTimers
    private let isReliable: Bool

    /// Sends the request: `octets` must go out now.
    public init(sending request: SIPRequest, octets: [UInt8], isReliable: Bool, timers: SIPTimers, at now: SIPInstant) {
        self.request = request
        self.octets = octets
        self.timers = timers
        self.isReliable = isReliable
        state = .calling(
            retransmit: isReliable ? nil : now + timers.t1, interval: timers.t1, giveUp: now + timers.giveUp)
    }

    public var deadline: SIPInstant? {
        switch state {
        case .calling(let retransmit, _, let giveUp): min(retransmit ?? giveUp, giveUp)
        case .proceeding, .terminated: nil
        case .accepted(let until), .completed(let until, _): until
        }
    }

    public mutating func handle(_ event: Event, at now: SIPInstant) -> [Action] {
        switch (state, event) {
        case (.terminated, _):
            return []
        case (.calling(let retransmit, let interval, let giveUp), .timer):
            if now >= giveUp {
                state = .terminated
                return [.timedOut]
            }
            guard let retransmit, now >= retransmit else { return [] }
            state = .calling(retransmit: now + interval * 2, interval: interval * 2, giveUp: giveUp)
            return [.send(octets)]
        case (.proceeding, .timer):
            return []
        case (.accepted(let until), .timer), (.completed(let until, _), .timer):
            if now >= until { state = .terminated }
            return []
        case (.completed, .transportFailed), (.calling, .transportFailed), (.proceeding, .transportFailed):
            state = .terminated
            return [.transportFailed]
        case (.accepted, .transportFailed):
            return []
        case (.calling, .response(let response)), (.proceeding, .response(let response)):
            return first(response, at: now)
        case (.accepted, .response(let response)):
            return response.isSuccess ? [.deliver(response)] : []
        case (.completed(_, let ack), .response(let response)):
            return response.status >= 300 ? [.send(ack)] : []
        }
    }

    private mutating func first(_ response: SIPResponse, at now: SIPInstant) -> [Action] {
        if response.isProvisional {
            state = .proceeding
            return [.deliver(response)]
        }
        if response.isSuccess {
            state = .accepted(until: now + timers.giveUp)
            return [.deliver(response)]
        }
        let ack = acknowledgement(of: response).serialized()
        state = isReliable ? .terminated : .completed(until: now + timers.absorb, ack: ack)
        return [.send(ack), .deliver(response)]
    }

    /// The ACK of a 300–699, which belongs to the transaction (§17.1.1.3).
    private func acknowledgement(of response: SIPResponse) -> SIPRequest {
        var headers = SIPHeaders(request.headers.fields.filter { $0.name == .route })
        headers[.maxForwards] = "70"
        return SIPRequest(
            method: .ack, uri: request.uri, vias: Array(request.vias.prefix(1)), from: request.from, to: response.to,
            callID: request.callID, sequence: request.cseq.number, headers: headers)
    }
}
