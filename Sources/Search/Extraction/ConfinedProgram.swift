import Foundation

/// A converter run on a file that nobody vouches for: as a child without network, with bounds on time, memory, written files and
/// what it says, that is given the file by standard input and nothing else.
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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments =
            ["--signal=KILL", "\(max(1, limits.time.components.seconds))", "/usr/bin/nice", "-n", "15"] + Self.seclusion
            + [
                "/usr/bin/prlimit", "--cpu=\(limits.processorSeconds)", "--core=0", "--fsize=\(64 << 20)",
                "--nofile=64",
            ]
            + (limits.memoryOctets.map { ["--as=\($0)"] } ?? []) + ["--", path] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"]
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        let ended = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            let isExit = process.terminationReason == .exit
            ended.continuation.yield(isExit ? process.terminationStatus : 128 + process.terminationStatus)
            ended.continuation.finish()
        }
        do { try process.run() } catch { throw .cannotRead(reason: error.localizedDescription) }
        let identifier = process.processIdentifier
        let limit = limits.outputOctets
        let (data, said, status) = await withTaskCancellationHandler {
            // Of timeout(1), which passes the signal on to its child.
            async let data = Self.read(output.fileHandleForReading, limit) { kill(identifier, SIGTERM) }
            async let said = Self.read(errors.fileHandleForReading, 65_536) {}
            // Not by iterating: a cancelled task would leave before the child has ended.
            let status = await Task { await ended.stream.first { _ in true } ?? -1 }.value
            return (await data, await said, status)
        } onCancel: {
            kill(identifier, SIGTERM)
        }
        if Task.isCancelled { throw .cancelled }
        let words = String(decoding: said.suffix(2000), as: UTF8.self).split(separator: "\n").last.map(String.init)
        let ending: Ending =
            data.count > limit ? .tooLarge : status == 137 ? .tooLong : .exited(status)
        return Outcome(output: data.prefix(limit), words: String((words ?? "").prefix(300)), ending: ending)
    }

    /// A network of its own with nothing in it, where the system lets a program have one.
    private static let seclusion: [String] = {
        let unshare = "/usr/bin/unshare"
        for arguments in [["--net"], ["--user", "--map-root-user", "--net"]] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: unshare)
            process.arguments = arguments + ["/bin/true"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { continue }
            process.waitUntilExit()
            if process.terminationStatus == 0 { return [unshare] + arguments }
        }
        return []
    }()

    /// Reads to the end, keeps one octet more than `limit`, and calls `onExcess` once there is more.
    private static func read(_ handle: FileHandle, _ limit: Int, _ onExcess: @escaping @Sendable () -> Void) async
        -> Data
    {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                var data = Data()
                while let piece = try? handle.read(upToCount: 65_536), !piece.isEmpty {
                    let room = limit + 1 - data.count
                    if room > 0 { data.append(piece.prefix(room)) }
                    if room > 0, data.count > limit { onExcess() }
                }
                continuation.resume(returning: data)
            }
        }
    }
}
