import Crypto
import SIP
import Testing

@testable import Signalling

/// A point that calls over UDP, with what it remembers of its call.
struct Caller {
    var core: UserAgentCore
    var now = SIPInstant.now
    var flow: Flow
    var sent: [SIPMessage] = []
    var events: [UserAgentAction] = []
    var branch = 0
    var callID = "c1@point"
    var toTag = ""
    /// Whom it says that it is.
    var from = "so1"

    init(
        flow: Flow = Flow(listener: 0, connection: 0, transport: .udp, remoteHost: "192.0.2.7", remotePort: 5070),
        trunk: TrunkAccount? = nil,
        _ change: (inout SignallingLimits) -> Void = { _ in }
    ) {
        self.flow = flow
        var limits = SignallingLimits()
        change(&limits)
        let generator = SeedBox()
        core = UserAgentCore(
            settings: .init(
                domain: "causeway.test", rings: true, limits: limits, registrar: .init(), sessionTimer: .init(),
                secret: { $0 == "so1" ? .password("bi-mat") : nil }, acceptsCertificate: { $0 == "so1" },
                redeem: { token in
                    switch token {
                    case "moi-giaoban": .granted(username: "so1", room: "giaoban")
                    case "qua-han": .expired
                    default: .invalid
                    }
                },
                trunk: trunk, random: { generator.octets($0) }),
            identity: Identity(
                product: "Causeway", addresses: [.init(transport: .udp, host: "192.0.2.1", port: 5060)]),
            epoch: now)
    }

    mutating func take(_ actions: [UserAgentAction]) {
        for action in actions {
            if case .send(let octets, _) = action, let message = try? SIPMessage(parsing: octets) {
                sent.append(message)
            } else {
                events.append(action)
            }
        }
    }

    mutating func say(
        _ method: String, _ number: Int, headers: String = "", body: String = "", tag: String? = nil,
        same: Bool = false, user: String = "giaoban", contact: String? = "<sip:so1@192.0.2.7:5070>",
        userAgent: String = "baresip test"
    ) {
        if !same { branch += 1 }
        let to = tag.map { ";tag=\($0)" } ?? ""
        let text = """
            \(method) sip:\(user)@192.0.2.1 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK\(branch);rport
            From: <sip:\(from)@causeway.test>;tag=f1
            To: <sip:\(user)@causeway.test>\(to)
            Call-ID: \(callID)
            CSeq: \(number) \(method)
            Max-Forwards: 70
            User-Agent: \(userAgent)
            \(contact.map { "Contact: \($0)\n" } ?? "")\(headers)Content-Length: \(body.replacing("\n", with: "\r\n").utf8.count)

            \(body)
            """
        let octets = Array(text.replacing("\n", with: "\r\n").utf8)
        take(core.receive(octets, on: flow, at: now))
    }

    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while let due = core.deadline, due <= end {
            now = max(now, due)
            take(core.advance(to: now))
        }
        now = end
        take(core.advance(to: now))
    }

    var responses: [SIPResponse] {
        sent.compactMap { if case .response(let response) = $0 { response } else { nil } }
    }
    var requests: [SIPRequest] {
        sent.compactMap { if case .request(let request) = $0 { request } else { nil } }
    }

    /// An answer to the newest challenge, in MD5.
    func authorization(
        _ method: String, password: String = "bi-mat", count: Int = 1, user: String = "giaoban", name: String = "so1"
    ) throws -> String {
        let challenge = try #require(responses.last { $0.status == 401 }?.headers[.wwwAuthenticate])
        let nonce = try #require(challenge.split(separator: "nonce=\"").last?.split(separator: "\"").first)
        func md5(_ text: String) -> String {
            Insecure.MD5.hash(data: Array(text.utf8)).map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
        }
        let uri = "sip:\(user)@192.0.2.1"
        let nc = "0000000\(count)"
        let response = md5(
            "\(md5("\(name):causeway.test:\(password)")):\(nonce):\(nc):abc:auth:\(md5("\(method):\(uri)"))")
        return
            "Authorization: Digest username=\"\(name)\", realm=\"causeway.test\", nonce=\"\(nonce)\", uri=\"\(uri)\", "
            + "response=\"\(response)\", algorithm=MD5, cnonce=\"abc\", qop=auth, nc=\(nc)\n"
    }

    /// INVITE, challenge, INVITE again; returns the call that arrived.
    mutating func call(headers: String = "") throws -> CallID {
        say("INVITE", 1, headers: "Content-Type: application/sdp\n", body: "v=0\n")
        say("ACK", 1, tag: responses.last?.to.tag, same: true)
        let authorization = try authorization("INVITE")
        say("INVITE", 2, headers: authorization + headers + "Content-Type: application/sdp\n", body: "v=0\n")
        let arrived = events.compactMap { if case .callArrived(let call, _, _) = $0 { call } else { nil } }
        return try #require(arrived.last).id
    }

    mutating func accept(_ id: CallID) throws {
        let isAccepted = core.accept(id, description: Array("v=0".utf8), at: now)
        try #require(isAccepted)
        take(core.takeActions())
    }

    /// A call that is up.
    mutating func callUp(headers: String = "") throws -> CallID {
        let id = try call(headers: headers)
        try accept(id)
        toTag = try #require(responses.last?.to.tag)
        say("ACK", 2, tag: toTag)
        return id
    }

    var ends: [CallEndReason] {
        events.compactMap { if case .callEnded(_, let reason) = $0 { reason } else { nil } }
    }
}

final class SeedBox: @unchecked Sendable {
    // Used by one core on one thread.
    private var state: UInt64 = 42
    func octets(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }
}
