import BenchSupport
import SRTP

/// What a packet to another bridge costs, beside one to a viewer.
struct CarryingBench {
    struct Shape {
        let name: String
        let rooms: Int
        /// Who get each source.
        let others: Int
        let way: ForwardingLoad.Way
    }

    /// Of sound, what comes is decoded and mixed too; twenty bridges for each point show what they alone cost.
    static let shapes = [
        Shape(name: "picture to a viewer", rooms: 50, others: 1, way: .viewed),
        Shape(name: "picture to a bridge", rooms: 50, others: 1, way: .carriedPicture),
        Shape(name: "picture to 20 viewers", rooms: 10, others: 20, way: .viewed),
        Shape(name: "picture to 20 bridges", rooms: 10, others: 20, way: .carriedPicture),
        Shape(name: "sound to a bridge", rooms: 50, others: 1, way: .carriedSound),
        Shape(name: "sound to 20 bridges", rooms: 10, others: 20, way: .carriedSound),
    ]
    private static let suite = SRTPSuite.aeadAES128GCM

    let isQuick: Bool
    let engine: SRTPEngine
    let bridge: SRTPEngineChoice

    static let columns = [
        "what", "of", "security", "at packets/s", "CPU ns/packet", "lost", "allocations/1,000", "checked",
    ]

    func row(_ shape: Shape) async throws -> [Table.Cell] {
        let load = try await ForwardingLoad(
            rooms: shape.rooms, viewers: shape.others, Self.suite, engine, bridge, shape.way)
        let rate = load.streams.nominalRate
        _ = try load.streams.run(packetsPerSecond: rate, seconds: 0.3)
        let (cost, allocations) = try load.run(packetsPerSecond: rate, seconds: isQuick ? 0.8 : 3)
        return [
            .text(shape.name), .text("\(shape.rooms)"), .text(Self.suite.sdesName),
            .number(cost.packetsPerSecond, decimals: 0), .number(cost.nanosecondsPerPacket, decimals: 0),
            .number(Double(cost.lost), decimals: 0),
            .number(Double(allocations) * 1_000 / Double(max(1, cost.delivered)), decimals: 2),
            .number(Double(cost.checked), decimals: 0),
        ]
    }
}
