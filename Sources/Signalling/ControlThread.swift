import NIOCore
import NIOPosix

/// The one thread on which calls are signalled, and on which actors that have much to do with them may live too: what
/// they say to each other then costs no switch of threads. Nobody may block it.
public final class ControlThread: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let jobs: ControlExecutor
    let loop: any EventLoop

    public init() {
        loop = group.next()
        jobs = ControlExecutor(loop)
    }

    /// For the `unownedExecutor` of an actor, which must keep the thread alive.
    public var executor: UnownedSerialExecutor { jobs.asUnownedSerialExecutor() }

    /// Begins a task that stays on the thread. One begun otherwise leaves it for the pool of all tasks, and comes back,
    /// whenever something that it waited for is there: two threads woken for each wait.
    @discardableResult
    public func begin(_ work: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: jobs, operation: work)
    }

    /// Has something done on the thread after a while.
    public func after(_ delay: Duration, _ work: @escaping @Sendable () -> Void) -> ControlTimer {
        ControlTimer(scheduled: loop.scheduleTask(in: TimeAmount(delay), work))
    }

    /// Ends the thread; nothing may be asked of those who live on it any more.
    public func stop() async { try? await group.shutdownGracefully() }
}

/// Something that is to be done later, unless it is taken back.
public struct ControlTimer: Sendable {
    fileprivate let scheduled: Scheduled<Void>

    public func cancel() { scheduled.cancel() }
}

/// Runs the jobs of actors, and of tasks that are of no actor for a moment, on one event loop.
private final class ControlExecutor: SerialExecutor, TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }

    func checkIsolated() { loop.preconditionInEventLoop() }
}
