import BenchSupport
import Foundation
import InteropSupport

/// The CPU time of a whole call: let in, held, hung up.
struct CallCost {
    struct Kind {
        var name: String
        var media: Scenario.Media
        var proof: Scenario.Proof
        var holdMilliseconds: Int
        var other: OtherServer?
    }

    static let columns = [
        "calls", "at once", "number", "failed", "sent again", "set-up ms", "CPU ms/call", "bridge, % of a core",
    ]

    static func kinds(_ site: CallsSite, beside other: OtherServer?) throws -> [Kind] {
        let media: [(name: String, Scenario.Media, holdMilliseconds: Int)] = [
            ("hung up at once", .none, 0), ("2 s, sent sound", .none, 2_000), ("2 s, sent SRTP", .keys, 2_000),
            ("2 s, both ways", .playing(try site.speech()), 2_000),
        ]
        let others = other.map { [("\($0.name), ", Scenario.Proof.none, $0 as OtherServer?)] } ?? []
        return ([("challenged, ", .challenged, nil), ("not challenged, ", .foreseen, nil)] + others).flatMap { who in
            media.map {
                Kind(
                    name: who.0 + $0.name, media: $0.1, proof: who.1, holdMilliseconds: $0.holdMilliseconds,
                    other: who.2)
            }
        }
    }

    let isQuick: Bool
    let site: CallsSite

    func row(_ kind: Kind) async throws -> [Table.Cell] {
        let perSecond = 100
        let calls = perSecond * (isQuick ? 5 : 20)
        // What the calls before left behind is over.
        try await Task.sleep(for: .seconds(3))
        // A few, so that rooms are open and what is made once has been made.
        let warming = try site.call(
            kind.media, kind.proof, calls: 20, perSecond: 20, holdMilliseconds: 200, at: kind.other)
        _ = try await outcome(of: warming)
        let start = Clock.steady
        let before = site.cpuNanoseconds(kind.other)
        let callers = try site.call(
            kind.media, kind.proof, calls: calls, perSecond: perSecond, holdMilliseconds: kind.holdMilliseconds,
            at: kind.other)
        let outcome = try await outcome(of: callers)
        let spent = Double(site.cpuNanoseconds(kind.other) &- before)
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
