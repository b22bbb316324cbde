import BenchSupport
import Foundation
import InteropSupport

/// The CPU time of a whole call: challenged, let in, held, hung up.
struct CallCost {
    struct Kind {
        var name: String
        var media: Scenario.Media
        var holdMilliseconds: Int
    }

    static let columns = [
        "calls", "at once", "number", "failed", "sent again", "set-up ms", "CPU ms/call", "bridge, % of a core",
    ]

    static func kinds(_ site: CallsSite) throws -> [Kind] {
        [
            Kind(name: "hung up at once", media: .none, holdMilliseconds: 0),
            Kind(name: "2 s, the bridge sends", media: .none, holdMilliseconds: 2_000),
            Kind(name: "2 s, the bridge sends SRTP", media: .keys, holdMilliseconds: 2_000),
            Kind(name: "2 s, the point plays", media: .playing(try site.speech()), holdMilliseconds: 2_000),
        ]
    }

    let isQuick: Bool
    let site: CallsSite

    func row(_ kind: Kind) async throws -> [Table.Cell] {
        let perSecond = 100
        let calls = perSecond * (isQuick ? 5 : 20)
        // A few, so that rooms are open and what is made once has been made.
        _ = try await outcome(of: try site.call(kind.media, calls: 20, perSecond: 20, holdMilliseconds: 200))
        let start = Clock.steady
        let before = site.cpuNanoseconds
        let callers = try site.call(
            kind.media, calls: calls, perSecond: perSecond, holdMilliseconds: kind.holdMilliseconds)
        let outcome = try await outcome(of: callers)
        let spent = Double(site.cpuNanoseconds &- before)
        let seconds = Double(Clock.steady &- start) / 1e9
        guard outcome.successful > 0 else {
            throw ToolFailure("no call came through: \(callers.first?.complaints ?? "")")
        }
        return [
            .text(kind.name), .number(Double(perSecond * kind.holdMilliseconds / 1_000), decimals: 0),
            .number(Double(outcome.successful + outcome.failed), decimals: 0),
            .number(Double(outcome.failed), decimals: 0), .number(Double(outcome.retransmissions), decimals: 0),
            .number(outcome.setUpMilliseconds / Double(outcome.successful), decimals: 1),
            .number(spent / 1e6 / Double(outcome.successful), decimals: 2),
            .number(spent / 1e7 / seconds, decimals: 1),
        ]
    }

    private func outcome(of callers: [Caller]) async throws -> Caller.Outcome {
        var sum = Caller.Outcome()
        for caller in callers { sum = sum + (try await caller.outcome(within: .seconds(120))) }
        return sum
    }
}
