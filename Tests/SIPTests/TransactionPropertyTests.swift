import Testing

@testable import SIP

/// What holds for the transaction layer whatever comes.
struct TransactionPropertyTests {
    private let flows = [Samples.udp, Samples.tcp, Samples.tls]

    /// Whole requests and responses, hardly any of which fit together.
    private func randomMessage(_ random: inout SplitMix64, sent: [SIPRequest]) throws -> SIPMessage {
        if let request = sent.randomElement(using: &random), Bool.random(using: &random) {
            let status = [100, 180, 200, 302, 401, 486, 503].randomElement(using: &random) ?? 200
            return .response(request.response(UInt16(status), tag: "t\(Int.random(in: 0..<3, using: &random))"))
        }
        let methods: [SIPMethod] = [.invite, .ack, .cancel, .bye, .options, .info, "ODD"]
        let branch = "z9hG4bK\(Int.random(in: 0..<30, using: &random))"
        return .request(
            try Samples.request(
                methods.randomElement(using: &random) ?? .invite,
                branch: Int.random(in: 0..<8, using: &random) == 0 ? nil : branch,
                sequence: UInt32.random(in: 1...4, using: &random), toTag: Bool.random(using: &random) ? "b" : nil,
                callID: "call-\(Int.random(in: 0..<6, using: &random))"))
    }

    @Test(arguments: 0..<8)
    func itStaysWithinItsBoundsAndForgetsEverythingInTheEnd(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var configuration = TransactionLayer.Configuration()
        configuration.maximumServerTransactions = 16
        configuration.maximumClientTransactions = 16
        var layer = TransactionLayer(configuration: configuration, random: Samples.random)
        var now = Samples.epoch
        var open: [(ServerTransactionID, SIPRequest)] = []
        var sent: [SIPRequest] = []
        for _ in 0..<3_000 {
            now += .milliseconds(Int.random(in: 0..<400, using: &random))
            let flow = flows.randomElement(using: &random) ?? Samples.udp
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                open += layer.receive(try randomMessage(&random, sent: sent), on: flow, at: now).arrived
            case 5:
                let seeds = ParserPropertyTests.seeds
                let mutant = ParserPropertyTests.mutate(seeds[Int.random(in: 0..<seeds.count, using: &random)], &random)
                open += layer.receive(mutant, on: flow, at: now).arrived
            case 6:
                let method: SIPMethod = Bool.random(using: &random) ? .invite : .bye
                guard
                    let (id, actions) = try? layer.send(
                        try Samples.request(method, toTag: "b"), on: flow, sentBy: Samples.sentBy, at: now)
                else { continue }
                sent = actions.sentRequests + sent.prefix(20)
                if Bool.random(using: &random) { sent += layer.cancel(id, at: now).sentRequests }
            case 7 where Int.random(in: 0..<40, using: &random) == 0:
                _ = layer.transportFailed(flow, at: now)
            default:
                guard let index = open.indices.randomElement(using: &random) else { continue }
                let (id, request) = open[index]
                let status = [180, 200, 404, 486].randomElement(using: &random) ?? 200
                _ = layer.respond(request.response(UInt16(status), tag: "b"), to: id, at: now)
                if status >= 200 { open.remove(at: index) }
            }
            if let due = layer.deadline, due <= now {
                _ = layer.advance(to: now)
                #expect(layer.deadline.map { $0 > now } ?? true)
            }
            #expect(layer.serverTransactionCount <= 20)
            // A CANCEL of the layer's own comes on top of its INVITE.
            #expect(layer.clientTransactionCount <= 32)
        }
        for (id, request) in open { _ = layer.respond(request.response(486, tag: "b"), to: id, at: now) }
        for flow in flows { _ = layer.transportFailed(flow, at: now) }
        while let due = layer.deadline { _ = layer.advance(to: due) }
        #expect(layer.serverTransactionCount == 0 && layer.serverKeys.isEmpty && layer.mergeKeys.isEmpty)
        #expect(layer.clientTransactionCount == 0 && layer.clientKeys.isEmpty)
    }
}
