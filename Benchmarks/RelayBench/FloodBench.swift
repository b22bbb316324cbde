import BenchSupport
import SRTP

/// What forged packets at a leg's port do to the media that runs there.
struct FloodBench {
    static let columns = [
        "security", "system", "packets/s", "forged/s", "lost", "forged passed", "sent to the forger",
        "core before, %", "core in the flood, %", "CPU ns/forged", "p99 µs before", "p99 µs in the flood",
    ]
    static let systems: [System] = [.ipsecMB, .openSSL, .libsrtp2]
    private static let forgedPerSecond = 100_000

    let isQuick: Bool
    let engine: SRTPEngine

    func row(_ system: System, _ suite: SRTPSuite?) throws -> [Table.Cell] {
        let relay = try system.launch(core: SideBySide.relayCore)
        let load = try StreamLoad(
            rooms: 10, viewers: 20, .video, suite, engine, sampling: 10,
            relayCPU: { relay.process.cpuNanoseconds })
        try relay.connect(load, suite)
        try load.prime()
        let seconds = isQuick ? 1.0 : 5
        let before = try load.run(packetsPerSecond: load.nominalRate, seconds: seconds, timesArrivals: true)
        try load.prime()
        let forger = try Forger(
            against: load.rooms[0].source, packetsPerSecond: Self.forgedPerSecond, engine)
        let flooded = try load.run(
            packetsPerSecond: load.nominalRate, seconds: seconds, timesArrivals: true
        ) { try forger.send(at: $0) }
        // A wrong packet, one out of order or one too many at a sink that checks has ended the run with an error.
        let extra = max(0, flooded.delivered - flooded.expected) + flooded.outOfOrder
        let burden = Double(flooded.relayNanoseconds) - Double(before.relayNanoseconds)
        func p99(_ run: StreamLoad.Run) -> Table.Cell {
            run.microseconds(atShare: 0.99).map { .number($0, decimals: 0) } ?? .text("-")
        }
        return [
            .text(SideBySide.name(suite)), .text(system.name), .number(flooded.packetsPerSecond, decimals: 0),
            .number(Double(forger.sent) / flooded.seconds, decimals: 0), .number(Double(flooded.lost), decimals: 0),
            .number(Double(extra), decimals: 0), .number(Double(forger.received), decimals: 0),
            .number(before.relayLoad * 100, decimals: 1), .number(flooded.relayLoad * 100, decimals: 1),
            .number(burden / Double(max(1, forger.sent)), decimals: 0), p99(before), p99(flooded),
        ]
    }
}
