/// A lasting relation with one peer (RFC 3261 §12). A value: keep it where the call is kept.
public struct Dialog: Sendable, Hashable {
    public enum State: Sendable, Hashable { case early, confirmed }

    public let id: DialogID
    public private(set) var state: State
    /// From of this side's requests, with its tag.
    public let local: NameAddress
    /// To of this side's requests, with the peer's tag.
    public let remote: NameAddress
    /// Where requests go in the end: the peer's last Contact.
    public private(set) var remoteTarget: URI
    /// The Route headers of requests, first hop first.
    public let routeSet: [NameAddress]
    /// The number of this side's last request; nil before the first.
    public private(set) var localSequence: UInt32?
    /// The number of the peer's last request; nil before the first.
    public private(set) var remoteSequence: UInt32?
    /// All hops must be secure (§12.1.1: came over TLS to a sips URI).
    public let isSecure: Bool

    /// The dialog that this side makes by its response (§12.1.1). Early for a provisional response, confirmed for a
    /// 2xx.
    /// - Throws: if the request has no Contact, or the response no To tag.
    public init(
        answering request: SIPRequest, with response: SIPResponse, over transport: SIPTransport
    ) throws(SIPSyntaxError) {
        guard let tag = response.to.tag else { throw SIPSyntaxError("the response has no To tag") }
        guard let contact = request.contact else { throw SIPSyntaxError("Contact is missing") }
        id = DialogID(callID: request.callID, localTag: tag, remoteTag: request.from.tag ?? "")
        state = response.isProvisional ? .early : .confirmed
        local = response.to
        remote = request.from
        remoteTarget = contact.uri
        routeSet = try request.headers.addresses(.recordRoute)
        localSequence = nil
        remoteSequence = request.cseq.number
        isSecure = transport.isSecure && request.uri.sip?.isSecure == true
    }

    /// The dialog that the peer's response to this side's request makes (§12.1.2).
    /// - Throws: if the response has no To tag, or no Contact.
    public init(
        from request: SIPRequest, answeredBy response: SIPResponse, over transport: SIPTransport
    ) throws(SIPSyntaxError) {
        guard let localTag = request.from.tag, let remoteTag = response.to.tag else {
            throw SIPSyntaxError("the response has no To tag")
        }
        guard let contact = response.contact else { throw SIPSyntaxError("Contact is missing") }
        id = DialogID(callID: request.callID, localTag: localTag, remoteTag: remoteTag)
        state = response.isProvisional ? .early : .confirmed
        local = request.from
        remote = response.to
        remoteTarget = contact.uri
        routeSet = try response.headers.addresses(.recordRoute).reversed()
        localSequence = request.cseq.number
        remoteSequence = nil
        isSecure = transport.isSecure && request.uri.sip?.isSecure == true
    }

    /// The early dialog that a 2xx to this side's INVITE confirms: route and target are the 2xx's, the numbers go on
    /// (§13.2.2.4).
    init(confirming early: Dialog, as confirmed: Dialog) {
        self = confirmed
        localSequence = early.localSequence ?? confirmed.localSequence
        remoteSequence = early.remoteSequence
    }

    /// A 2xx ended the early state.
    public mutating func confirm() { state = .confirmed }

    // MARK: Requests of the peer

    public enum Verdict: Sendable, Hashable {
        case inOrder
        /// Older than one that was seen: 500 (§12.2.2).
        case outOfOrder
    }

    /// Checks the order of a request from the peer, and takes its Contact as the new target where it is a target
    /// refresh. ACK and CANCEL carry the number of their INVITE and are always in order.
    public mutating func receive(_ request: SIPRequest) -> Verdict {
        guard request.method != .ack, request.method != .cancel else { return .inOrder }
        // The same number again can only be another request: a retransmission meets its transaction.
        if let last = remoteSequence, request.cseq.number <= last { return .outOfOrder }
        remoteSequence = request.cseq.number
        refreshTarget(request.method, request.contact)
        return .inOrder
    }

    /// Takes the Contact of the peer's 2xx to a re-INVITE or UPDATE as the new target (§12.2.1.2).
    public mutating func receive(_ response: SIPResponse) {
        if response.isSuccess { refreshTarget(response.cseq.method, response.contact) }
    }

    private mutating func refreshTarget(_ method: SIPMethod, _ contact: NameAddress?) {
        guard method == .invite || method == .update, let contact else { return }
        remoteTarget = contact.uri
    }

    // MARK: Requests of this side

    /// The next request of this side (§12.2.1.1), for `TransactionLayer.send`.
    /// - Parameter headers: Contact for INVITE and UPDATE, and whatever else the method wants.
    public mutating func request(_ method: SIPMethod, headers: SIPHeaders = .init(), body: [UInt8] = []) -> SIPRequest {
        let number = localSequence.map { ($0 + 1) & 0x7FFF_FFFF } ?? 1
        localSequence = number
        return build(method, number, headers, body)
    }

    /// The ACK of a 2xx to this side's INVITE (§13.2.2.4), for `TransactionLayer.acknowledge`.
    public func acknowledgement(of invite: CSeq, headers: SIPHeaders = .init(), body: [UInt8] = []) -> SIPRequest {
        build(.ack, invite.number, headers, body)
    }

    /// Request-URI and Route, for loose and, as the RFC 2543 had it, strict routers.
    private func build(_ method: SIPMethod, _ number: UInt32, _ headers: SIPHeaders, _ body: [UInt8]) -> SIPRequest {
        var uri = remoteTarget
        var routes = routeSet
        if let first = routeSet.first, case .sip(var strict) = first.uri, !strict.isLooseRouter {
            strict.headers = nil
            strict.parameters.remove("method")
            uri = .sip(strict)
            routes = Array(routeSet.dropFirst()) + [NameAddress(remoteTarget)]
        } else if case .sip(var target) = uri {
            target.headers = nil
            uri = .sip(target)
        }
        var all = SIPHeaders()
        for route in routes { all.add(.route, route.description) }
        all[.maxForwards] = "70"
        all.append(contentsOf: headers)
        return SIPRequest(
            method: method, uri: uri, from: local, to: remote, callID: id.callID, sequence: number, headers: all,
            body: body)
    }
}
