/// Writes messages as they go on the wire. Nothing in a value can start a new header: line ends in it become spaces.
enum SIPSerializer {
    static func octets(of request: SIPRequest) -> [UInt8] {
        var text = "\(singleLine(request.method.rawValue)) \(singleLine(request.uri.description)) SIP/2.0\r\n"
        appendCore(&text, request.vias, request.from, request.to, request.callID, request.cseq)
        return finish(text, request.headers, request.body)
    }

    static func octets(of response: SIPResponse) -> [UInt8] {
        var text = "SIP/2.0 \(response.status) \(singleLine(response.reason))\r\n"
        appendCore(&text, response.vias, response.from, response.to, response.callID, response.cseq)
        return finish(text, response.headers, response.body)
    }

    static func singleLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == .carriageReturn || $0 == .lineFeed }) else { return text }
        return String(octets: text.utf8.map { $0 == .carriageReturn || $0 == .lineFeed ? .space : $0 })
    }

    private static func appendCore(
        _ text: inout String, _ vias: [Via], _ from: NameAddress, _ to: NameAddress, _ callID: String, _ cseq: CSeq
    ) {
        for via in vias { text += "Via: \(singleLine(via.description))\r\n" }
        text += "From: \(singleLine(from.description))\r\nTo: \(singleLine(to.description))\r\n"
        text += "Call-ID: \(singleLine(callID))\r\nCSeq: \(singleLine(cseq.description))\r\n"
    }

    private static func finish(_ head: String, _ headers: SIPHeaders, _ body: [UInt8]) -> [UInt8] {
        var text = head
        for field in headers.fields { text += "\(field.name): \(singleLine(field.value))\r\n" }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return Array(text.utf8) + body
    }
}
