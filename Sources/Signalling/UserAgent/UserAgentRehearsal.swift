import SDP
import SIP

/// The user agent core with its offers and answers and nothing else: no socket, clock, actor, meeting or leg. Calls that
/// arrive are let in at once. For benchmarks, which measure what signalling itself costs.
package struct UserAgentRehearsal {
    private static let local = LocalStream(address: "192.0.2.1", port: 40_000)
    private let capabilities = MediaCapabilities.bridge(suites: MediaCapabilities().suites, allowsClear: true)
    private let flow: Flow
    private var core: UserAgentCore
    private var output: [[UInt8]] = []

    /// - Parameter flow: where everything comes from.
    package init(
        domain: String, flow: Flow, at now: SIPInstant,
        secret: @escaping @Sendable (_ username: String) -> DigestSecret?
    ) {
        self.flow = flow
        var limits = SignallingLimits()
        limits.callsPerSecond = 1_000_000
        core = UserAgentCore(
            settings: .init(
                domain: domain, rings: true, limits: limits, registrar: .init(), sessionTimer: .init(),
                secret: secret, random: randomOctets),
            identity: Identity(
                product: "Causeway", addresses: [.init(transport: .udp, host: "192.0.2.1", port: 5060)]),
            epoch: now)
    }

    /// Calls that stand.
    package var calls: Int { core.calls.count }

    /// Takes one message in and returns what goes out for it.
    package mutating func receive(_ octets: [UInt8], at now: SIPInstant) -> [[UInt8]] {
        take(core.receive(octets, on: flow, at: now), at: now)
        defer { output.removeAll(keepingCapacity: true) }
        return output
    }

    /// Does what is due.
    package mutating func advance(to now: SIPInstant) {
        while let due = core.deadline, due <= now { take(core.advance(to: now), at: now) }
        output.removeAll(keepingCapacity: true)
    }

    private mutating func take(_ actions: [UserAgentAction], at now: SIPInstant) {
        for action in actions {
            switch action {
            case .send(let octets, _): output.append(octets)
            case .callArrived(let call, let offer, _):
                guard let offer, let description = try? answer(offer) else {
                    core.reject(call.id, 488, "", at: now)
                    continue
                }
                _ = core.accept(call.id, description: description, at: now)
                take(core.takeActions(), at: now)
            default: break
            }
        }
    }

    private func answer(_ offer: [UInt8]) throws -> [UInt8] {
        let negotiated = try OfferAnswer.answer(
            offer: SessionDescription(parsing: offer), with: capabilities,
            local: LocalMedia(sessionID: 1, address: Self.local.address, audio: Self.local, video: Self.local),
            makeKey: { randomOctets($0.keyAndSaltLength) })
        return Array(negotiated.local.serialized.utf8)
    }
}
