import SIP

/// The transaction layer under a sequence of steps that the input chooses: messages that nearly fit together, responses,
/// cancels, lost flows, time.
enum TransactionTarget {
    private static let mostServers = 8
    private static let mostClients = 8
    private static let flows = [
        Flow(id: 1, transport: .udp, remoteHost: "192.0.2.7", remotePort: 49_152),
        Flow(id: 1, transport: .udp, remoteHost: "2001:db8::9", remotePort: 5060),
        Flow(id: 2, transport: .tcp, remoteHost: "192.0.2.7", remotePort: 49_153),
    ]
    private static let methods: [SIPMethod] = [.invite, .ack, .cancel, .bye, .options, .prack, .update, "ODD"]
    private static let statuses: [UInt16] = [100, 180, 183, 200, 202, 302, 401, 486, 487, 503, 600]
    private static let sentBy = SentBy(host: "2001:db8::1", port: 5060)

    static func run(_ octets: [UInt8]) throws(FuzzFinding) {
        var input = FuzzInput(octets)
        var run = Run()
        for _ in 0..<512 where !input.isEmpty { try run.step(&input) }
        try run.end()
    }

    private struct Run {
        var layer: TransactionLayer
        var now = ContinuousClock.now
        /// All that were ever reported, answered or not.
        var arrived: [(ServerTransactionID, SIPRequest)] = []
        var known: Set<ServerTransactionID> = []
        var sent: [SIPRequest] = []
        var clients: [ClientTransactionID] = []

        init() {
            var configuration = TransactionLayer.Configuration()
            configuration.maximumServerTransactions = mostServers
            configuration.maximumClientTransactions = mostClients
            let counter = Counter()
            layer = TransactionLayer(configuration: configuration, random: { counter.octets($0) })
        }

        mutating func step(_ input: inout FuzzInput) throws(FuzzFinding) {
            let step = input.byte()
            let flow = flows[Int(step >> 4) % flows.count]
            switch step & 0xF {
            case 0...4:
                if let request = TransactionTarget.request(&input) {
                    try take(layer.receive(.request(request), on: flow, at: now))
                }
            case 5, 6:
                if let request = pick(sent, input.byte()) {
                    try take(layer.receive(.response(response(to: request, &input)), on: flow, at: now))
                }
            case 7:
                let octets = input.octets(Int(input.byte()))
                try take(layer.receive(octets, on: flow, at: now))
            case 8:
                guard let request = TransactionTarget.request(&input) else { break }
                if let (id, actions) = try? layer.send(request, on: flow, sentBy: sentBy, at: now) {
                    clients.append(id)
                    try take(actions)
                } else {
                    try require(
                        layer.clientTransactionCount >= mostClients || request.method == .ack
                            || request.method == .cancel, "a request is turned down without need")
                }
            case 9:
                if let id = pick(clients, input.byte()) { try take(layer.cancel(id, at: now)) }
            case 10, 11, 12:
                if let (id, request) = pick(arrived, input.byte()) {
                    try take(layer.respond(response(to: request, &input), to: id, at: now))
                }
            case 13:
                try take(layer.transportFailed(flow, at: now))
            default:
                now += .milliseconds(Int(input.half()))
                try take(layer.advance(to: now))
                try require(layer.deadline.map { $0 > now } ?? true, "what is due was not done")
            }
            try require(layer.serverTransactionCount <= mostServers + mostServers / 4, "too many server transactions")
            // A CANCEL of the layer's own comes on top of its INVITE.
            try require(layer.clientTransactionCount <= mostClients * 2, "too many client transactions")
        }

        /// Everything is forgotten once every flow is lost and all timers have run.
        mutating func end() throws(FuzzFinding) {
            for flow in flows { try take(layer.transportFailed(flow, at: now)) }
            for (id, request) in arrived { try take(layer.respond(request.response(486, tag: "b"), to: id, at: now)) }
            var steps = 0
            while let due = layer.deadline {
                steps += 1
                try require(steps < 2_000, "the timers never end")
                try take(layer.advance(to: due))
            }
            try require(layer.serverTransactionCount == 0, "server transactions are left")
            try require(layer.clientTransactionCount == 0, "client transactions are left")
        }

        private mutating func take(_ actions: [TransactionAction]) throws(FuzzFinding) {
            for action in actions {
                switch action {
                case .send(let octets, _):
                    guard let message = try? SIPMessage(parsing: octets) else {
                        // A refusal copies what was malformed.
                        try require(
                            octets.starts(with: "SIP/2.0 4".utf8) || octets.starts(with: "SIP/2.0 5".utf8),
                            "what is sent cannot be read")
                        continue
                    }
                    if case .request(let request) = message { sent = [request] + sent.prefix(7) }
                case .report(.request(let id, let request, _)):
                    try require(known.insert(id).inserted, "a transaction is reported twice")
                    try require(request.method != .ack && request.method != .cancel, "\(request.method) is reported")
                    arrived.append((id, request))
                case .report(.cancel(let id, _)):
                    try require(known.contains(id) && layer.isPending(id), "a CANCEL of nothing")
                case .report(.timeout(.server(let id))), .report(.transportError(.server(let id))):
                    try require(known.contains(id), "an unknown transaction ends")
                case .report: break
                }
            }
        }

        private func pick<Element>(_ list: [Element], _ choice: UInt8) -> Element? {
            list.isEmpty ? nil : list[list.count - 1 - Int(choice) % min(list.count, 16)]
        }

        private func response(to request: SIPRequest, _ input: inout FuzzInput) -> SIPResponse {
            let choice = input.byte()
            return request.response(
                statuses[Int(choice & 0xF) % statuses.count], tag: choice & 0x80 == 0 ? "b" : "c")
        }
    }

    /// A request out of so few that they often are the same, or nearly.
    private static func request(_ input: inout FuzzInput) -> SIPRequest? {
        let choice = input.byte()
        let detail = input.byte()
        guard let uri = try? URI(parsing: "sip:giaoban@example.vn") else { return nil }
        var via = Via(
            transport: .udp, host: detail & 0x40 == 0 ? "pc33.example.vn" : "2001:db8::9", port: 5070,
            branch: "z9hG4bK\(choice >> 3 & 7)", requestsPort: detail & 1 == 0)
        if detail & 2 != 0 { via.parameters.remove("branch") }
        var from = NameAddress(uri)
        var to = NameAddress(uri)
        from.tag = detail & 4 == 0 ? "a" : nil
        to.tag = detail & 8 == 0 ? nil : "b"
        return SIPRequest(
            method: methods[Int(choice & 7)], uri: uri, vias: detail & 0x80 == 0 ? [via] : [via, via], from: from,
            to: to,
            callID: "call-\(choice >> 6)", sequence: UInt32(detail >> 4 & 3) + 1,
            headers: SIPHeaders([.init(.contact, "<sip:alice@192.0.2.7>"), .init(.route, "<sip:[2001:db8::2];lr>")]))
    }

    /// Octets that differ each time, the same in each run.
    private final class Counter: @unchecked Sendable {
        private var state: UInt64 = 1
        func octets(_ count: Int) -> [UInt8] {
            state &+= 1
            return (0..<count).map { UInt8(truncatingIfNeeded: state >> UInt64($0 % 8 * 8)) }
        }
    }
}
