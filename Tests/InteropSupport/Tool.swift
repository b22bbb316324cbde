import CSpawn
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

/// A program running beside us, killed by its own id when it is let go. Not `Foundation.Process`, which crashed once after hundreds of
/// starts a minute.
public final class ChildProcess: Sendable {
    public let processIdentifier: Int32
    public let log: String
    private let ending: Ending
    /// What the program reads, where somebody speaks to it.
    private let input: FileHandle?

    /// Until it is reaped its number is nobody else's: signals are sent, and it is reaped, under one lock.
    private final class Ending: Sendable {
        private struct State {
            var status: Int32?
            var waiting: [CheckedContinuation<Int32, Never>] = []
        }
        private let child: cs_child
        private let state = Mutex(State())

        init(_ child: cs_child) { self.child = child }

        /// Blocks until it has ended.
        func attend() {
            var end = pollfd(fd: child.end, events: Int16(POLLIN), revents: 0)
            while poll(&end, 1, -1) < 0, errno == EINTR {}
            let (status, waiting) = state.withLock { state in
                var signal: Int32 = 0
                let status = cs_reap(child, &signal)
                state.status = signal == 0 ? status : -signal
                defer { state.waiting = [] }
                return (state.status ?? -1, state.waiting)
            }
            for continuation in waiting { continuation.resume(returning: status) }
        }

        var isOver: Bool { state.withLock { $0.status != nil } }

        func signal(_ signal: Int32) {
            state.withLock { if $0.status == nil { kill(child.pid, signal) } }
        }

        func wait() async -> Int32 {
            await withCheckedContinuation { continuation in
                let status = state.withLock { state in
                    if state.status == nil { state.waiting.append(continuation) }
                    return state.status
                }
                if let status { continuation.resume(returning: status) }
            }
        }
    }

    /// Starts a program; its output goes to `log`. One that `listens` takes lines by `say`.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], log: String,
        capturesError: Bool = true, listens: Bool = false
    ) throws {
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw ToolFailure("cannot write \(log)") }
        let errors = capturesError ? output : open("/dev/null", O_WRONLY | O_CLOEXEC)
        let pipe = listens ? Pipe() : nil
        defer {
            close(output)
            if errors >= 0, errors != output { close(errors) }
            try? pipe?.fileHandleForReading.close()
        }
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var child = cs_child()
        let failure = Self.withCStrings([program] + arguments) { arguments in
            Self.withCStrings(variables) { variables in
                cs_spawn(
                    program, arguments, variables, nil, pipe?.fileHandleForReading.fileDescriptor ?? -1, output, errors,
                    getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0), &child)
            }
        }
        guard failure == 0 else { throw ToolFailure("\(program): \(String(cString: strerror(failure)))") }
        processIdentifier = child.pid
        self.log = log
        input = pipe?.fileHandleForWriting
        let ending = Ending(child)
        self.ending = ending
        Thread.detachNewThread { ending.attend() }
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }

    deinit { ending.signal(SIGKILL) }

    public var isRunning: Bool { !ending.isOver }
    public var logText: String {
        String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: log))) ?? Data(), as: UTF8.self)
    }

    public func signal(_ signal: Int32) { ending.signal(signal) }

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
        return try await withDeadline(limit, "process \(id) to end") { [ending] in await ending.wait() }
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
