import BenchSupport
import Foundation
import InteropSupport
import SIP

/// One SIPp that calls one room, with the points of that room in turn.
final class Caller: Sendable {
    /// What came of its calls.
    struct Outcome {
        var successful = 0
        var failed = 0
        var retransmissions = 0
        /// From the authenticated INVITE to its 200, in milliseconds, over all successful calls.
        var setUpMilliseconds = 0.0

        static func + (left: Self, right: Self) -> Self {
            var sum = left
            sum.successful += right.successful
            sum.failed += right.failed
            sum.retransmissions += right.retransmissions
            sum.setUpMilliseconds += right.setUpMilliseconds
            return sum
        }
    }

    struct Plan {
        var room: String
        var points: [RunningDaemon.Point]
        var media: Scenario.Media
        var proof: Scenario.Proof
        var calls: Int
        var perSecond: Int
        var holdMilliseconds: Int
        /// The port to which the bridge sends sound.
        var sink: UInt16
    }

    private let process: ChildProcess
    private let statistics: String
    private let errors: String

    /// Begins to call. Files go to `folder`, which is this caller's alone.
    init(_ plan: Plan, port: UInt16, core: Int, in folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        statistics = folder + "/statistics.csv"
        errors = folder + "/errors.log"
        try Scenario.call(plan.media, plan.proof, sink: plan.sink).write(
            toFile: folder + "/call.xml", atomically: true, encoding: .utf8)
        try (["SEQUENTIAL"] + Self.callers(plan, port: port)).joined(separator: "\n").appending("\n")
            .write(toFile: folder + "/points.csv", atomically: true, encoding: .utf8)
        guard let taskset = Tool.find("taskset") else { throw ToolFailure("taskset is not installed") }
        process = try ChildProcess(
            taskset,
            [
                "-c", "\(core)", "sipp", "127.0.0.1:\(port)", "-sf", folder + "/call.xml", "-inf",
                folder + "/points.csv", "-i", "127.0.0.1", "-p", "\(try FreePorts.run(of: 1))", "-mi", "127.0.0.1",
                "-s", plan.room, "-auth_uri", "\(plan.room)@127.0.0.1:\(port)", "-m", "\(plan.calls)", "-l",
                "\(plan.calls)", "-r", "\(plan.perSecond)", "-d", "\(plan.holdMilliseconds)", "-nostdin",
                "-trace_stat", "-stf", statistics, "-fd", "1", "-trace_err", "-error_file", errors,
                "-rtp_threadtasks", "100",
            ], log: folder + "/screen.log")
    }

    /// Who calls, a line each, and how it proves that.
    private static func callers(_ plan: Plan, port: UInt16) throws -> [String] {
        switch plan.proof {
        case .none: return plan.points.map(\.id)
        case .challenged:
            return plan.points.map { "\($0.id);[authentication username=\($0.id) password=\($0.password)]" }
        case .foreseen:
            let uri = "sip:\(plan.room)@127.0.0.1:\(port)"
            let challenge = try SIPCaller.challenge(plan.points[0], room: plan.room, port: port)
            return try (0..<plan.calls).map { index in
                let point = plan.points[index % plan.points.count]
                guard
                    let credentials = challenge.answer(
                        method: .invite, uri: uri, username: point.id, secret: .password(point.password),
                        clientNonce: "c0ffee", nonceCount: UInt32(index + 1), hashes: SIPCaller.hashes)
                else { throw ToolFailure("the bridge's challenge cannot be answered") }
                return "\(point.id);Authorization: \(credentials.headerValue)"
            }
        }
    }

    /// Waits until all calls are over.
    func outcome(within limit: Duration) async throws -> Outcome {
        _ = try await process.wait(within: limit)
        return try read()
    }

    /// Gives up what still stands: SIPp makes no more calls after one SIGUSR1, and hangs up those there are after another.
    func stop() async {
        process.signal(SIGUSR1)
        try? await Task.sleep(for: .milliseconds(200))
        process.signal(SIGUSR1)
        _ = try? await process.wait(within: .seconds(10))
        await process.stop()
    }

    /// What SIPp complained of, if anything.
    var complaints: String {
        String(((try? String(contentsOfFile: errors, encoding: .utf8)) ?? "").suffix(600))
    }

    private func read() throws -> Outcome {
        let lines = try String(contentsOfFile: statistics, encoding: .utf8).split(separator: "\n")
        guard let names = lines.first?.split(separator: ";", omittingEmptySubsequences: false),
            let last = lines.last?.split(separator: ";", omittingEmptySubsequences: false), lines.count > 1
        else { throw ToolFailure("SIPp wrote no statistics: \(process.logText.suffix(600))") }
        func field(_ name: String) throws -> Substring {
            guard let index = names.firstIndex(of: Substring(name)), index < last.count else {
                throw ToolFailure("SIPp's statistics have no \(name)")
            }
            return last[index]
        }
        var outcome = Outcome()
        outcome.successful = Int(try field("SuccessfulCall(C)")) ?? 0
        outcome.failed = Int(try field("FailedCall(C)")) ?? 0
        outcome.retransmissions = Int(try field("Retransmissions(C)")) ?? 0
        outcome.setUpMilliseconds = Self.milliseconds(try field("ResponseTime1(C)")) * Double(outcome.successful)
        return outcome
    }

    /// SIPp writes hours, minutes, seconds and microseconds, joined by colons.
    private static func milliseconds(_ text: Substring) -> Double {
        let parts = text.split(separator: ":").compactMap { Double($0) }
        guard parts.count == 4 else { return .nan }
        return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1_000 + parts[3] / 1_000
    }
}
