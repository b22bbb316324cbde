import ChildProcesses
import Foundation
import Testing

/// Where a test has its children run.
enum ChildPlace: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case beside
    case withRunner

    var testDescription: String { rawValue }

    func run<Result>(_ body: (ChildProcess.Place) async throws -> Result) async throws -> Result {
        switch self {
        case .beside: try await body(.beside)
        case .withRunner: try await RealRunner.run { try await body(.with($0.runner)) }
        }
    }
}

/// The program `causeway-jobs`, listening at a socket of its own.
struct RealRunner {
    let socket: String
    let runner: JobRunner
    private let task: Task<ChildProcess.Outcome, any Error>

    static var program: String {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return (own as NSString).deletingLastPathComponent + "/causeway-jobs"
        }
    }

    /// Starts it, and ends it when `body` has ended. It says nothing but that it listens, and `complaints` of what comes to it.
    static func run<Result>(
        absence: @escaping @Sendable (String) -> Void = { Issue.record("the runner took no job: \($0)") },
        _ body: (RealRunner) async throws -> Result
    ) async throws -> Result {
        let socket = NSTemporaryDirectory() + "/cw-jobs-\(UUID().uuidString)"
        let listening = AsyncStream<Void>.makeStream()
        let process = ChildProcess(try program, ["--listen", socket], limits: .init(grace: .seconds(20)))
        let task = Task {
            defer { listening.continuation.finish() }
            return try await process.run { _ in listening.continuation.finish() }
        }
        for await _ in listening.stream {}
        let real = RealRunner(socket: socket, runner: JobRunner(socket: socket, onAbsence: absence), task: task)
        do {
            let result = try await body(real)
            _ = try await real.end()
            return result
        } catch {
            _ = try? await real.end()
            throw error
        }
    }

    /// Ends it by SIGTERM, and tells what it said last.
    @discardableResult func end() async throws -> ChildProcess.Outcome {
        task.cancel()
        return try await task.value
    }
}
