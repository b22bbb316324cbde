import BenchSupport
import SDP
import SIP
import Signalling

/// Parsing, writing and negotiating, each alone.
enum Parts {
    private struct Unexpected: Error {}

    static func table(rounds: Int, repeats: Int) throws -> Table {
        var table = Table(name: "parts", title: "Its parts", columns: ["part", "µs", "heap requests", "octets"])
        func add(_ name: String, _ octets: Int, _ body: () throws -> Void) throws {
            var best: Gauge?
            for _ in 0..<rounds {
                var gauge = Gauge()
                try gauge.measure(times: repeats) { for _ in 0..<repeats { try body() } }
                best = Gauge.better(best, gauge)
            }
            table.rows.append([
                .text(name), .number(best?.microseconds ?? 0, decimals: 2),
                .number(best?.allocationsEach ?? 0, decimals: 1), .number(Double(octets), decimals: 0),
            ])
        }
        let samples = try Samples()
        for (name, octets) in samples.messages {
            try add("parse \(name)", octets.count) { _ = try SIPMessage(parsing: octets) }
        }
        let answer = samples.answer
        try add("write 200 with SDP", answer.serialized().count) { _ = answer.serialized() }
        for isRich in [false, true] {
            let name = isRich ? "a room system's offer" : "SIPp's offer"
            let offer = Array(CallTexts(number: 1, isRich: isRich).offer.utf8)
            try add("parse \(name)", offer.count) { _ = try SessionDescription(parsing: offer) }
            let description = try SessionDescription(parsing: offer)
            let negotiated = try Self.answer(description)
            try add("answer \(name)", 0) { _ = try Self.answer(description) }
            try add("write the answer to \(name)", negotiated.local.serialized.utf8.count) {
                _ = Array(negotiated.local.serialized.utf8)
            }
        }
        return table
    }

    private static func answer(_ offer: SessionDescription) throws -> Negotiated {
        var capabilities = MediaCapabilities()
        capabilities.allowsClear = true
        let local = LocalStream(address: "192.0.2.1", port: 40_000)
        return try OfferAnswer.answer(
            offer: offer, with: capabilities,
            local: LocalMedia(sessionID: 1, address: local.address, audio: local, video: local),
            makeKey: { [UInt8](repeating: 7, count: $0.keyAndSaltLength) })
    }

    /// One call's messages, as they go.
    private struct Samples {
        var messages: [(String, [UInt8])] = []
        var answer: SIPResponse

        init() throws {
            let now = SIPInstant.now
            let flow = Flow(id: 0, transport: .udp, remoteHost: "127.0.0.1", remotePort: 6060)
            var agent = UserAgentRehearsal(domain: CallTexts.domain, flow: flow, at: now) { _ in
                .password(CallTexts.password)
            }
            let texts = CallTexts(number: 1, isRich: false)
            func response(_ octets: [UInt8]?) throws -> SIPResponse {
                guard let octets, case .response(let response) = try SIPMessage(parsing: octets) else {
                    throw Unexpected()
                }
                return response
            }
            messages.append(("INVITE", texts.plainInvite))
            let refusal = try response(agent.receive(texts.plainInvite, at: now).last)
            let signed = texts.signedInvite(refusal)
            messages.append(("INVITE, signed", signed))
            let sent = agent.receive(signed, at: now).last
            answer = try response(sent)
            messages.append(("ACK", texts.secondAck(answer)))
            messages.append(("BYE", texts.bye(answer)))
            if let sent { messages.append(("200 with SDP", sent)) }
        }
    }
}
