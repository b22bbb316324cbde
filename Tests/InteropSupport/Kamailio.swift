import Foundation
import Glibc

/// A Kamailio of our own, in a folder of its own.
public final class Kamailio: Sendable {
    public let process: ChildProcess

    /// Starts it and waits until it listens.
    /// - Parameters:
    ///   - definitions: what its configuration is to know (`-A`), each `NAME=VALUE` or `NAME`.
    ///   - namespace: the network namespace that it stands in, if not in ours.
    public init(
        configuration: String, definitions: [String], in folder: String, namespace: String? = nil
    ) async throws {
        guard let program = Tool.find("kamailio") else { throw ToolFailure("kamailio is not installed") }
        // Kamailio closes what it inherited, by which Foundation sees that a program has ended: it would wait for this one, and for no other. So
        // somebody stands between.
        guard let timeout = Tool.find("timeout") else { throw ToolFailure("timeout is not installed") }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var arguments =
            [program, "-f", configuration] + definitions.flatMap { ["-A", $0] }
            + ["-DD", "-E", "-Y", folder, "-P", folder + "/pid", "-m", "64", "-M", "8"]
        if let namespace {
            guard let ip = Tool.find("ip") else { throw ToolFailure("ip is not installed") }
            arguments = [ip, "netns", "exec", namespace] + arguments
        }
        let given = ["3600"] + arguments
        let process = try ChildProcess(timeout, given, log: folder + "/log")
        self.process = process
        try await eventually("kamailio to listen") {
            guard process.isRunning else { throw ToolFailure("kamailio ended: \(process.logText.suffix(600))") }
            return process.logText.contains("processes (at least)")
        }
    }

    public var log: String { process.logText }

    public func stop() async {
        await process.stop(within: .seconds(3))
        // What Foundation starts has some signals blocked, and so have its children: they do not hear that it is over. They are of one group, which
        // `timeout` has made.
        kill(-process.processIdentifier, SIGKILL)
    }
}
