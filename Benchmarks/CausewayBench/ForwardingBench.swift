import BenchSupport
import SRTP

/// Cost, highest loss-free rate and latency of forwarding, for each shape and each kind of encryption.
struct ForwardingBench {
    struct Shape {
        let name: String
        let rooms: Int
        let viewers: Int
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
        let streams = load.streams
        _ = try streams.run(packetsPerSecond: streams.nominalRate, seconds: 0.3)
        let (cost, allocations) = try load.run(packetsPerSecond: streams.nominalRate, seconds: isQuick ? 0.8 : 3)
        let limit = try RateLimit.find(
            streams, nanosecondsPerPacket: cost.nanosecondsPerPacket, probes: isQuick ? 4 : 8,
            seconds: isQuick ? 0.4 : 1)
        let obstacle = limit.obstacle == .none ? "-" : "\(limit.obstacle), \(Int(limit.relayLoad * 100)) % CPU"
        try streams.prime()
        let timed = try streams.run(
            packetsPerSecond: limit.rate / 2, seconds: isQuick ? 0.8 : 3, timesArrivals: true)
        func percentile(_ share: Double) -> Table.Cell {
            timed.microseconds(atShare: share).map { .number($0, decimals: 0) } ?? .text("-")
        }
        return [
            .text(shape.name), .text(Self.name(of: suite)),
            .number(cost.packetsPerSecond, decimals: 0), .number(cost.nanosecondsPerPacket, decimals: 0),
            .number(Double(cost.lost), decimals: 0),
            .number(Double(allocations) * 1_000 / Double(max(1, cost.delivered)), decimals: 2),
            .number(Double(cost.checked), decimals: 0), .number(limit.rate, decimals: 0), .text(obstacle),
            .number(timed.packetsPerSecond, decimals: 0), .number(timed.nanosecondsPerPacket, decimals: 0),
            percentile(0.5), percentile(0.99), percentile(0.999),
        ]
    }
}
