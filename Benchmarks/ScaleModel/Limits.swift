import Foundation

/// What there is of something in one piece, and what meetings take of it.
struct Limits {
    var what: String
    var amount: Double
    var unit: String
    var shown: String
    /// Of a day, all that is taken at its busiest moment.
    var each: @Sendable (DaySimulation, Costs) -> Double

    /// Nineteen of twenty films are to be there within so many seconds of the meeting's end.
    static let filmWithin = 2.0 * 3_600
    /// `recording.accessCopy.cores` of config/province.yaml.
    static let coresAFilm = 4

    static func shown(_ value: Double, _ unit: String) -> String {
        let decimals = value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0
        return String(format: "%.\(decimals)f ", value) + unit
    }

    static let all: [Limits] = {
        let capacity = Bridges.Capacity()
        return [
            Limits(
                what: "one core for sound and pictures", amount: capacity.share, unit: "cores",
                shown: "\(Int(capacity.share * 100)) % of it"
            ) { day, _ in day.series(\.mediaCores).peak.level },
            Limits(
                what: "a line of 1 Gbit/s, out", amount: 0.7e3, unit: "Mbit/s", shown: "70 % of it"
            ) { day, _ in day.series(\.bitsOut).peak.level / 1e6 },
            Limits(
                what: "the media cores of a bridge", amount: capacity.workers * capacity.share, unit: "cores",
                shown: "\(Int(capacity.workers)) cores, \(Int(capacity.share * 100)) %"
            ) { day, _ in day.series(\.mediaCores).peak.level },
            Limits(
                what: "calls of a bridge (limits.calls)", amount: capacity.legs, unit: "legs",
                shown: "\(Int(capacity.legs))"
            ) { day, _ in day.legs.peak.level },
            Limits(
                what: "a line of 10 Gbit/s, out", amount: capacity.bits / 1e6, unit: "Mbit/s", shown: "70 % of it"
            ) { day, _ in day.series(\.bitsOut).peak.level / 1e6 },
            Limits(
                what: "four cores that make films", amount: 4, unit: "cores", shown: "4 cores"
            ) { day, costs in Double(day.filmCores(costs) ?? 0) },
            Limits(
                what: "one storage, written by recordings", amount: Storage.writes / 1e6, unit: "MB/s",
                shown: String(format: "%.0f MB/s", Storage.writes / 1e6)
            ) { day, _ in day.series(\.recordedOctets).peak.level / 1e6 },
            Limits(
                what: "PostgreSQL, commits", amount: Storage.commits, unit: "commits/s",
                shown: String(format: "%.0f commits/s", Storage.commits)
            ) { day, _ in day.commits.busiestMinute },
            Limits(
                what: "one core of an edge, calls", amount: Edge.calls, unit: "calls/s",
                shown: String(format: "%.0f calls/s (60 %%)", Edge.calls)
            ) { day, _ in day.calls.most },
        ]
    }()
}

/// The shared parts of a cluster.
enum Storage {
    /// Octets a second that are written and hashed on one disk (performance.md, sealing and verifying: 52 to 190 MB/s).
    static let writes = 150e6
    /// Of PostgreSQL 15 with its own settings on this machine's disk: pgbench, one row of a thousand changed in a SERIALIZABLE transaction, 16 connections, while
    /// others built (660 a second by one connection).
    static let commits = 4_700.0
}

enum Edge {
    /// CPU a call of samples/cluster/kamailio.cfg: SIPp, 300 calls a second over UDP, 0.32 ms for one that is not asked for its password, and so twice
    /// that for one that is.
    static let milliseconds = 0.64
    static let calls = 0.6 / (milliseconds / 1e3)
}
