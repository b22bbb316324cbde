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

    /// Goes up by half from what the cost at the nominal rate promises until packets are lost, then bisects. A rate that
    /// fails is tried again, for what else runs on the machine loses packets too. A relay that sends nothing any more after
    /// a rate that was too high (rtpengine closes a port for good whose queue ran over five times) is asked no more.
    package static func find(
        _ load: StreamLoad, nanosecondsPerPacket: Double, probes: Int, seconds: Double
    ) throws -> RateLimit {
        var low = 0.0
        var high: Double?
        var probe = 1e9 / nanosecondsPerPacket
        var found = RateLimit(rate: 0, obstacle: .none, relayLoad: 0)
        for _ in 0..<probes {
            var run = StreamLoad.Run()
            var isFast = false
            for _ in 0..<2 where !isFast {
                do { try load.prime() } catch LoadError.noPicture where high != nil || low > 0 {
                    found.rate = low
                    return found
                }
                run = try load.run(packetsPerSecond: probe, seconds: seconds)
                // A generator that cannot keep up delivers less than it was asked for, in more time.
                isFast = run.lost == 0 && run.packetsPerSecond > probe * 0.98
                if run.lost == 0 { low = max(low, run.packetsPerSecond) }
            }
            if !isFast {
                high = min(high ?? probe, probe)
                found.obstacle = run.lost == 0 || run.droppedByGenerator * 2 > run.lost ? .generator : .relay
                found.relayLoad = run.relayLoad
            }
            guard let bound = high else {
                probe *= 1.5
                continue
            }
            if bound - low < bound * 0.03 { break }
            probe = low == 0 ? bound / 2 : (low + bound) / 2
        }
        found.rate = low
        return found
    }
}
