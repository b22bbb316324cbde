/// Reads one message (RFC 3261 §7, §18.3, §25). Strict in what frames and routes it, so that no two readers can
/// understand it differently; headers that nothing here depends on are kept as text, whatever they say.
struct SIPParser {
    /// A header as it stands in the message, without folds and surrounding white space: only what is kept becomes text.
    private struct Field {
        let name: SIPHeaderName
        let value: ArraySlice<UInt8>
    }

    private let octets: [UInt8]
    private let limits: SIPParseLimits
    private var position = 0
    private var fields: [Field] = []

    static func parse(_ octets: [UInt8], limits: SIPParseLimits) throws(SIPParseError) -> SIPMessage {
        var parser = SIPParser(octets: octets, limits: limits)
        return try parser.message()
    }

    /// What a refusal copies, from a head that is not a whole message.
    static func rejectable(inHead octets: [UInt8], limits: SIPParseLimits) -> RejectableRequest? {
        var parser = SIPParser(octets: octets, limits: limits)
        guard let startLine = try? parser.line(), !startLine.starts(with: "SIP/".utf8) else { return nil }
        try? parser.readFields()
        return parser.rejectable(String(octets: startLine.prefix { $0 != .space }))
    }

    private init(octets: [UInt8], limits: SIPParseLimits) {
        self.octets = octets
        self.limits = limits
    }

    private mutating func message() throws(SIPParseError) -> SIPMessage {
        while position + 1 < octets.count, octets[position] == .carriageReturn, octets[position + 1] == .lineFeed {
            position += 2
        }
        let startLine: ArraySlice<UInt8>
        do throws(SIPSyntaxError) { startLine = try line() } catch { throw SIPParseError(reason: error.reason) }
        let isResponse = startLine.starts(with: "SIP/".utf8)
        do throws(SIPSyntaxError) {
            try readFields()
            guard octets.count <= limits.messageSize else { throw SIPSyntaxError("message too large") }
            if isResponse { return .response(try response(startLine)) }
            return .request(try request(startLine))
        } catch {
            let status: UInt16 =
                if octets.count > limits.messageSize { 413 } else if hasForeignVersion(startLine) { 505 } else { 400 }
            let reason = status == 505 ? "SIP version not supported" : error.reason
            let method = String(octets: startLine.prefix { $0 != .space })
            throw SIPParseError(
                status: status, reason: reason, rejectable: isResponse ? nil : rejectable(method))
        }
    }

    // MARK: Lines

    /// The octets up to the next CRLF. A CR or LF alone ends nothing, and is an error.
    private mutating func line() throws(SIPSyntaxError) -> ArraySlice<UInt8> {
        let start = position
        while position < octets.count {
            let octet = octets[position]
            if octet == .carriageReturn {
                guard position + 1 < octets.count, octets[position + 1] == .lineFeed else {
                    throw SIPSyntaxError("a line ends in CR without LF")
                }
                position += 2
                return octets[start..<(position - 2)]
            }
            guard octet != .lineFeed else { throw SIPSyntaxError("a line ends in LF without CR") }
            guard position - start < limits.lineLength else { throw SIPSyntaxError("a line is too long") }
            position += 1
        }
        throw SIPSyntaxError("the message ends before its empty line")
    }

    /// Reads header fields, folds joined by one space, up to and with the empty line.
    private mutating func readFields() throws(SIPSyntaxError) {
        fields.reserveCapacity(16)
        var current: (name: SIPHeaderName, value: ArraySlice<UInt8>)?
        while true {
            let line = try line()
            if line.first?.isWhitespace == true {
                guard let (name, value) = current else { throw SIPSyntaxError("a fold follows no header") }
                let joined = value + [.space] + line.trimmed
                guard joined.count <= limits.lineLength else { throw SIPSyntaxError("a header is too long") }
                current = (name, joined)
                continue
            }
            if let (name, value) = current { fields.append(Field(name: name, value: value.trimmed)) }
            if line.isEmpty { return }
            guard fields.count < limits.headerCount else { throw SIPSyntaxError("too many headers") }
            guard let colon = line.firstIndex(of: .colon) else { throw SIPSyntaxError("a header has no colon") }
            let name = line[..<colon].trimmed
            guard name.isToken else { throw SIPSyntaxError("a header's name is malformed") }
            current = (SIPHeaderName(name), line[(colon + 1)...])
        }
    }

    // MARK: Start lines

    private func hasForeignVersion(_ startLine: ArraySlice<UInt8>) -> Bool {
        guard let last = startLine.split(separator: .space).last, last.starts(with: "SIP/".utf8) else { return false }
        let version = last.dropFirst(4)
        return version.contains(0x2E) && version.allSatisfy { $0.isDigit || $0 == 0x2E }
            && String(octets: version) != "2.0"
    }

    private func request(_ startLine: ArraySlice<UInt8>) throws(SIPSyntaxError) -> SIPRequest {
        let parts = startLine.split(separator: .space, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].allSatisfy(\.isToken), !parts[0].isEmpty else {
            throw SIPSyntaxError("the request line is malformed")
        }
        guard parts[2].equalsIgnoringCase("SIP/2.0".utf8) else {
            throw SIPSyntaxError("the request line's version is malformed")
        }
        let uri = try URI(parts[1])
        guard uri.sip?.headers == nil else { throw SIPSyntaxError("the Request-URI holds headers") }
        let core = try core()
        let method = SIPMethod(rawValue: String(octets: parts[0]))
        guard core.cseq.method == method else {
            throw SIPSyntaxError("CSeq names another method than the request line")
        }
        if let hops = core.others[.maxForwards], hops.decimal(atMost: 255) == nil {
            throw SIPSyntaxError("Max-Forwards is malformed")
        }
        _ = try core.others.contacts()
        _ = try core.others.addresses(.route)
        _ = try core.others.addresses(.recordRoute)
        var request = SIPRequest(
            method: method, uri: uri, vias: core.vias, from: core.from, to: core.to, callID: core.callID,
            sequence: core.cseq.number)
        request.headers = core.others
        request.body = core.body
        return request
    }

