/// The highest rate at which nothing was lost, and what stood in the way of more.
package struct RateLimit {
    package enum Obstacle {
        case none, relay, generator
    }

    /// Delivered packets a second.
    package var rate: Double
    /// Who gave way at the lowest rate that failed.
    package var obstacle: Obstacle
    /// How busy the relay was then, of one core.
    package var relayLoad: Double

    /// Bisects below thrice what the cost at the nominal rate promises; a rate that fails is tried again, for what else
    /// runs on the machine loses packets too.
    package static func find(
        _ load: StreamLoad, nanosecondsPerPacket: Double, probes: Int, seconds: Double
    ) throws -> RateLimit {
        let promised = 1e9 / nanosecondsPerPacket
        var low = 0.0
        var high = promised * 3
        var probe = promised
        var found = RateLimit(rate: 0, obstacle: .none, relayLoad: 0)
        for _ in 0..<probes {
            var run = StreamLoad.Run()
            var isFast = false
            for _ in 0..<3 where !isFast {
                try load.prime()
                run = try load.run(packetsPerSecond: probe, seconds: seconds)
                // A generator that cannot keep up delivers less than it was asked for, in more time.
                isFast = run.lost == 0 && run.packetsPerSecond > probe * 0.98
                if run.lost == 0 { low = max(low, run.packetsPerSecond) }
            }
            if !isFast {
                high = probe
                found.obstacle = run.lost == 0 || run.droppedByGenerator * 2 > run.lost ? .generator : .relay
                found.relayLoad = run.relayLoad
            }
            probe = low == 0 ? high / 2 : (low + high) / 2
            if high - low < high * 0.03 { break }
        }
        found.rate = low
        return found
    }
}
