import SIP

/// One datagram: the parser, everything that the stack reads out of a message, and the round trip.
enum SIPMessageTarget {
    /// What is written may be longer than what was read: a list becomes several fields, a broken octet three.
    private static let wide = {
        var limits = SIPParseLimits()
        limits.messageSize = 1 << 20
        limits.headerCount = 65_536
        limits.lineLength = 1 << 20
        return limits
    }()

    private static let agent = UserAgentCapabilities(
        methods: [.invite, .ack, .bye, .cancel, .options, .register, .message, .info, .update, .prack],
        extensions: ["timer", "100rel"], contentTypes: [.sdp, .mediaControl])

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        let message: SIPMessage
        do throws(SIPParseError) {
            message = try SIPMessage(parsing: octets)
        } catch {
            return try check(error)
        }
        let written = message.serialized()
        guard let again = try? SIPMessage(parsing: written, limits: wide) else {
            throw FuzzFinding(
                description: "what was written cannot be read: \(String(decoding: written, as: UTF8.self))")
        }
        try require(again == message, "the round trip changes the message")
        try require(try isOneFrame(written), "what was written is not one frame")
        switch message {
        case .request(let request): try check(request)
        case .response(let response): try check(response)
        }
    }

    /// A refusal is one message, whatever of the request it copies.
    private static func check(_ error: SIPParseError) throws(FuzzFinding) {
        try require((400..<700).contains(error.status) && !error.reason.isEmpty, "a refusal says nothing")
        guard let answer = error.response(tag: "t") else { return }
        try require(try isOneFrame(answer), "a refusal is not one frame")
        try require(answer.starts(with: "SIP/2.0 \(error.status) ".utf8), "a refusal has another status")
    }

    private static func isOneFrame(_ octets: [UInt8]) throws(FuzzFinding) -> Bool {
        var framer = StreamFramer(limits: wide)
        framer.append(octets)
        guard let frame = try? framer.next() else { return false }
        return frame == .message(octets) && !framer.isInsideMessage
    }

    private static func check(_ request: SIPRequest) throws(FuzzFinding) {
        try require(!request.vias.isEmpty && request.cseq.method == request.method, "a request without its core")
        try check(request.vias, [request.from, request.to], request.headers)
        try require(request.uri.isEquivalent(to: request.uri), "a Request-URI is not equivalent to itself")
        _ = request.maxForwards
        _ = request.sessionDescription
        if let type = request.contentType, let body = try? MultipartBody(parsing: request.body, type: type) {
            try require((1...16).contains(body.parts.count), "a multipart body of \(body.parts.count) parts")
        }
        _ = DialogID(incoming: request)
        var ringing = ReliableProvisional(request.response(183, tag: "b"), number: 1, at: .now)
        _ = ringing.acknowledge(request)
        let response = request.response(200, tag: "b")
        if var dialog = try? Dialog(answering: request, with: response, over: .tls) {
            _ = dialog.receive(request)
            let next = dialog.request(.bye)
            guard let parsed = try? SIPMessage(parsing: stamped(next).serialized(), limits: wide),
                case .request(let bye) = parsed
            else { throw FuzzFinding(description: "the dialog's request cannot be read") }
            try require(bye.uri == next.uri && bye.headers == next.headers, "the dialog's request changes")
        }
        for answer in [response, agent.refusal(of: request, tag: "b")].compactMap(\.self) {
            let parsed = try? SIPMessage(parsing: answer.serialized(), limits: wide)
            try require(parsed == .response(answer), "an answer does not survive its round trip")
        }
    }

    private static func check(_ response: SIPResponse) throws(FuzzFinding) {
        try require((100..<700).contains(response.status), "status \(response.status)")
        try check(response.vias, [response.from, response.to], response.headers)
        _ = DialogID(incoming: response)
        _ = DigestChallenge.choose(from: response)
        _ = (response.contact, response.contentType)
    }

    private static func check(
        _ vias: [Via], _ addresses: [NameAddress], _ headers: SIPHeaders
    ) throws(FuzzFinding) {
        for via in vias {
            try require((try? Via(parsing: via.description)) == via, "a Via changes: \(via)")
            _ = (via.branch, via.hasUniqueBranch, via.received, via.rport, via.sentBy)
        }
        var all = addresses
        for name in [SIPHeaderName.contact, .route, .recordRoute, .path] {
            all += (try? headers.addresses(name)) ?? []
        }
        for address in all {
            try require((try? NameAddress(parsing: address.description)) == address, "an address changes: \(address)")
            _ = (address.tag, address.uri.user, address.uri.host)
        }
        if let expires = try? headers.sessionExpires() {
            try require((try? SessionExpires(parsing: expires.description)) == expires, "Session-Expires changes")
        }
        _ = try? headers.minimumSessionInterval()
        _ = headers[.reason].flatMap { try? SIPReason(parsing: $0) }
        _ = (headers.list(.supported), headers.lists("timer", in: .require))
        for value in headers.values(.authorization) { _ = try? DigestCredentials(parsing: value) }
    }

    private static func stamped(_ request: SIPRequest) -> SIPRequest {
        var request = request
        request.vias = [Via(transport: .udp, host: "192.0.2.1", port: nil, branch: "z9hG4bKfuzz")]
        return request
    }
}
