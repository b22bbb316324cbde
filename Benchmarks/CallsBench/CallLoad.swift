import BenchMeeting
import BenchSupport
import Foundation
import InteropSupport
import SRTP

/// A meeting with pictures by itself, beside 1,800 points that listen in ten meetings, and while 100 a second more come
/// and go.
struct CallLoad {
    static let columns = ["while", "packets/s", "lost", "p50 µs", "p99 µs", "p99.9 µs", "bridge, % of a core"]
    static let callColumns = ["calls", "calls/s", "legs at once", "failed", "sent again", "set-up ms", "CPU ms/call"]

    let isQuick: Bool
    let site: CallsSite
    let engine: SRTPEngine

    func tables() async throws -> [Table] {
        var media = Table(
            name: "media", title: "The pictures of a running meeting, 1→20, AEAD_AES_128_GCM", columns: Self.columns)
        var calls = Table(name: "calls", title: "The calls meanwhile, of 2 s each", columns: Self.callColumns)
        let meeting = try WatchedMeeting(
            CallsSite.watched, in: CallsSite.watchedRoom, of: site.daemon, engine,
            cpuNanoseconds: { site.cpuNanoseconds() })
        let alone = try watch(meeting, seconds: isQuick ? 4 : 15)
        media.rows.append(row("nobody else calls", alone))

        let standing = try site.call(
            .keys, calls: CallsSite.meetings * CallsSite.staying, perSecond: 200, holdMilliseconds: 900_000,
            staying: true)
        defer { withExtendedLifetime(standing) {} }
        let expected = CallsSite.meetings * CallsSite.staying + CallsSite.viewers + 1
        try await site.waitForCalls({ $0 >= expected }, "\(expected) calls")
        let crowded = try watch(meeting, seconds: isQuick ? 4 : 15)
        media.rows.append(row("1,800 points listen", crowded))

        let seconds = isQuick ? 10 : 60
        let passing = try site.call(
            .keys, calls: 100 * seconds, perSecond: 100, holdMilliseconds: 2_000)
        let busy = try watch(meeting, seconds: Double(seconds))
        media.rows.append(row("and 100 a second come and go", busy))
        var outcome = Caller.Outcome()
        for caller in passing { outcome = outcome + (try await caller.outcome(within: .seconds(60))) }
        let burden = (busy.relayLoad - crowded.relayLoad) * 1_000 * busy.seconds
        let legs = CallsSite.meetings * CallsSite.staying + CallsSite.viewers + 1 + 200
        calls.rows.append([
            .number(Double(outcome.successful), decimals: 0),
            .number(Double(outcome.successful) / Double(seconds), decimals: 0), .number(Double(legs), decimals: 0),
            .number(Double(outcome.failed), decimals: 0), .number(Double(outcome.retransmissions), decimals: 0),
            .number(outcome.setUpMilliseconds / Double(max(1, outcome.successful)), decimals: 1),
            .number(burden / Double(max(1, outcome.successful)), decimals: 2),
        ])
        await withDiscardingTaskGroup { group in
            for caller in standing { group.addTask { await caller.stop() } }
        }
        try meeting.hangUp()
        return [media, calls]
    }

    private func watch(_ meeting: WatchedMeeting, seconds: Double) throws -> StreamLoad.Run {
        try meeting.load.prime()
        // SIPp needs the rest of the core.
        meeting.load.rests = true
        return try meeting.load.run(
            packetsPerSecond: meeting.load.nominalRate, seconds: seconds, timesArrivals: true)
    }

    private func row(_ name: String, _ run: StreamLoad.Run) -> [Table.Cell] {
        func percentile(_ share: Double) -> Table.Cell {
            run.microseconds(atShare: share).map { .number($0, decimals: 0) } ?? .text("-")
        }
        return [
            .text(name), .number(run.packetsPerSecond, decimals: 0), .number(Double(run.lost), decimals: 0),
            percentile(0.5), percentile(0.99), percentile(0.999), .number(run.relayLoad * 100, decimals: 1),
        ]
    }
}
