import Foundation
import Glibc
import InteropSupport
import Synchronization

/// Thousands of points that register over UDP, each from an address of its own, all at once: they send again as
/// RFC 3261 §17.1.2 says, and come again when a 503 says so.
final class Crowd: @unchecked Sendable {
    // But for `served`, used by one storm at a time, which has one thread.
    struct Report: Sendable {
        var served = 0
        /// Asked, and not found listed.
        var lost = 0
        var refused = 0
        var retransmissions = 0
        /// From the first request to the last 200.
        var duration = Duration.zero
        /// Statuses that should not come.
        var others: [Int: Int] = [:]
    }

    private enum Phase { case idle, waits(nonce: Substring?), served }
    private struct Member {
        var point: RegisteringPoint
        var descriptor: Int32 = -1
        var phase = Phase.idle
        var text = ""
        var due = ContinuousClock.now
        var interval = Duration.milliseconds(500)
    }
    private var members: [Member] = []
    /// How many the storm that goes on has served so far.
    let served = Mutex(0)

    init(_ points: [RunningDaemon.Point], at address: (Int) -> String = Strangers.address) {
        members = points.enumerated().map { number, point in
            Member(point: RegisteringPoint(point, number: number, way: .udp, at: address(number)))
        }
    }

    deinit { for member in members where member.descriptor >= 0 { close(member.descriptor) } }

    func connect(to port: UInt16) throws {
        for index in members.indices {
            if members[index].descriptor >= 0 { close(members[index].descriptor) }
            (members[index].descriptor, members[index].point.port) = try Strangers.socket(
                SOCK_DGRAM, at: members[index].point.address, to: port)
        }
    }

    /// All register, or all ask for what is registered, until all are served or time is over.
    func storm(asks: Bool = false, within limit: Duration) async throws -> Report {
        try await Strangers.onThread { [self] in run(asks, limit) }
    }

    private func run(_ asks: Bool, _ limit: Duration) -> Report {
        let clock = ContinuousClock()
        let began = clock.now
        var report = Report()
        served.withLock { $0 = 0 }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for index in members.indices { begin(index, asks, at: clock.now) }
        // Descriptors are looked up by where poll put them: the order of the members.
        var polled = members.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while report.served < members.count, clock.now - began < limit {
            guard poll(&polled, nfds_t(polled.count), 20) >= 0 else { break }
            let now = clock.now
            for index in members.indices {
                if polled[index].revents != 0 {
                    while let octets = Strangers.read(members[index].descriptor, &buffer), !octets.isEmpty {
                        if let response = QuickResponse(octets) { take(response, index, asks, now, &report) }
                    }
                }
                if case .served = members[index].phase { continue }
                if members[index].due <= now { sendAgain(index, asks, now, &report) }
            }
        }
        report.duration = clock.now - began
        return report
    }

    private func begin(_ index: Int, _ asks: Bool, nonce: Substring? = nil, at now: ContinuousClock.Instant) {
        members[index].text = members[index].point.request(asks: asks, nonce: nonce)
        members[index].phase = .waits(nonce: nonce)
        members[index].interval = .milliseconds(500)
        members[index].due = now + members[index].interval
        _ = Strangers.write(members[index].text, to: members[index].descriptor)
    }

    private func sendAgain(_ index: Int, _ asks: Bool, _ now: ContinuousClock.Instant, _ report: inout Report) {
        if case .idle = members[index].phase { return begin(index, asks, at: now) }
        report.retransmissions += 1
        members[index].interval = min(.seconds(4), members[index].interval * 2)
        members[index].due = now + members[index].interval
        _ = Strangers.write(members[index].text, to: members[index].descriptor)
    }

    private func take(
        _ response: QuickResponse, _ index: Int, _ asks: Bool, _ now: ContinuousClock.Instant, _ report: inout Report
    ) {
        // What is still under way from before is not meant.
        guard response.status >= 200, case .waits(let nonce) = members[index].phase,
            response.sequence == members[index].point.sequence
        else { return }
        switch response.status {
        case 200 where nonce != nil:
            members[index].phase = .served
            report.served += 1
            let total = report.served
            served.withLock { $0 = total }
            if !members[index].point.isListed(in: response) { report.lost += 1 }
        case 401:
            // Also to an answer: a daemon that was started in between knows nothing of the challenge.
            if let fresh = response.nonce { begin(index, asks, nonce: fresh, at: now) }
        case 503:
            report.refused += 1
            let wait = response.value(of: "Retry-After").flatMap { Int($0) } ?? 10
            members[index].phase = .idle
            members[index].due = now + .seconds(wait)
        default:
            report.others[response.status, default: 0] += 1
        }
    }
}
