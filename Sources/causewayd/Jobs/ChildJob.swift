import ChildProcesses
import Foundation
import Synchronization

/// A child process that reports its progress in lines of JSON.
enum ChildJob {
    enum Outcome: Sendable {
        case finished
        case cancelled
        case failed(String)
    }

    private struct Line: Decodable {
        var progress: Double?
        var error: String?
    }

    /// Runs a program to its end; `onProgress` hears 0…1, of which it misses what comes while it is busy. Cancelling the task
    /// ends the child.
    static func run(
        _ program: String, _ arguments: [String], onProgress: @escaping @Sendable (Double) async -> Void
    ) async -> Outcome {
        let progress = AsyncStream<Double>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let failure = Mutex<String?>(nil)
        async let told: Void = {
            for await done in progress.stream { await onProgress(done) }
        }()
        let ended: Result<ChildProcess.Outcome, ChildProcess.Failure>
        do throws(ChildProcess.Failure) {
            ended = .success(
                try await ChildProcess(program, arguments, limits: .init(outputOctets: 0)).run { text in
                    guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { return }
                    if let done = line.progress { progress.continuation.yield(done) }
                    if let error = line.error { failure.withLock { $0 = error } }
                })
        } catch { ended = .failure(error) }
        progress.continuation.finish()
        await told
        switch ended {
        case .failure(let error): return .failed("\(error)")
        case .success(let outcome) where outcome.isSuccess: return .finished
        case .success(let outcome) where outcome.ending == .cancelled: return .cancelled
        case .success(let outcome): return .failed(failure.withLock { $0 } ?? outcome.complaint)
        }
    }
}
