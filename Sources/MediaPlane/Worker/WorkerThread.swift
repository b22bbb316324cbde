import CLinux
import Glibc
import SRTP
import Synchronization

/// The thread of one media worker, pinned to its core.
final class WorkerThread: Sendable {
    let mailbox: WorkerMailbox
    let studio: StudioThread
    private let thread: Mutex<pthread_t?>

    /// What a new thread needs to make its worker; handed over whole, once.
    private final class Start: Sendable {
        let index: Int
        let core: Int
        let realTimePriority: Int32
        let engine: SRTPEngineChoice
        let keys: KeyAgreement
        let silenceLimit: Duration
        let mailbox: WorkerMailbox
        let descriptors: WorkerDescriptors
        let studio: StudioLink
        let events: AsyncStream<MediaEvent>.Continuation

        init(
            index: Int, core: Int, realTimePriority: Int32, engine: SRTPEngineChoice, keys: KeyAgreement,
            silenceLimit: Duration, mailbox: WorkerMailbox, descriptors: WorkerDescriptors, studio: StudioLink,
            events: AsyncStream<MediaEvent>.Continuation
        ) {
            self.index = index
            self.core = core
            self.realTimePriority = realTimePriority
            self.engine = engine
            self.keys = keys
            self.silenceLimit = silenceLimit
            self.mailbox = mailbox
            self.descriptors = descriptors
            self.studio = studio
            self.events = events
        }
    }

    init(
        index: Int, core: Int, realTimePriority: Int32, engine: SRTPEngineChoice, keys: KeyAgreement,
        silenceLimit: Duration, events: AsyncStream<MediaEvent>.Continuation
    ) throws(MediaPlaneError) {
        // An engine belongs to its thread; this one only shows that the choice can be met here.
        do { _ = try SRTPEngine(engine) } catch { throw .engineUnavailable("\(error)") }
        let descriptors = try WorkerDescriptors()
        mailbox = WorkerMailbox(eventFD: descriptors.wake)
        studio = try StudioThread(index: index, worker: mailbox)
        let start = Start(
            index: index, core: core, realTimePriority: realTimePriority, engine: engine, keys: keys,
            silenceLimit: silenceLimit, mailbox: mailbox, descriptors: descriptors, studio: studio.link, events: events)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(start)
        let result = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                cl_enter_worker_thread("media-\(start.index)", Int32(start.core))
                // Refused where LimitRTPRIO does not allow it; `causeway doctor` says so.
                if start.realTimePriority > 0 { _ = cl_run_in_real_time(start.realTimePriority) }
                guard let engine = try? SRTPEngine(start.engine) else { return nil }
                var worker = Worker(
                    engine: engine, keys: start.keys, descriptors: start.descriptors, mailbox: start.mailbox,
                    studio: start.studio, silenceLimit: start.silenceLimit, events: start.events)
                worker.run()
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            box.release()
            studio.stop()
            throw .cannotStartWorker(errno: result)
        }
        self.thread = Mutex(thread)
    }

    /// Asks the worker to end, and waits until it has.
    func stop() {
        mailbox.post(.stop)
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running { pthread_join(running, nil) }
        studio.stop()
    }
}

/// What a worker waits on: its poller, the eventfd of its mailbox and the timer of the audio tick.
struct WorkerDescriptors: Sendable {
    /// The tags of the two descriptors that belong to no leg.
    static let wakeTag: UInt64 = 1
    static let timerTag: UInt64 = 2

    let poller: Int32
    let wake: Int32
    let timer: Int32

    init() throws(MediaPlaneError) {
        poller = cl_epoll()
        wake = cl_event()
        timer = cl_timer_every(TickClock.period)
        var results = [poller, wake, timer]
        if results.allSatisfy({ $0 >= 0 }) {
            results += [cl_epoll_add(poller, wake, Self.wakeTag), cl_epoll_add(poller, timer, Self.timerTag)]
        }
        if let failure = results.first(where: { $0 < 0 }) {
            close()
            if wake >= 0 { _ = Glibc.close(wake) }
            throw .cannotStartWorker(errno: -failure)
        }
    }

    /// Closes what the worker alone uses; the eventfd belongs to the mailbox, which control may still hold.
    func close() {
        for descriptor in [poller, timer] where descriptor >= 0 { _ = Glibc.close(descriptor) }
    }
}
