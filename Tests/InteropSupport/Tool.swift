import Foundation
import Synchronization

/// A command that ended badly, or never ended.
public struct ToolFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Programs of the system that tests and the demonstration drive.
public enum Tool {
    /// Where a program lies; nil when it is not installed.
    public static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    public static func areInstalled(_ names: String...) -> Bool { names.allSatisfy { find($0) != nil } }

    /// Runs a program to its end and returns what it printed.
    @discardableResult
    public static func run(
        _ name: String, _ arguments: [String], standardError: Bool = false, within limit: Duration = .seconds(120)
    ) async throws -> String {
        guard let program = find(name) else { throw ToolFailure("\(name) is not installed") }
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let child = try ChildProcess(program, arguments, log: output.path, capturesError: standardError)
        let status = try await child.wait(within: limit)
        let text = String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)
        guard status == 0 else {
            throw ToolFailure("\(name) \(arguments.joined(separator: " ")) ended with \(status): \(text.suffix(600))")
        }
        return text
    }
}

/// A program running beside us, killed by its own id when it is let go.
public final class ChildProcess: Sendable {
    private let process: Mutex<Process>
    public let processIdentifier: Int32
    public let log: String
    private let ended: Ending
    /// What the program reads, where somebody speaks to it.
    private let input: FileHandle?

    private actor Ending {
        private var status: Int32?
        private var waiting: [CheckedContinuation<Int32, Never>] = []
        func end(_ status: Int32) {
            self.status = status
            for continuation in waiting { continuation.resume(returning: status) }
            waiting = []
        }
        func wait() async -> Int32 {
            if let status { return status }
            return await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// Starts a program; its output goes to `log`. One that `listens` takes lines by `say`.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], log: String,
        capturesError: Bool = true, listens: Bool = false
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        guard let handle = FileHandle(forWritingAtPath: log) else { throw ToolFailure("cannot write \(log)") }
        process.standardOutput = handle
        process.standardError = capturesError ? handle : FileHandle.nullDevice
        let pipe = listens ? Pipe() : nil
        process.standardInput = pipe ?? FileHandle.nullDevice
        input = pipe?.fileHandleForWriting
        let ending = Ending()
        process.terminationHandler = { process in
            let status =
                process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
            Task { await ending.end(status) }
        }
        try process.run()
        processIdentifier = process.processIdentifier
        self.log = log
        ended = ending
        self.process = Mutex(process)
    }

    deinit { process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } } }

    public var isRunning: Bool { process.withLock { $0.isRunning } }
    public var logText: String {
        String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: log))) ?? Data(), as: UTF8.self)
    }

    public func signal(_ signal: Int32) { if isRunning { kill(processIdentifier, signal) } }

    /// Gives it a line to read.
    public func say(_ line: String) throws {
        guard isRunning, let input else { throw ToolFailure("\(log): nobody listens") }
        try input.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Resident memory in kilobytes.
    public func residentKilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// The exit status; negative for a signal.
    public func wait(within limit: Duration) async throws -> Int32 {
        let id = processIdentifier
        return try await withDeadline(limit, "process \(id) to end") { await self.ended.wait() }
    }

    /// SIGTERM, and SIGKILL when that is not heard in time.
    @discardableResult
    public func stop(within limit: Duration = .seconds(10)) async -> Int32? {
        signal(SIGTERM)
        if let status = try? await wait(within: limit) { return status }
        signal(SIGKILL)
        return try? await wait(within: .seconds(5))
    }
}

/// Awaits `body`, or throws when it takes longer than `limit`.
public func withDeadline<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    // A body that ignores cancellation must not hold the deadline up, so the two race outside a task group.
    let race = Race<Value>()
    let work = Task {
        do { await race.finish(.success(try await body())) } catch { await race.finish(.failure(error)) }
    }
    let timer = Task {
        try await Task.sleep(for: limit)
        await race.finish(.failure(ToolFailure("waited \(limit) for \(what)")))
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    return try await race.result().get()
}

private actor Race<Value: Sendable> {
    private var outcome: Result<Value, any Error>?
    private var waiting: CheckedContinuation<Result<Value, any Error>, Never>?

    func finish(_ result: Result<Value, any Error>) {
        guard outcome == nil else { return }
        outcome = result
        waiting?.resume(returning: result)
        waiting = nil
    }

    func result() async -> Result<Value, any Error> {
        if let outcome { return outcome }
        return await withCheckedContinuation { waiting = $0 }
    }
}

/// Polls for something that no event announces, such as a line in another program's log.
public func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: @escaping @Sendable () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw ToolFailure("waited \(limit) for \(what)") }
        try await Task.sleep(for: .milliseconds(50))
    }
}
