import Foundation
import Synchronization

/// What was done, and what was found: written by everybody who takes part.
final class SoakRecord: Sendable {
    /// A point that was let into a room.
    struct Join: Sendable {
        var point: String
        var room: String
        var at: ContinuousClock.Instant
    }

    /// An order that the daemon said was carried out.
    struct Order: Sendable {
        enum Kind: Sendable { case addUnit, endMeeting }
        var kind: Kind
        var subject: String
    }

    /// A meeting as it was seen while it was recorded.
    struct Seen: Sendable {
        var room: String
        var first: ContinuousClock.Instant
        var last: ContinuousClock.Instant
        /// Packets that came from its points, as far as they were seen.
        var packets: UInt64 = 0
    }

    private struct State {
        var counts: [String: Int] = [:]
        var findings: [String] = []
        var joins: [Join] = []
        var orders: [Order] = []
        var kills: [ContinuousClock.Instant] = []
        var seen: [String: Seen] = [:]
        /// Faults that are at work.
        var atWork = 0
        var calmSince = ContinuousClock.now
    }

    private let state = Mutex(State())
    let began = ContinuousClock.now

    func count(_ what: String, by number: Int = 1) { state.withLock { $0.counts[what, default: 0] += number } }
    func joined(_ point: String, _ room: String) {
        state.withLock { $0.joins.append(Join(point: point, room: room, at: .now)) }
    }
    func ordered(_ kind: Order.Kind, _ subject: String) {
        state.withLock { $0.orders.append(Order(kind: kind, subject: subject)) }
    }
    func killed() { state.withLock { $0.kills.append(.now) } }

    func saw(_ meeting: String, in room: String, packets: UInt64) {
        state.withLock { state in
            var seen = state.seen[meeting] ?? Seen(room: room, first: .now, last: .now)
            seen.last = .now
            seen.packets = max(seen.packets, packets)
            state.seen[meeting] = seen
        }
    }

    /// Something that must not be.
    func find(_ what: String) {
        let seconds = Int((ContinuousClock.now - began) / .seconds(1))
        state.withLock { $0.findings.append("after \(seconds) s: \(what)") }
        say("! \(what)")
    }

    /// For who watches.
    func say(_ what: String) {
        let seconds = Int((ContinuousClock.now - began) / .seconds(1))
        FileHandle.standardError.write(Data(String(format: "%5d s  %@\n", seconds, what).utf8))
    }

    func beginFault() { state.withLock { $0.atWork += 1 } }
    func endFault() {
        state.withLock {
            $0.atWork -= 1
            $0.calmSince = .now
        }
    }
    /// No fault is at work, nor was one at `time` or in the seconds before that the bridge may need to get over it.
    func wasCalm(since time: ContinuousClock.Instant) -> Bool {
        state.withLock { $0.atWork == 0 && time - $0.calmSince > .seconds(8) }
    }

    var counts: [String: Int] { state.withLock { $0.counts } }
    var findings: [String] { state.withLock { $0.findings } }
    var joins: [Join] { state.withLock { $0.joins } }
    var orders: [Order] { state.withLock { $0.orders } }
    var kills: [ContinuousClock.Instant] { state.withLock { $0.kills } }
    var seen: [String: Seen] { state.withLock { $0.seen } }
}
