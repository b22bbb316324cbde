/// Writes messages as they go on the wire.
enum SIPSerializer {
    /// What most messages need without their body.
    private static let usualHead = 768

    static func octets(of request: SIPRequest) -> [UInt8] {
        var writer = OctetWriter(capacity: usualHead + request.body.count)
        writer.line {
            $0.write(request.method.rawValue)
            $0.write(.space)
            $0.write(request.uri)
            $0.write(" SIP/2.0")
        }
        write(request.vias, request.from, request.to, request.callID, request.cseq, to: &writer)
        finish(&writer, request.headers, request.body)
        return writer.octets
    }

    static func octets(of response: SIPResponse) -> [UInt8] {
        var writer = OctetWriter(capacity: usualHead + response.body.count)
        writer.line {
            $0.write("SIP/2.0 ")
            $0.write(number: response.status)
            $0.write(.space)
            $0.write(response.reason)
        }
        write(response.vias, response.from, response.to, response.callID, response.cseq, to: &writer)
        finish(&writer, response.headers, response.body)
        return writer.octets
    }

    private static func write(
        _ vias: [Via], _ from: NameAddress, _ to: NameAddress, _ callID: String, _ cseq: CSeq,
        to writer: inout OctetWriter
    ) {
        for via in vias { header("Via: ", via, to: &writer) }
        header("From: ", from, to: &writer)
        header("To: ", to, to: &writer)
        writer.line {
            $0.write("Call-ID: ")
            $0.write(callID)
        }
        header("CSeq: ", cseq, to: &writer)
    }

    private static func header(_ name: String, _ value: some WireText, to writer: inout OctetWriter) {
        writer.line {
            $0.write(name)
            $0.write(value)
        }
    }

    private static func finish(_ writer: inout OctetWriter, _ headers: SIPHeaders, _ body: [UInt8]) {
        for field in headers.fields {
            writer.line {
                $0.write(field.name.description)
                $0.write(": ")
                $0.write(field.value)
            }
        }
        writer.write("Content-Length: ")
        writer.write(number: body.count)
        writer.write("\r\n\r\n")
        writer.write(body)
    }
}
