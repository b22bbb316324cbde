import NIOCore
import NIOPosix

/// The one thread on which calls are signalled, and on which actors that have much to do with them may live too: what
/// they say to each other then costs no switch of threads. Nobody may block it.
public final class ControlThread: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop: any EventLoop

    public init() { loop = group.next() }

    /// For the `unownedExecutor` of an actor, which must keep the thread alive.
    public var executor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// Ends the thread; nothing may be asked of those who live on it any more.
    public func stop() async { try? await group.shutdownGracefully() }
}
