import ChildProcesses
import Foundation

extension LevelCurve {
    /// Why the sound of a file cannot be measured.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// ffmpeg is not installed.
        case noProgram
        case unreadable(path: String, reason: String)
        case cancelled

        public var description: String {
            switch self {
            case .noProgram: "ffmpeg is not installed (apt-get install ffmpeg)"
            case .unreadable(let path, let reason): "\(path) cannot be heard: \(reason)"
            case .cancelled: "it was cancelled"
            }
        }
    }

    /// Both sides are measured at the same rate, so that filters have the same shape.
    private static let rate = 16_000
    private static let piece = 1 << 20
    private static let longest = Duration.seconds(3600)

    /// Measures the first sound of a file that ffmpeg reads, as a child process, niced.
    ///
    /// - Parameters:
    ///   - seconds: of the file, from `from` on; nil for all of it.
    ///   - scratch: a path that nobody else uses; what is there meanwhile is 2 MB for each minute.
    public static func measured(
        of path: String, from: Double = 0, seconds: Double? = nil, scratch: String,
        program: String = "/usr/bin/ffmpeg"
    ) async throws(Failure) -> LevelCurve {
        guard FileManager.default.isExecutableFile(atPath: program) else { throw .noProgram }
        defer { unlink(scratch) }
        let arguments =
            ["-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-protocol_whitelist", "file,pipe"]
            + (from > 0 ? ["-ss", "\(from)"] : []) + (seconds.map { ["-t", "\($0)"] } ?? [])
            // From the beginning on, also where the sound begins later.
            + ["-i", "file:\(path)", "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-f", "s16le"]
            + ["-ar", "\(rate)", "-ac", "1", "file:\(scratch)"]
        let child = ChildProcess(
            program, arguments, environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"],
            limits: .init(time: longest, niceness: 15))
        let outcome: ChildProcess.Outcome
        do { outcome = try await child.run() } catch { throw .unreadable(path: path, reason: "\(error)") }
        guard outcome.ending != .cancelled else { throw .cancelled }
        guard outcome.isSuccess else { throw .unreadable(path: path, reason: outcome.complaint) }
        do {
            return try read(scratch)
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }

    private static func read(_ path: String) throws -> LevelCurve {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var curve = LevelCurve(sampleRate: rate)
        while let data = try file.read(upToCount: piece), data.count >= 2 {
            try Task.checkCancellation()
            let count = data.count / 2
            let samples = [Int16](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer), count: count * 2) / 2
            }
            samples.withUnsafeBufferPointer { curve.add($0) }
        }
        return curve
    }
}
