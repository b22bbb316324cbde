import CLinux
import Glibc
import Synchronization

/// The thread of a studio. It sleeps while nothing is to be made, and gives way to media workers, which are as nice as is allowed
/// (`LimitNICE`). It is not nicer than others are: people look at these pictures while they are made.
final class StudioThread: Sendable {
    let link: StudioLink
    private let thread: Mutex<pthread_t?>

    private final class Start: Sendable {
        let link: StudioLink
        let index: Int
        init(_ link: StudioLink, _ index: Int) {
            self.link = link
            self.index = index
        }
    }

    init(index: Int, worker: WorkerMailbox) throws(MediaPlaneError) {
        link = try StudioLink(to: worker)
        let box = Unmanaged.passRetained(Start(link, index))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                cl_name_thread("studio-\(start.index)")
                StudioThread.run(start.link)
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            box.release()
            throw .cannotStartWorker(errno: result)
        }
        self.thread = Mutex(thread)
    }

    /// Asks the studio to end, and waits until it has.
    func stop() {
        link.post(.stop)
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running { pthread_join(running, nil) }
    }

    private static func run(_ link: StudioLink) {
        let studio = Studio(link)
        var due = monotonicNanoseconds()
        while true {
            var now = monotonicNanoseconds()
            if studio.isIdle || now < due {
                wait(on: link.eventFD, until: studio.isIdle ? nil : due, now)
                now = monotonicNanoseconds()
            }
            for command in link.takeCommands() {
                if case .stop = command { return }
                studio.obey(command)
            }
            guard now >= due else { continue }
            studio.work(at: now)
            // Where it cannot keep up it makes fewer pictures.
            due = max(due &+ Studio.frameNanoseconds, monotonicNanoseconds())
            account(link)
        }
    }

    private static func wait(on event: Int32, until due: UInt64?, _ now: UInt64) {
        var poller = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
        let rest = due.map { Int32(clamping: ($0 &- now) / 1_000_000 &+ 1) }
        poll(&poller, 1, rest ?? -1)
    }

    private static func account(_ link: StudioLink) {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        link.cpuNanoseconds.store(
            UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec), ordering: .relaxed)
    }
}
