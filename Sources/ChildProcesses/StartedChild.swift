import CSpawn
import Glibc

/// A child that was started, wherever it runs: what its attendant waits for, signals and buries.
enum StartedChild {
    case beside(cs_child)
    case with(OrderedJob)

    /// Starts it where it is to run.
    ///
    /// - Parameters:
    ///   - output: its standard output, which stays the caller's here.
    ///   - errors: its standard error; the same.
    ///   - recall: who calls it does not want to wait for a runner.
    init(
        _ process: ChildProcess, output: Int32, errors: Int32, _ recall: Recall
    ) throws(ChildProcess.Failure) {
        if case .with(let runner) = process.place,
            let job = try runner.start(process, output: output, errors: errors, recall)
        {
            self = .with(job)
        } else {
            self = .beside(try Self.start(process, output: output, errors: errors))
        }
    }

    private static func start(
        _ process: ChildProcess, output: Int32, errors: Int32
    ) throws(ChildProcess.Failure) -> cs_child {
        var child = cs_child()
        let environment = process.environment.map { $0.map { "\($0.key)=\($0.value)" } }
        let failure = withCStrings([process.program] + process.arguments) { arguments in
            withCStrings(environment ?? []) { own in
                if let confinement = process.confinement {
                    var bounds = cs_bounds(
                        processor_seconds: confinement.processorSeconds, file_octets: confinement.fileOctets,
                        memory_octets: confinement.memoryOctets ?? 0)
                    return cs_spawn_confined(
                        process.program, arguments, own, process.directory ?? "/", confinement.input, output, errors,
                        process.limits.niceness, &bounds, &child)
                }
                return cs_spawn(
                    process.program, arguments, environment == nil ? nil : own, process.directory, -1, output, errors,
                    process.limits.niceness, &child)
            }
        }
        guard failure == 0 else { throw ChildProcess.Failure(process.program, failure) }
        return child
    }

    /// Readable when something became of it.
    var descriptor: Int32 {
        switch self {
        case .beside(let child): child.end
        case .with(let job): job.descriptor
        }
    }

    /// To be asked when the descriptor is readable.
    func hasEnded() -> Bool {
        switch self {
        case .beside: true
        case .with(let job): job.hasEnded()
        }
    }

    /// To its whole group.
    func signal(_ number: Int32) {
        switch self {
        // Until it is reaped, the group's number is nobody else's.
        case .beside(let child): kill(-child.pid, number)
        case .with(let job): job.signal(number)
        }
    }

    /// What it ended with: to be called once, when it has ended.
    func bury() -> (status: Int32, signal: Int32) {
        switch self {
        case .beside(let child):
            var signal: Int32 = 0
            let status = cs_reap(child, &signal)
            return (status, signal)
        case .with(let job): return job.end
        }
    }
}