    private func response(_ startLine: ArraySlice<UInt8>) throws(SIPSyntaxError) -> SIPResponse {
        let parts = startLine.split(separator: .space, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].equalsIgnoringCase("SIP/2.0".utf8), parts[1].count == 3,
            let status = parts[1].decimal(atMost: 699), status >= 100
        else { throw SIPSyntaxError("the status line is malformed") }
        let core = try core()
        return SIPResponse(
            status: UInt16(status), reason: parts.count == 3 ? String(octets: parts[2]) : "", vias: core.vias,
            from: core.from, to: core.to, callID: core.callID, cseq: core.cseq, headers: core.others, body: core.body)
    }

    // MARK: What every message has

    private struct Core {
        var vias: [Via] = []
        var from: NameAddress
        var to: NameAddress
        var callID: String
        var cseq: CSeq
        var others: SIPHeaders
        var body: [UInt8]
    }

    private static func isTyped(_ name: SIPHeaderName) -> Bool {
        switch name.known {
        case .via, .from, .to, .callID, .cseq, .contentLength: true
        default: false
        }
    }

    private static func isSingular(_ name: SIPHeaderName) -> Bool {
        switch name.known {
        case .from, .to, .callID, .cseq, .maxForwards, .contentLength, .contentType: true
        default: false
        }
    }

    private func core() throws(SIPSyntaxError) -> Core {
        for index in fields.indices where Self.isSingular(fields[index].name) {
            let name = fields[index].name
            guard !fields[..<index].contains(where: { $0.name == name }) else {
                throw SIPSyntaxError("\(name) appears more than once")
            }
        }
        let vias = try vias()
        let from = try address(.from)
        let to = try address(.to)
        let callID = try value(.callID)
        guard callID.allSatisfy({ $0 > .space && $0 != 0x7F }) else {
            throw SIPSyntaxError("Call-ID is malformed")
        }
        let cseq = try CSeq(TextScanner(try value(.cseq)))
        return Core(
            vias: vias, from: from, to: to, callID: String(octets: callID), cseq: cseq, others: others,
            body: try body())
    }

    private var others: SIPHeaders {
        var others: [SIPHeaders.Field] = []
        others.reserveCapacity(fields.count)
        for field in fields where !Self.isTyped(field.name) {
            others.append(.init(field.name, String(octets: field.value)))
        }
        return SIPHeaders(others)
    }

    private func vias() throws(SIPSyntaxError) -> [Via] {
        var vias: [Via] = []
        for field in fields where field.name == .via {
            for element in TextScanner.commaSeparated(field.value) {
                let via = try Via(TextScanner(element))
                guard via.protocolName.equalsIgnoringCase("SIP"), via.protocolVersion == "2.0" else {
                    throw SIPSyntaxError("a Via is of another protocol")
                }
                vias.append(via)
            }
        }
        guard !vias.isEmpty else { throw SIPSyntaxError("Via is missing") }
        return vias
    }

    private func value(_ name: SIPHeaderName) throws(SIPSyntaxError) -> ArraySlice<UInt8> {
        guard let value = fields.first(where: { $0.name == name })?.value, !value.isEmpty else {
            throw SIPSyntaxError("\(name) is missing")
        }
        return value
    }

    private func address(_ name: SIPHeaderName) throws(SIPSyntaxError) -> NameAddress {
        let value = try value(name)
        do throws(SIPSyntaxError) {
            return try NameAddress(TextScanner(value))
        } catch {
            throw SIPSyntaxError("\(name): \(error.reason)")
        }
    }

    /// As many octets as Content-Length says; more are padding (RFC 3261 §18.3), fewer an error.
    private func body() throws(SIPSyntaxError) -> [UInt8] {
        let rest = octets[position...]
        guard let length = fields.first(where: { $0.name == .contentLength })?.value else { return Array(rest) }
        guard let count = length.decimal(atMost: UInt64(Int32.max)) else {
            throw SIPSyntaxError("Content-Length is malformed")
        }
        guard count <= UInt64(rest.count) else { throw SIPSyntaxError("the body is shorter than Content-Length says") }
        return Array(rest.prefix(Int(count)))
    }

    // MARK: What a refusal needs

    /// ACK is never answered. Of what an answer copies only Via must be there (RFC 4475 §3.3.1 asks for a 400 without
    /// the rest).
    private func rejectable(_ method: String) -> RejectableRequest? {
        func value(_ name: SIPHeaderName) -> String? {
            fields.first { $0.name == name && !$0.value.isEmpty }.map { String(octets: $0.value) }
        }
        let vias = fields.filter { $0.name == .via }.map { String(octets: $0.value) }
        guard method != "ACK", method.isToken, !vias.isEmpty else { return nil }
        return RejectableRequest(
            method: method, vias: vias, from: value(.from), to: value(.to), callID: value(.callID), cseq: value(.cseq))
    }
}
