import Foundation
import Glibc
import Testing

/// This test binary run again as a child, for one suite that does nothing otherwise.
struct ChildProcess {
    static let folderVariable = "CAUSEWAY_RECORDER_CHILD"
    /// Where the child shall record; nil in the parent.
    static var folder: String? { ProcessInfo.processInfo.environment[folderVariable] }

    let process: Process
    private let log: ScratchFolder

    /// - Parameter wrapper: a command to run it under, with its arguments.
    init(_ suite: String, folder: String, wrapper: [String] = []) throws {
        let command = wrapper + [Self.binary, "--testing-library", "swift-testing", "--filter", suite]
        process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        var environment = ProcessInfo.processInfo.environment
        environment[Self.folderVariable] = folder
        process.environment = environment
        log = try ScratchFolder()
        _ = FileManager.default.createFile(atPath: log.file("output"), contents: nil)
        let output = FileHandle(forWritingAtPath: log.file("output")) ?? .nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    private static var binary: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// What it has written so far.
    var output: String { (try? String(contentsOfFile: log.file("output"), encoding: .utf8)) ?? "" }

    func kill() -> Int32 {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// Looks again and again until something is so; false where that takes too long.
func eventually(within limit: Duration, _ isSo: () throws -> Bool) async rethrows -> Bool {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < limit {
        if try isSo() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return try isSo()
}
