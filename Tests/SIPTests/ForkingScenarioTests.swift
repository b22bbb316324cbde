import Testing

@testable import SIP

/// A whole call out, with transactions on both sides and a network that loses datagrams.
struct ForkingScenarioTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func ofAForkThatIsAnsweredTwiceOneCallIsKeptWhateverIsLost(seed: UInt64) throws {
        // Every fourth network loses nothing, the others up to a quarter.
        let call = try ForkedCall(seed: seed, loss: Double(seed % 4) / 12)
        try call.run()
        #expect(call.answered == 1 && call.failures.isEmpty)
        #expect(call.phones.acknowledged == ["b", "c"], "each 2xx is acknowledged")
        #expect(call.phones.hungUp.count == 1, "and one of them hung up")
        #expect(call.phones.prackedTags == ["b", "c"])
        #expect(call.machine.isOver && call.caller.clientTransactionCount == 0)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func aCallThatIsCancelledLeavesNobodyInACall(seed: UInt64) throws {
        let call = try ForkedCall(seed: seed, loss: Double(seed % 4) / 12, cancelAfter: .milliseconds(200 * Int(seed)))
        try call.run()
        let kept = call.phones.acknowledged.subtracting(call.phones.hungUp)
        #expect(kept.count == call.answered)
        #expect(call.answered + call.failures.count == 1)
        #expect(call.machine.isOver && call.caller.clientTransactionCount == 0)
    }
}

/// The caller, two phones behind a proxy that forks, and the network between.
private final class ForkedCall {
    static let flow = Flow(id: 9, transport: .udp, remoteHost: "192.0.2.50", remotePort: 5060)

    private enum Side { case caller, phones }

    var machine: OutgoingInvite
    var caller = TransactionLayer(random: Samples.random)
    var phones = ForkedPhones()
    var answered = 0
    var failures: [OutgoingInvite.Failure] = []
    private var invite: ClientTransactionID?
    private var pracks: Set<ClientTransactionID> = []
    private var wire: [(due: SIPInstant, to: Side, octets: [UInt8])] = []
    private var random: SplitMix64
    private let loss: Double
    private var cancelAt: SIPInstant?
    private var now = Samples.epoch

    init(seed: UInt64, loss: Double, cancelAfter: Duration? = nil) throws {
        machine = try OutgoingCall().machine
        random = SplitMix64(seed: seed)
        self.loss = loss
        cancelAt = cancelAfter.map { Samples.epoch + $0 }
    }

    /// Until nothing is left to happen.
    func run() throws {
        perform(machine.handle(.start, at: now))
        for _ in 0..<10_000 {
            let due = [
                wire.map(\.due).min(), caller.deadline, machine.deadline, phones.deadline, cancelAt,
            ].compactMap { $0 }.min()
            guard let due else { return }
            now = max(now, due)
            try step()
        }
        Issue.record("it does not end")
    }

    private func step() throws {
        if let cancelAt, cancelAt <= now {
            self.cancelAt = nil
            perform(machine.handle(.cancel, at: now))
        }
        while let index = wire.firstIndex(where: { $0.due <= now }) {
            let datagram = wire.remove(at: index)
            switch datagram.to {
            case .caller: carry(caller.receive(datagram.octets, on: Self.flow, at: now))
            case .phones: put(phones.receive(datagram.octets, at: now), to: .caller)
            }
        }
        put(phones.advance(to: now), to: .caller)
        carry(caller.advance(to: now))
        if let due = machine.deadline, due <= now { perform(machine.handle(.timer, at: now)) }
    }

    private func put(_ datagrams: [[UInt8]], to side: Side) {
        for octets in datagrams where Double.random(in: 0..<1, using: &random) >= loss {
            wire.append((now + .milliseconds(Int.random(in: 5..<60, using: &random)), side, octets))
        }
    }

    private func carry(_ actions: [TransactionAction]) {
        for action in actions {
            switch action {
            case .send(let octets, _): put([octets], to: .phones)
            case .report(.response(let id, let response, let flow)) where id == invite:
                perform(machine.handle(.response(response, over: flow.transport), at: now))
            case .report(.response(let id, let response, _)) where pracks.contains(id):
                perform(machine.handle(.prackResponse(response), at: now))
            case .report(.timeout(.client(let id))) where id == invite:
                perform(machine.handle(.unanswered, at: now))
            case .report: break
            }
        }
    }

    private func perform(_ actions: [OutgoingInvite.Action]) {
        for action in actions {
            switch action {
            case .send(_, to: .nextServer): perform(machine.handle(.noServer, at: now))
            case .send(let request, _): invite = send(request)
            case .prack(let request, _): if let id = send(request) { pracks.insert(id) }
            case .hangUp(let request, _): _ = send(request)
            case .acknowledge(let request, _):
                carry([caller.acknowledge(request, on: Self.flow, sentBy: Samples.sentBy)])
            case .cancel: if let invite { carry(caller.cancel(invite, at: now)) }
            case .answered: answered += 1
            case .ended(let failure): failures.append(failure)
            case .progress, .offer: break
            }
        }
    }

