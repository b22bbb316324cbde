import CSpawn
import Glibc

/// A program to be run as a bounded child process: no input, output of bounded length, a time limit, a niceness, and an end
/// that nothing it does can put off.
///
/// It leads a process group of its own. Who cancels, or the time limit, ends that group: SIGTERM, and SIGKILL after `grace`.
/// When the program has ended, whatever it left running in its group is killed. (`Foundation.Process` starts children with
/// SIGTERM blocked where the calling thread blocks it, as those of Dispatch do, and does not lead a group.)
///
/// Where it runs (``Place``) makes no difference to who waits for it.
public struct ChildProcess: Sendable {
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case notStarted(program: String, reason: String)

        public var description: String {
            switch self {
            case .notStarted(let program, let reason): "\(program) cannot be started: \(reason)"
            }
        }
    }

    public enum Ending: Hashable, Sendable {
        /// With its status.
        case exited(Int32)
        /// By a signal that this process did not send it.
        case killed(signal: Int32)
        /// Whatever its status was then.
        case cancelled
        case outOfTime
    }

    public struct Outcome: Sendable {
        public var ending: Ending
        /// The first octets of standard output.
        public var output: [UInt8]
        /// Whether there were more than `Limits.outputOctets`.
        public var isOutputCut: Bool
        /// The last line of standard error that is not blank, cut to 300 characters; empty where there is none.
        public var lastWords: String

        public var isSuccess: Bool { ending == .exited(0) }
        /// Why it did not succeed, for people.
        public var complaint: String {
            guard lastWords.isEmpty else { return lastWords }
            return switch ending {
            case .exited(let status): "it ended with status \(status)"
            case .killed(let signal): "it was ended by signal \(signal)"
            case .cancelled: "it was cancelled"
            case .outOfTime: "it took too long"
            }
        }
    }

    public struct Limits: Hashable, Sendable {
        /// From its start to SIGTERM; nil where it may take any time.
        public var time: Duration?
        /// From SIGTERM to SIGKILL.
        public var grace = Duration.seconds(2)
        /// Kept of standard output; what is beyond is read and dropped.
        public var outputOctets = 65_536
        /// -20 to 19, as `nice(1)` has them.
        public var niceness: Int32 = 0

        public init(
            time: Duration? = nil, grace: Duration = .seconds(2), outputOctets: Int = 65_536, niceness: Int32 = 0
        ) {
            self.time = time
            self.grace = grace
            self.outputOctets = outputOctets
            self.niceness = niceness
        }
    }

    /// What a child is kept to that reads what nobody vouches for: it has no sockets, reaches no other process, reads (where the
    /// kernel has Landlock) installed programs alone and writes in its directory alone. Needs no privileges, and holds under a
    /// service manager that lets nobody make namespaces.
    public struct Confinement: Hashable, Sendable {
        public var processorSeconds: Int
        /// Of each file that it writes.
        public var fileOctets: Int
        /// Of address space; nil where it reserves more than it uses.
        public var memoryOctets: Int?
        /// Its standard input, which stays the caller's.
        public var input: Int32
        /// Whether it is kept from files, too.
        public static var hasLandlock: Bool { cs_has_landlock() != 0 }

        public init(processorSeconds: Int, fileOctets: Int, memoryOctets: Int?, input: Int32) {
            self.processorSeconds = processorSeconds
            self.fileOctets = fileOctets
            self.memoryOctets = memoryOctets
            self.input = input
        }
    }

    public enum Place: Sendable {
        /// As a child of this process.
        case beside
        /// With a runner, which confines it further; where that is not there, beside.
        case with(JobRunner)

        /// Where jobs of this process run, which need neither the network nor what is secret: with the runner that
        /// ``JobRunner/use(_:)`` named, or beside.
        public static var ofJobs: Place { JobRunner.ofThisProcess.map { .with($0) } ?? .beside }
    }

    /// A path; an absolute one, where a runner is to run it.
    public var program: String
    public var arguments: [String]
    /// Nil for this process's own.
    public var environment: [String: String]?
    /// Nil for this process's own.
    public var directory: String?
    public var limits: Limits
    /// It counts where the environment and the directory are given, too.
    public var confinement: Confinement?
    public var place: Place

    public init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, in directory: String? = nil,
        limits: Limits = Limits(), place: Place = .beside
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.limits = limits
        self.place = place
    }

    /// Runs it to its end, which cancelling the task hastens.
    ///
    /// - Parameter onLine: hears each line of standard output as it comes, cut to 65,536 octets, on a thread that may block;
    ///   the child waits for it.
    public func run(onLine: @escaping @Sendable (String) -> Void = { _ in }) async throws(Failure) -> Outcome {
        let recall: Recall
        do throws(Failure) { recall = try Recall() } catch { throw .notStarted(program: program, reason: error.reason) }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Outcome, Failure>, Never>) in
                let failure = detachThread {
                    let result: Result<Outcome, Failure>
                    do throws(Failure) {
                        var attendant = try ChildAttendant(self, recall, onLine)
                        result = .success(attendant.attend())
                    } catch { result = .failure(error) }
                    continuation.resume(returning: result)
                }
                if failure != 0 {
                    continuation.resume(returning: .failure(Failure(program, failure)))
                }
            }
        } onCancel: {
            recall.call()
        }
        return try result.get()
    }
}

extension ChildProcess.Failure {
    /// - Parameter number: an errno.
    init(_ program: String, _ number: Int32) {
        self = .notStarted(program: program, reason: String(cString: strerror(number)))
    }

    var reason: String {
        switch self {
        case .notStarted(_, let reason): reason
        }
    }
}
