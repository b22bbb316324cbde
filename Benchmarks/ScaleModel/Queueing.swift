import Foundation

/// Closed forms, by which what is simulated is judged.
enum Queueing {
    /// Erlang's loss formula: the share of arrivals that find all of `servers` busy and go away, at `load` erlangs (arrivals
    /// in a mean service time). By the recursion B(n) = a·B(n−1) / (n + a·B(n−1)), which does not overflow.
    static func erlangB(load: Double, servers: Int) -> Double {
        guard load > 0 else { return 0 }
        var blocked = 1.0
        for number in 0..<max(0, servers) { blocked = load * blocked / (Double(number + 1) + load * blocked) }
        return blocked
    }

    /// Erlang's delay formula: the share of arrivals that must wait for one of `servers`; 1 where there are too few of them.
    static func erlangC(load: Double, servers: Int) -> Double {
        guard load < Double(servers) else { return 1 }
        let blocked = erlangB(load: load, servers: servers)
        return blocked / (1 - load / Double(servers) * (1 - blocked))
    }

    /// The mean wait in an M/M/c queue, in the unit of `meanService`.
    static func meanWait(load: Double, servers: Int, meanService: Double) -> Double {
        guard load < Double(servers) else { return .infinity }
        return erlangC(load: load, servers: servers) * meanService / (Double(servers) - load)
    }

    /// The fewest servers by which at most `share` of arrivals finds none.
    static func servers(load: Double, blocking share: Double) -> Int {
        guard load > 0, share > 0, share < 1 else { return 0 }
        var blocked = 1.0
        var number = 0
        while blocked > share {
            number += 1
            blocked = load * blocked / (Double(number) + load * blocked)
        }
        return number
    }

    /// The share of a normal distribution above `deviations`.
    static func normalTail(_ deviations: Double) -> Double { erfc(deviations / 2.0.squareRoot()) / 2 }
}
