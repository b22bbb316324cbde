import SIP

/// Messages and addresses that the tests start from.
enum Samples {
    static let epoch = ContinuousClock.now
    static func after(_ duration: Duration) -> SIPInstant { epoch + duration }

    static let udp = Flow(id: 1, transport: .udp, remoteHost: "192.0.2.7", remotePort: 49_152)
    static let tcp = Flow(id: 2, transport: .tcp, remoteHost: "192.0.2.7", remotePort: 49_153)
    static let tls = Flow(id: 3, transport: .tls, remoteHost: "192.0.2.7", remotePort: 49_154)
    static let sentBy = SentBy(host: "bridge.example.vn", port: 5060)

    /// Unguessable only to whoever has not read this.
    static let random: @Sendable (Int) -> [UInt8] = { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }

    static func uri(_ text: String) throws -> URI { try URI(parsing: text) }

    static func request(
        _ method: SIPMethod = .invite, branch: String? = "z9hG4bK77ef4c2312983.1", sequence: UInt32 = 1,
        toTag: String? = nil, fromTag: String? = "1928301774", callID: String = "a84b4c76e66710",
        headers: SIPHeaders = .init([.init(.contact, "<sip:alice@192.0.2.7:49152>"), .init(.maxForwards, "70")]),
        rport: Bool = true, body: [UInt8] = []
    ) throws -> SIPRequest {
        var via = Via(transport: .udp, host: "pc33.example.vn", port: 5070, branch: branch ?? "", requestsPort: rport)
        if branch == nil { via.parameters.remove("branch") }
        var from = NameAddress(try uri("sip:alice@example.vn"), displayName: "Alice")
        var to = NameAddress(try uri("sip:giaoban@example.vn"))
        from.tag = fromTag
        to.tag = toTag
        return SIPRequest(
            method: method, uri: try uri("sip:giaoban@example.vn"), vias: [via], from: from, to: to, callID: callID,
            sequence: sequence, headers: headers, body: body)
    }

    static func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

    static func message(_ lines: String...) -> [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) }
}

extension [TransactionAction] {
    /// The messages that are to be sent, parsed.
    var sent: [SIPMessage] {
        compactMap { action in
            guard case .send(let octets, _) = action else { return nil }
            return try? SIPMessage(parsing: octets)
        }
    }
    var sentRequests: [SIPRequest] { sent.compactMap { if case .request(let request) = $0 { request } else { nil } } }
    var sentResponses: [SIPResponse] {
        sent.compactMap { if case .response(let response) = $0 { response } else { nil } }
    }
    var sentFlows: [Flow] { compactMap { if case .send(_, let flow) = $0 { flow } else { nil } } }
    var events: [TransactionEvent] { compactMap { if case .report(let event) = $0 { event } else { nil } } }
    var arrived: [(ServerTransactionID, SIPRequest)] {
        events.compactMap { if case .request(let id, let request, _) = $0 { (id, request) } else { nil } }
    }
    var responses: [SIPResponse] {
        events.compactMap { if case .response(_, let response, _) = $0 { response } else { nil } }
    }
}