    private func send(_ request: SIPRequest) -> ClientTransactionID? {
        guard let sent = try? caller.send(request, on: Self.flow, sentBy: Samples.sentBy, at: now) else { return nil }
        carry(sent.actions)
        return sent.id
    }
}

/// Two phones that ring reliably and are both picked up a second later.
private struct ForkedPhones {
    private var layer = TransactionLayer(random: Samples.random)
    private var invite: (id: ServerTransactionID, request: SIPRequest)?
    private var ringing: [String: ReliableProvisional] = [:]
    private var accepted: [String: AcceptedInvite] = [:]
    private var pickUpAt: SIPInstant?
    private(set) var acknowledged: Set<String> = []
    private(set) var hungUp: Set<String> = []
    private(set) var prackedTags: Set<String> = []

    var deadline: SIPInstant? {
        let timers = ringing.values.map(\.deadline) + accepted.values.map(\.deadline)
        return (timers + [layer.deadline, pickUpAt]).compactMap { $0 }.min()
    }

    mutating func receive(_ octets: [UInt8], at now: SIPInstant) -> [[UInt8]] {
        let flow = Flow(id: 1, transport: .udp, remoteHost: "192.0.2.1", remotePort: 5060)
        return carry(layer.receive(octets, on: flow, at: now), at: now)
    }

    mutating func advance(to now: SIPInstant) -> [[UInt8]] {
        var sent = carry(layer.advance(to: now), at: now)
        if let pickUpAt, pickUpAt <= now { sent += pickUp(at: now) }
        for tag in ["b", "c"] {
            for case .send(let response) in ringing[tag]?.advance(to: now) ?? [] { sent += respond(response, at: now) }
            for case .send(let response) in accepted[tag]?.handle(.timer, at: now) ?? [] {
                sent += respond(response, at: now)
            }
        }
        return sent
    }

    private mutating func carry(_ actions: [TransactionAction], at now: SIPInstant) -> [[UInt8]] {
        var sent: [[UInt8]] = []
        for action in actions {
            switch action {
            case .send(let octets, _): sent.append(octets)
            case .report(.request(let id, let request, _)): sent += handle(request, id, at: now)
            case .report(.ack(let request, _)):
                let tag = request.to.tag ?? ""
                if !(accepted[tag]?.handle(.ack(request), at: now) ?? []).isEmpty { acknowledged.insert(tag) }
            case .report(.cancel(of: let id, _)): sent += cancelled(id, at: now)
            case .report: break
            }
        }
        return sent
    }

    private mutating func handle(_ request: SIPRequest, _ id: ServerTransactionID, at now: SIPInstant) -> [[UInt8]] {
        let tag = request.to.tag ?? ""
        switch request.method {
        case .invite:
            invite = (id, request)
            pickUpAt = now + .seconds(1)
            var sent: [[UInt8]] = []
            for tag in ["b", "c"] {
                let provisional = ReliableProvisional(response(180, tag, to: request), number: 1, at: now)
                ringing[tag] = provisional
                sent += respond(provisional.response, at: now)
            }
            return sent
        case .prack:
            if ringing[tag]?.acknowledge(request) == true { prackedTags.insert(tag) }
        case .bye: hungUp.insert(tag)
        default: break
        }
        return carry(layer.respond(request.response(200, tag: nil), to: id, at: now), at: now)
    }

    private mutating func pickUp(at now: SIPInstant) -> [[UInt8]] {
        // A 2xx waits for the PRACK (RFC 3262 §3).
        guard prackedTags.count == 2, let invite else {
            pickUpAt = now + .seconds(1)
            return []
        }
        pickUpAt = nil
        var sent: [[UInt8]] = []
        for tag in ["b", "c"] {
            let ok = response(200, tag, to: invite.request)
            accepted[tag] = AcceptedInvite(ok, at: now)
            sent += respond(ok, at: now)
        }
        return sent
    }

    private mutating func cancelled(_ id: ServerTransactionID, at now: SIPInstant) -> [[UInt8]] {
        guard pickUpAt != nil, let invite, invite.id == id else { return [] }
        pickUpAt = nil
        ringing = [:]
        return carry(layer.respond(invite.request.response(487, tag: "b"), to: id, at: now), at: now)
    }

    private func response(_ status: UInt16, _ tag: String, to request: SIPRequest) -> SIPResponse {
        request.response(status, tag: tag, headers: SIPHeaders([.init(.contact, "<sip:phone-\(tag)@192.0.2.50>")]))
    }

    private mutating func respond(_ response: SIPResponse, at now: SIPInstant) -> [[UInt8]] {
        guard let invite else { return [] }
        return carry(layer.respond(response, to: invite.id, at: now), at: now)
    }
}
