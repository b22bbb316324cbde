import ChildProcesses
import Foundation

/// A converter run on a file that nobody vouches for: as a confined child (``ChildProcess/Confinement``), with bounds on time,
/// memory, written files and what it says, that is given the file by standard input and nothing else.
struct ConfinedProgram {
    struct Limits: Sendable {
        var time = Duration.seconds(60)
        var processorSeconds = 45
        /// Of address space; nil where the program reserves more than it uses.
        var memoryOctets: Int? = 1 << 30
        /// Of its output.
        var outputOctets = 16 << 20
    }

    enum Ending: Sendable, Equatable {
        case exited(Int32)
        case tooLong
        case tooLarge
    }

    struct Outcome: Sendable {
        var output: Data
        /// The last words of its standard error.
        var words: String
        var ending: Ending
    }

    var path: String
    var arguments: [String]
    var limits: Limits

    /// - Parameter input: the file that is its standard input; its offset is at the beginning.
    func run(on input: FileHandle) async throws(ExtractionError) -> Outcome {
        let folder = NSTemporaryDirectory() + "/causeway-paper-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch { throw .cannotRead(reason: "no place for its files: \(error.localizedDescription)") }
        var process = ChildProcess(
            path, arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"], in: folder,
            limits: ChildProcess.Limits(
                time: limits.time, grace: .milliseconds(200), outputOctets: limits.outputOctets, niceness: 15),
            place: .ofJobs)
        process.confinement = ChildProcess.Confinement(
            processorSeconds: limits.processorSeconds, fileOctets: 64 << 20, memoryOctets: limits.memoryOctets,
            input: input.fileDescriptor)
        let outcome: ChildProcess.Outcome
        do throws(ChildProcess.Failure) { outcome = try await process.run() } catch {
            throw .cannotRead(reason: "\(error)")
        }
        // It is read by the child alone.
        withExtendedLifetime(input) {}
        let ending: Ending =
            switch outcome.ending {
            case .cancelled: throw .cancelled
            case .outOfTime, .killed(signal: SIGXCPU), .killed(signal: SIGKILL): .tooLong
            case .exited where outcome.isOutputCut: .tooLarge
            case .exited(let status): .exited(status)
            case .killed(let signal): .exited(128 + signal)
            }
        return Outcome(output: Data(outcome.output), words: outcome.lastWords, ending: ending)
    }
}
