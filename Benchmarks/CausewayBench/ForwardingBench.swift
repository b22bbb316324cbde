import SRTP

/// Cost, highest loss-free rate and latency of forwarding, for each shape and each kind of encryption.
struct ForwardingBench {
    struct Shape {
        let name: String
        let rooms: Int
        let viewers: Int

        /// Delivered packets a second at 25 frames a second of each source.
        var nominalRate: Double { Double(rooms * viewers * VideoPacket.burst * VideoPacket.framesPerSecond) }
    }

    static let shapes = [
        Shape(name: "50 pairs", rooms: 50, viewers: 1), Shape(name: "10 rooms 1→20", rooms: 10, viewers: 20),
    ]
    static let suites: [SRTPSuite?] = [nil, .aes128CMSHA1_80, .aeadAES128GCM]

    let isQuick: Bool
    let engine: SRTPEngine
    let bridge: SRTPEngineChoice

    static let columns = [
        "shape", "security", "at packets/s", "CPU ns/packet", "lost", "allocations/1,000", "checked", "loss-free/s",
        "limit", "at half: packets/s", "CPU ns/packet there", "p50 µs", "p99 µs", "p99.9 µs",
    ]

    static func name(of suite: SRTPSuite?) -> String { suite?.sdesName ?? "RTP in the clear" }

    func row(_ shape: Shape, _ suite: SRTPSuite?) async throws -> [Table.Cell] {
        let load = try await ForwardingLoad(rooms: shape.rooms, viewers: shape.viewers, suite, engine, bridge)
        _ = try load.run(packetsPerSecond: shape.nominalRate, seconds: 0.3)
        let cost = try load.run(packetsPerSecond: shape.nominalRate, seconds: isQuick ? 0.8 : 3)
        let limit = try Self.highest(load, nanosecondsPerPacket: cost.nanosecondsPerPacket, isQuick: isQuick)
        try load.prime()
        let timed = try load.run(
            packetsPerSecond: limit.rate / 2, seconds: isQuick ? 0.8 : 3, timesArrivals: true)
        func percentile(_ share: Double) -> Table.Cell {
            guard !timed.latencies.isEmpty else { return .text("-") }
            let index = min(timed.latencies.count - 1, Int(Double(timed.latencies.count) * share))
            return .number(Double(timed.latencies[index]) / 1_000, decimals: 0)
        }
        return [
            .text(shape.name), .text(Self.name(of: suite)),
            .number(cost.packetsPerSecond, decimals: 0), .number(cost.nanosecondsPerPacket, decimals: 0),
            .number(Double(cost.lost), decimals: 0),
            .number(Double(cost.allocations) * 1_000 / Double(max(1, cost.delivered)), decimals: 2),
            .number(Double(cost.checked), decimals: 0), .number(limit.rate, decimals: 0), .text(limit.reason),
            .number(timed.packetsPerSecond, decimals: 0), .number(timed.nanosecondsPerPacket, decimals: 0),
            percentile(0.5), percentile(0.99), percentile(0.999),
        ]
    }

    /// The highest rate at which nothing was lost, and what stood in the way of more.
    struct Limit {
        var rate: Double
        var reason: String
    }

    /// Bisects below thrice what the cost at the nominal rate promises; a rate that
    /// fails is tried again, for what else runs on the machine loses packets too.
    private static func highest(
        _ load: ForwardingLoad, nanosecondsPerPacket: Double, isQuick: Bool
    ) throws -> Limit {
        let promised = 1e9 / nanosecondsPerPacket
        var low = 0.0
        var high = promised * 3
        var probe = promised
        var reason = "-"
        for _ in 0..<(isQuick ? 4 : 8) {
            var run = ForwardingLoad.Run()
            var isFast = false
            for _ in 0..<3 where !isFast {
                try load.prime()
                run = try load.run(packetsPerSecond: probe, seconds: isQuick ? 0.4 : 1)
                // A generator that cannot keep up delivers less than it was asked for, in more time.
                isFast = run.lost == 0 && run.packetsPerSecond > probe * 0.98
                if run.lost == 0 { low = max(low, run.packetsPerSecond) }
            }
            if !isFast {
                high = probe
                let byGenerator = run.lost == 0 || run.droppedByGenerator * 2 > run.lost
                reason = "\(byGenerator ? "generator" : "bridge"), \(Int(run.workerLoad * 100)) % CPU"
            }
            probe = low == 0 ? high / 2 : (low + high) / 2
            if high - low < high * 0.03 { break }
        }
        return Limit(rate: low, reason: reason)
    }
}
