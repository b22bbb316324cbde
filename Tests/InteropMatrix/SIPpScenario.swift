import InteropSupport

/// A SIPp scenario, put together from what a caller does.
struct SIPpScenario {
    /// Where the call goes, and as whom.
    let point = Sitting.points[0]
    private var steps: [String] = []
    private var number = 0

    var xml: String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"causeway\">\n"
            + steps.joined(separator: "\n") + "\n</scenario>\n"
    }

    private mutating func send(
        _ method: String, _ more: String = "", number: Int? = nil, via: String? = nil, inDialog: Bool = true,
        retransmit: Bool = true, target: String = "[service]@", body: String = ""
    ) {
        let lines = [
            "\(method) sip:\(method == "REGISTER" ? "" : target)[remote_ip]:[remote_port] SIP/2.0",
            via ?? "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
            "From: <sip:\(point.id)@[local_ip]:[local_port]>;tag=[call_number]",
            "To: <sip:\(target)[remote_ip]:[remote_port]>\(inDialog ? "[peer_tag_param]" : "")", "Call-ID: [call_id]",
            "CSeq: \(number ?? self.number) \(method)",
            "Contact: <sip:\(point.id)@[local_ip]:[local_port];transport=[transport]>", "Max-Forwards: 70",
            "User-Agent: SIPp", "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO, OPTIONS, REFER, NOTIFY",
        ]
        let head = (lines + (more.isEmpty ? [] : [more]) + ["Content-Length: [len]"]).joined(separator: "\n")
        steps.append(
            "<send\(retransmit ? " retrans=\"500\"" : "")><![CDATA[\n\(head)\n\n\(body)\n]]></send>")
    }

    private mutating func expect(_ code: Int, _ attributes: String = "") {
        steps.append("<recv response=\"\(code)\" \(attributes)/>")
    }

    private mutating func provisional() {
        for code in [100, 180] { expect(code, "optional=\"true\"") }
    }

    /// Its sound: G.711 on SIPp's own port; `connection` and `port` as the old dialects of hold want them.
    static func description(
        _ types: [Int] = [8], direction: String = "sendrecv", connection: String = "[media_ip]",
        port: String = "[rtpstream_audio_port]", events: Int = 101
    ) -> String {
        let maps = types.map { "a=rtpmap:\($0) \($0 == 0 ? "PCMU" : "PCMA")/8000\n" }.joined()
        return """
            v=0
            o=- 1 1 IN IP4 [local_ip]
            s=-
            c=IN IP4 \(connection)
            t=0 0
            m=audio \(port) RTP/AVP \(types.map(String.init).joined(separator: " ")) \(events)
            \(maps)a=rtpmap:\(events) telephone-event/8000
            a=fmtp:\(events) 0-15
            a=\(direction)
            """
    }

    private static func sdp(_ body: String) -> String { body.isEmpty ? "" : "Content-Type: application/sdp" }

    private static func join(_ parts: String...) -> String { parts.filter { !$0.isEmpty }.joined(separator: "\n") }

    /// Dials, answers the challenge, and acknowledges; without a description where `body` is empty, with that of `late`
    /// in the ACK.
    mutating func invite(_ body: String, late: String = "", _ more: String = "") {
        number = 2
        let type = Self.sdp(body)
        send("INVITE", Self.join(more, type), number: 1, inDialog: false, body: body)
        expect(100, "optional=\"true\"")
        expect(401, "auth=\"true\"")
        send("ACK", number: 1, via: "[last_Via:]", retransmit: false)
        send("INVITE", Self.join("[authentication]", more, type), number: 2, inDialog: false, body: body)
        provisional()
        expect(200)
        send("ACK", Self.sdp(late), number: 2, retransmit: false, body: late)
    }

    /// A re-INVITE.
    mutating func offer(_ body: String) {
        number += 1
        send("INVITE", Self.sdp(body), body: body)
        provisional()
        expect(200)
        send("ACK", retransmit: false)
    }

    /// A request in the dialog with its answer.
    mutating func ask(_ method: String, _ more: String = "", body: String = "", answer: Int = 200) {
        number += 1
        send(method, more, body: body)
        expect(answer)
    }

    mutating func info(_ key: Character) {
        ask("INFO", "Content-Type: application/dtmf-relay", body: "Signal=\(key)\nDuration=160")
    }

    mutating func register() {
        send("REGISTER", "Expires: 60", number: 1, inDialog: false, target: point.id + "@")
        expect(401, "auth=\"true\"")
        send("REGISTER", "[authentication]\nExpires: 60", number: 2, inDialog: false, target: point.id + "@")
        expect(200)
    }

    /// OPTIONS out of the blue, with a password once it is asked for.
    mutating func options() {
        send("OPTIONS", number: 1, inDialog: false)
        expect(401, "auth=\"true\"")
        send("OPTIONS", "[authentication]", number: 2, inDialog: false)
        expect(200)
    }

    /// Plays a file of raw G.711 again and again from now on.
    mutating func play(_ path: String, type: Int = 8) {
        run("rtp_stream=\"\(path),-1,\(type),\(type == 0 ? "PCMU" : "PCMA")/8000\"")
    }

    mutating func pauseSound(_ isPaused: Bool) { run("rtp_stream=\"\(isPaused ? "pause" : "resume")\"") }
    mutating func press(_ key: Character) { run("play_dtmf=\"\(key)\"") }

    private mutating func run(_ command: String) {
        steps.append("<nop><action><exec \(command)/></action></nop>")
    }

    mutating func wait(_ milliseconds: Int) { steps.append("<pause milliseconds=\"\(milliseconds)\"/>") }

    /// Answers a request of the bridge's.
    mutating func answer(_ method: String) {
        steps.append("<recv request=\"\(method)\"/>")
        let head = [
            "SIP/2.0 200 OK", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]",
            "[last_Session-Expires:]", "Contact: <sip:\(point.id)@[local_ip]:[local_port];transport=[transport]>",
            "Content-Length: 0",
        ].joined(separator: "\n")
        steps.append("<send><![CDATA[\n\(head)\n\n]]></send>")
    }

    mutating func bye() { ask("BYE") }
}
