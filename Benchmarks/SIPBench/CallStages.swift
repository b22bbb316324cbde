import BenchSupport
import SIP
import Signalling

/// Whole calls through the user agent core, its time going on by a hundredth of a second each, so that transactions run
/// out as they do under load.
struct CallStages {
    private struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    private enum Stage: String, CaseIterable {
        case challenge = "INVITE → 401"
        case refused = "ACK of it"
        case enter = "INVITE, signed → 200"
        case acknowledged = "ACK"
        case leave = "BYE → 200"
        case timers = "timers"
    }

    static func table(calls: Int, rounds: Int) throws -> Table {
        var table = Table(
            name: "call", title: "A call through the user agent core", columns: ["message", "µs", "heap requests"])
        Gauge.open()
        for isRich in [false, true] {
            var best: [Stage: Gauge] = [:]
            for _ in 0..<rounds {
                let gauges = try run(calls, isRich: isRich)
                best.merge(gauges) { Gauge.better($0, $1) }
            }
            let name = isRich ? "offer of a room system: " : ""
            for stage in Stage.allCases { table.rows.append(row(name + stage.rawValue, best[stage])) }
            let whole = Stage.allCases.compactMap { best[$0] }
            table.rows.append([
                .text(name + "the whole call"), .number(whole.reduce(0) { $0 + $1.microseconds }, decimals: 1),
                .number(whole.reduce(0) { $0 + $1.allocationsEach }, decimals: 1),
            ])
        }
        return table
    }

    private static func row(_ name: String, _ gauge: Gauge?) -> [Table.Cell] {
        [
            .text(name), .number(gauge?.microseconds ?? 0, decimals: 1),
            .number(gauge?.allocationsEach ?? 0, decimals: 1),
        ]
    }

    private static func run(_ calls: Int, isRich: Bool) throws -> [Stage: Gauge] {
        var now = SIPInstant.now
        let flow = Flow(id: 0, transport: .udp, remoteHost: "127.0.0.1", remotePort: 6060)
        var agent = UserAgentRehearsal(domain: CallTexts.domain, flow: flow, at: now) {
            $0 == CallTexts.user ? .password(CallTexts.password) : nil
        }
        var gauges: [Stage: Gauge] = [:]
        func pass(_ stage: Stage, _ octets: [UInt8], expecting statuses: [UInt16]) throws -> SIPResponse? {
            let sent = gauges[stage, default: Gauge()].measure { agent.receive(octets, at: now) }
            let answers = try sent.compactMap { octets -> SIPResponse? in
                guard case .response(let response) = try SIPMessage(parsing: octets) else { return nil }
                return response
            }
            guard answers.map(\.status) == statuses else {
                throw Unexpected(description: "\(stage.rawValue): \(answers.map(\.status))")
            }
            return answers.last
        }
        for number in 1...calls {
            let texts = CallTexts(number: number, isRich: isRich)
            guard let refusal = try pass(.challenge, texts.plainInvite, expecting: [401]) else { continue }
            _ = try pass(.refused, texts.firstAck(refusal), expecting: [])
            guard let answer = try pass(.enter, texts.signedInvite(refusal), expecting: [200]) else { continue }
            _ = try pass(.acknowledged, texts.secondAck(answer), expecting: [])
            _ = try pass(.leave, texts.bye(answer), expecting: [200])
            now += .milliseconds(10)
            gauges[.timers, default: Gauge()].measure { agent.advance(to: now) }
        }
        guard agent.calls == 0 else { throw Unexpected(description: "\(agent.calls) calls stand") }
        return gauges
    }
}
