import CSpawn
import Glibc
import Synchronization

/// A process that runs children for this one: `causeway-jobs`, which systemd starts in a slice of its own and confines more than
/// the daemon, as soon as somebody connects to its socket.
public final class JobRunner: Sendable {
    private static let chosen = Mutex<JobRunner?>(nil)

    /// Which runs this process's jobs (``ChildProcess/Place/ofJobs``); nil where they run beside it.
    public static var ofThisProcess: JobRunner? { chosen.withLock { $0 } }

    public static func use(_ runner: JobRunner?) { chosen.withLock { $0 = runner } }

    /// A runner that systemd only begins to start says that it is there, on a busy machine, after seconds.
    private static let patience = Duration.seconds(15)

    private let path: String
    private let onAbsence: @Sendable (String) -> Void
    private let isMissed = Mutex(false)

    /// - Parameters:
    ///   - path: of the socket that it listens at.
    ///   - onAbsence: hears why it takes no jobs, once until it takes one again.
    public init(socket path: String, onAbsence: @escaping @Sendable (String) -> Void = { _ in }) {
        self.path = path
        self.onAbsence = onAbsence
    }

    /// Has it start a child; nil where it does not take any, and then it was told nothing of the child.
    func start(
        _ process: ChildProcess, output: Int32, errors: Int32, _ recall: Recall
    ) throws(ChildProcess.Failure) -> OrderedJob? {
        let connection: RunnerConnection
        switch connect(recall) {
        case .success(let made): connection = made
        case .failure(let absence):
            // Who does not wait learns nothing of the runner.
            guard !recall.isCalled else { return nil }
            let isNews = isMissed.withLock { isMissed in
                defer { isMissed = true }
                return !isMissed
            }
            if isNews { onAbsence(absence.reason) }
            return nil
        }
        isMissed.withLock { $0 = false }
        let order = try order(for: process)
        let descriptors = (process.confinement.map { [$0.input] } ?? []) + [output, errors]
        let failure = connection.send(.order(order), descriptors)
        guard failure == 0 else { throw ChildProcess.Failure(process.program, failure) }
        switch connection.answer(within: Self.patience) {
        case .started: return OrderedJob(connection)
        case .notStarted(let failure): throw ChildProcess.Failure(process.program, failure)
        // The end of the connection is the end of what it may have started since.
        default: throw .notStarted(program: process.program, reason: "the runner of jobs gave no answer")
        }
    }

    private struct Absence: Error {
        var reason: String
    }

    private func connect(_ recall: Recall) -> Result<RunnerConnection, Absence> {
        var descriptor: Int32 = -1
        let failure = cs_connect(path, &descriptor)
        guard failure == 0 else { return .failure(Absence(reason: "\(path): \(String(cString: strerror(failure)))")) }
        let connection = RunnerConnection(descriptor)
        return switch connection.answer(within: Self.patience, or: recall) {
        case .welcome: .success(connection)
        case .refused(.full): .failure(Absence(reason: "\(path): as many jobs run there as it takes"))
        default: .failure(Absence(reason: "\(path): nobody answers"))
        }
    }

    /// What a child has of this process where nothing is said of it, it has of this one there, too.
    private func order(for process: ChildProcess) throws(ChildProcess.Failure) -> JobOrder {
        let confinement = process.confinement
        let environment = process.environment?.map { "\($0.key)=\($0.value)" }.sorted()
        do throws(JobOrder.Flaw) {
            return try JobOrder(
                program: process.program, arguments: process.arguments,
                environment: environment ?? (confinement == nil ? Self.ownEnvironment : []),
                directory: process.directory ?? (confinement == nil ? Self.ownDirectory : "/"),
                niceness: process.limits.niceness,
                bounds: confinement.map {
                    JobOrder.Bounds(
                        processorSeconds: Int64($0.processorSeconds), fileOctets: Int64($0.fileOctets),
                        memoryOctets: Int64($0.memoryOctets ?? 0))
                })
        } catch {
            let reason =
                switch error {
                case .tooLong: "its arguments and its environment are longer than \(JobMessage.longest) octets"
                case .badValue: "its program, its folder or its bounds are none that a runner takes"
                }
            throw .notStarted(program: process.program, reason: reason)
        }
    }

    private static var ownEnvironment: [String] {
        var (texts, at) = ([String](), cs_environment())
        while let each = at?.pointee {
            texts.append(String(cString: each))
            at = at?.successor()
        }
        return texts
    }

    private static var ownDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
