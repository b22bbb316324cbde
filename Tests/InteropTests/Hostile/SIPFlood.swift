import Foundation
import Glibc
import InteropSupport
import Synchronization

/// Requests without credentials over UDP, so many a second, from strangers in turn; every answer is read and timed.
final class SIPFlood: Sendable {
    struct Report: Sendable {
        var sent = 0
        /// Counts of final statuses.
        var answers: [Int: Int] = [:]
        /// 503 without Retry-After.
        var unexplained = 0
        /// From a request to its refusal by 503.
        var refusalMicroseconds: [Int] = []

        /// Microseconds that so many of a hundred refusals took at most.
        func refusal(percentile: Int) -> Int {
            let sorted = refusalMicroseconds.sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * percentile / 100)]
        }
    }

    private enum State { case floods, toStop, over }
    private let state = Mutex(State.floods)
    private let report = Mutex(Report())
    private let method: String
    private let rate: Int
    private let port: UInt16
    private let addresses: [String]
    private let sockets: [(descriptor: Int32, port: UInt16)]

    /// Starts at once and goes on until `stop`.
    init(_ method: String, perSecond rate: Int, from addresses: [String], to port: UInt16) throws {
        self.method = method
        self.rate = rate
        self.port = port
        self.addresses = addresses
        sockets = try addresses.map { try Strangers.socket(SOCK_DGRAM, at: $0, to: port) }
        Thread.detachNewThread { [self] in
            flood()
            for socket in sockets { close(socket.descriptor) }
            state.withLock { $0 = .over }
        }
    }

    /// Ends the flood, and waits a little for the last answers.
    func stop() async throws -> Report {
        state.withLock { if $0 == .floods { $0 = .toStop } }
        try await eventually("the flood to end") { self.state.withLock { $0 == .over } }
        return report.withLock { $0 }
    }

    private func flood() {
        let clock = ContinuousClock()
        let began = clock.now
        var departures: [ContinuousClock.Instant] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        func readAnswers() {
            let now = clock.now
            for socket in sockets {
                while let octets = Strangers.read(socket.descriptor, &buffer), !octets.isEmpty {
                    guard let response = QuickResponse(octets), response.status >= 200 else { continue }
                    report.withLock { report in
                        report.answers[response.status, default: 0] += 1
                        guard response.status == 503 else { return }
                        if response.value(of: "Retry-After") == nil { report.unexplained += 1 }
                        if let number = response.number, departures.indices.contains(number) {
                            report.refusalMicroseconds.append(Int((now - departures[number]) / .microseconds(1)))
                        }
                    }
                }
            }
        }
        while state.withLock({ $0 == .floods }) {
            let due = Int((clock.now - began) / .microseconds(1)) * rate / 1_000_000
            // What could not be sent in time is not made up for: the rate is a rate, also on a busy machine.
            let first = max(departures.count, due - rate / 10)
            while departures.count < first { departures.append(clock.now) }
            for number in first..<max(first, due) {
                let index = number % sockets.count
                departures.append(clock.now)
                if Strangers.write(request(number, index), to: sockets[index].descriptor) {
                    report.withLock { $0.sent += 1 }
                }
            }
            readAnswers()
            usleep(1_000)
        }
        for _ in 0..<50 {
            usleep(10_000)
            readAnswers()
        }
    }

    private func request(_ number: Int, _ index: Int) -> String {
        let (own, local) = (addresses[index], sockets[index].port)
        let user = method == "REGISTER" ? "u\(number)" : "giaoban"
        return "\(method) sip:\(user)@127.0.0.1:\(port) SIP/2.0\r\n"
            + "Via: SIP/2.0/UDP \(own):\(local);rport;branch=z9hG4bK-\(number)\r\nMax-Forwards: 70\r\n"
            + "From: <sip:u\(number)@causeway.test>;tag=\(number)\r\nTo: <sip:\(user)@causeway.test>\r\n"
            + "Call-ID: \(number)@\(own)\r\nCSeq: 1 \(method)\r\nContact: <sip:u\(number)@\(own):\(local)>\r\n"
            + "Content-Length: 0\r\n\r\n"
    }
}
