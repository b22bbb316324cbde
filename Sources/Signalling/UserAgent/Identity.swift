import SIP

/// What the bridge says of itself in responses and requests.
struct Identity: Sendable {
    /// A listener as peers see it.
    struct Address: Sendable, Equatable {
        var transport: SIPTransport
        var host: String
        var port: UInt16
    }

    /// What is taken by INFO (RFC 6086).
    static let infoPackages = [InfoHand.package, InfoLayout.package, InfoPanes.package]

    let capabilities: UserAgentCapabilities
    let product: String
    /// One for each listener, in the listeners' order.
    let addresses: [Address]
    private let allow: String
    private let supported: String

    init(product: String, addresses: [Address]) {
        self.product = product
        self.addresses = addresses
        capabilities = UserAgentCapabilities(
            methods: [
                .invite, .ack, .cancel, .bye, .options, .register, .update, .info, .prack, .message, .refer, .subscribe,
                .notify,
            ],
            extensions: ["timer", "100rel", "path", "outbound", "gruu", "replaces", "norefersub"],
            contentTypes: [.sdp] + ["mixed", "alternative", "related"].map { .init(type: "multipart", subtype: $0) },
            product: product)
        allow = capabilities.allow
        supported = capabilities.supported
    }

    private func address(on flow: Flow) -> Address? {
        addresses.indices.contains(flow.listener) ? addresses[flow.listener] : nil
    }

    func sentBy(on flow: Flow) -> SentBy {
        let address = address(on: flow)
        return SentBy(host: address?.host ?? "127.0.0.1", port: address?.port)
    }

    /// Where the peer of this flow reaches a room in a dialog (RFC 3261 §8.1.1.8, §12.1.1).
    func contact(for user: String, on flow: Flow, isSecure: Bool) -> NameAddress {
        let address = address(on: flow)
        var uri = SIPURI(
            user: user, host: address?.host ?? "127.0.0.1", port: address?.port, isSecure: isSecure)
        if flow.transport.isReliable, !isSecure { uri.parameters["transport"] = flow.transport.parameter }
        var contact = NameAddress(.sip(uri))
        // The bridge is the focus of the room's conference (RFC 4579 §5.2).
        contact.parameters.setFlag("isfocus")
        return contact
    }

    /// Whether a request to this host is meant for the bridge.
    func isOwn(_ host: String, domain: String) -> Bool {
        let host = host.lowercased()
        return host == domain.lowercased() || addresses.contains { $0.host.lowercased() == host }
    }

    /// The headers of a 2xx or 180 that makes or changes a dialog.
    func dialogHeaders(contact: NameAddress) -> SIPHeaders {
        SIPHeaders([
            .init(.contact, contact.description), .init(.allow, allow),
            .init(.allowEvents, UserAgentCore.subscriptionPolicy.allowEvents), .init(.supported, supported),
            .init(.recvInfo, Self.infoPackages.joined(separator: ", ")), .init(.server, product),
        ])
    }

    /// The refusal of a request that there is no time for: made without state, the same for its repetitions.
    func overload(_ request: SIPRequest, retryAfter: Duration) -> SIPResponse {
        let hash = Self.hash(of: request)
        let longest = UInt(clamping: max(1, retryAfter.components.seconds))
        // Points that all registered at once shall not all come again at once.
        let wait = request.method == .register ? 1 + hash % longest : longest
        let headers = SIPHeaders([.init(.retryAfter, "\(wait)"), .init(.server, product)])
        return request.response(503, tag: String(hash, radix: 36), headers: headers)
    }

    /// The To tag of an answer of which nothing is kept: the same for the request's repetitions (RFC 3261 §8.2.7).
    static func tagWithoutState(_ request: SIPRequest) -> String { String(hash(of: request), radix: 36) }

    private static func hash(of request: SIPRequest) -> UInt {
        var hasher = Hasher()
        hasher.combine(request.callID)
        hasher.combine(request.cseq)
        return UInt(bitPattern: hasher.finalize())
    }

    /// A refusal with its reason for people: the phrase in ASCII, as displays need it, and the whole in a Warning
    /// (RFC 3261 §20.43).
    func refusal(
        of request: SIPRequest, _ code: UInt16, _ reason: String?, tag: String, headers: SIPHeaders = .init()
    ) -> SIPResponse {
        var headers = headers
        headers[.server] = product
        guard let reason, !reason.isEmpty else { return request.response(code, tag: tag, headers: headers) }
        let host = addresses.first?.host ?? "causeway"
        let agent = host.contains(":") ? "[\(host)]" : host
        headers[.warning] = SIPWarning.value(code == 488 ? 304 : 399, agent: agent, reason)
        let isPlain = reason.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        return request.response(code, reason: isPlain ? reason : nil, tag: tag, headers: headers)
    }
}
