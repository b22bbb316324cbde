import ChildProcesses
import Composer
import Foundation
import Synchronization

/// A child process that reports its progress, and what it found, in lines of JSON (`ComposeJob.Line`).
enum ChildJob {
    enum Outcome: Sendable {
        case finished(MasterDecoding)
        case cancelled
        case failed(String)
    }

    /// Tracks that are taken note of: a meeting of five hundred points with sound, picture and slides, and some again.
    private static let mostTracks = 4_096

    private struct Found {
        var decoding = MasterDecoding()
        var error: String?
    }

    /// Runs a program to its end; `onProgress` hears lines with progress, of which it misses what comes while it is busy. Cancelling the task
    /// ends the child.
    static func run(
        _ program: String, _ arguments: [String], onProgress: @escaping @Sendable (ComposeJob.Line) async -> Void
    ) async -> Outcome {
        let progress = AsyncStream<ComposeJob.Line>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let found = Mutex(Found())
        async let told: Void = {
            for await line in progress.stream { await onProgress(line) }
        }()
        let ended: Result<ChildProcess.Outcome, ChildProcess.Failure>
        do throws(ChildProcess.Failure) {
            ended = .success(
                try await ChildProcess(program, arguments, limits: .init(outputOctets: 0), place: .ofJobs).run { text in
                    guard let line = try? JSONDecoder().decode(ComposeJob.Line.self, from: Data(text.utf8)) else {
                        return
                    }
                    if line.progress != nil { progress.continuation.yield(line) }
                    found.withLock { found in
                        found.error = line.error ?? found.error
                        found.decoding.misplaced = line.misplaced ?? found.decoding.misplaced
                        if let track = line.track, found.decoding.tracks.count < mostTracks {
                            found.decoding.tracks.append(track)
                        }
                    }
                })
        } catch { ended = .failure(error) }
        progress.continuation.finish()
        await told
        switch ended {
        case .failure(let error): return .failed("\(error)")
        case .success(let outcome) where outcome.isSuccess: return .finished(found.withLock { $0.decoding })
        case .success(let outcome) where outcome.ending == .cancelled: return .cancelled
        case .success(let outcome): return .failed(found.withLock { $0.error } ?? outcome.complaint)
        }
    }
}
