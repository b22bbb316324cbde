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

    /// Runs a program to its end; `onProgress` hears 0…1. Cancelling the task ends the child.
    static func run(
        _ program: String, _ arguments: [String], onProgress: @escaping @Sendable (Double) async -> Void
    ) async -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        let ended = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            ended.continuation.yield(
                process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
            ended.continuation.finish()
        }
        do { try process.run() } catch { return .failed("cannot start \(program): \(error.localizedDescription)") }
        let identifier = process.processIdentifier
        return await withTaskCancellationHandler {
            async let said = lastWords(of: errors.fileHandleForReading)
            let reported = await report(output.fileHandleForReading, onProgress)
            var status: Int32 = -1
            for await code in ended.stream { status = code }
            let words = await said
            if status == 0 { return .finished }
            if Task.isCancelled { return .cancelled }
            return .failed(reported ?? (words.isEmpty ? "it ended with status \(status)" : words))
        } onCancel: {
            kill(identifier, SIGTERM)
        }
    }

    /// Reads lines to their end; returns the error that one of them told of.
    private static func report(
        _ handle: FileHandle, _ onProgress: @Sendable (Double) async -> Void
    ) async -> String? {
        var failure: String?
        for await line in lines(of: handle) {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else { continue }
            if let progress = line.progress { await onProgress(progress) }
            failure = line.error ?? failure
        }
        return failure
    }

    private static func lastWords(of handle: FileHandle) async -> String {
        var last = ""
        for await line in lines(of: handle) where !line.isEmpty { last = String(line.prefix(500)) }
        return last
    }

    private static func lines(of handle: FileHandle) -> AsyncStream<String> {
        AsyncStream { continuation in
            let rest = Mutex<[UInt8]>([])
            handle.readabilityHandler = { handle in
                let data = handle.availableData
                guard !data.isEmpty else {
                    handle.readabilityHandler = nil
                    continuation.finish()
                    return
                }
                let complete = rest.withLock { rest -> [String] in
                    rest += data
                    var lines = rest.split(separator: 10, omittingEmptySubsequences: false)
                    // A child that never ends its line is cut off rather than remembered.
                    rest = lines.popLast().map { $0.count > 65_536 ? [] : Array($0) } ?? []
                    return lines.map { String(decoding: $0, as: UTF8.self) }
                }
                for line in complete { continuation.yield(line) }
            }
        }
    }
}
