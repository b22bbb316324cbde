import CSpawn
import CSystemd
import ChildProcesses
import Glibc

/// Takes connections and serves each until its job has ended, all on one thread that sleeps in poll(2).
struct RunnerService: ~Copyable {
    /// Running or about to be ordered: more than the daemon's desks let run at once.
    static let mostJobs = 64
    /// From SIGTERM to this process until its children get SIGKILL.
    private static let grace = Duration.seconds(2)

    private let listener: Int32
    private let termination: Int32
    private var jobs: [RunningJob] = []
    private var octets = [UInt8](repeating: 0, count: JobMessage.longest)
    /// When children are killed, once this process is to end.
    private var stopsBy: ContinuousClock.Instant?
    private var told = 0

    init(listener: Int32, termination: Int32) {
        self.listener = listener
        self.termination = termination
    }

    deinit {
        close(listener)
        close(termination)
    }

    /// Returns when it was told to end and no child is left.
    mutating func run() {
        while stopsBy == nil || !jobs.isEmpty {
            step()
            jobs.removeAll(where: \.isOver)
            if told != jobs.count {
                told = jobs.count
                sd_notify(0, "STATUS=\(told == 0 ? "no" : "\(told)") job\(told == 1 ? "" : "s")")
            }
        }
    }

    private mutating func step() {
        var watched = [
            pollfd(fd: termination, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stopsBy == nil ? listener : -1, events: Int16(POLLIN), revents: 0),
        ]
        for job in jobs {
            // Those that are not waited for are negative, which poll(2) passes over.
            watched.append(pollfd(fd: job.childEnd, events: Int16(POLLIN), revents: 0))
            watched.append(pollfd(fd: job.connection, events: Int16(POLLIN), revents: 0))
        }
        guard poll(&watched, nfds_t(watched.count), patience) >= 0 else { return }
        for index in jobs.indices {
            let (child, connection) = (watched[2 + 2 * index], watched[3 + 2 * index])
            if child.revents != 0 { jobs[index].bury() }
            if connection.revents != 0, jobs[index].connection >= 0 {
                jobs[index].hear(isLeft: connection.revents & Int16(POLLHUP) != 0, &octets)
            }
            if let due = jobs[index].orderedBy, due <= .now { jobs[index].drop() }
        }
        if watched[1].revents != 0 { accept() }
        if watched[0].revents != 0 { stop() }
        if let stopsBy, stopsBy <= .now {
            for index in jobs.indices { jobs[index].drop() }
            self.stopsBy = .now + Self.grace
        }
    }

    private mutating func accept() {
        var (connection, peer): (Int32, uid_t) = (-1, 0)
        guard cs_accept(listener, &connection, &peer) == 0 else { return }
        guard peer == geteuid() else {
            Self.say("a connection by user \(peer) is not taken")
            close(connection)
            return
        }
        guard jobs.count < Self.mostJobs else {
            RunningJob.say(.refused(.full), to: connection)
            close(connection)
            return
        }
        jobs.append(RunningJob(connection))
    }

    /// Children may end in their own way; whose job is not ordered yet is sent away.
    private mutating func stop() {
        // What signalfd(2) tells of the signal, which is one of two that mean the same.
        var information = [UInt8](repeating: 0, count: 128)
        _ = read(termination, &information, information.count)
        sd_notify(0, "STOPPING=1")
        stopsBy = .now + Self.grace
        for index in jobs.indices { jobs[index].end() }
    }

    /// In milliseconds, rounded up; -1 where nothing falls due.
    private var patience: Int32 {
        let due = jobs.compactMap(\.orderedBy) + (stopsBy.map { [$0] } ?? [])
        guard let first = due.min() else { return -1 }
        return Int32(max(0, min(((first - .now) / .milliseconds(1)).rounded(.up), 86_400_000)))
    }

    static func say(_ text: String) {
        let line = Array("causeway-jobs: \(text)\n".utf8)
        _ = write(2, line, line.count)
    }
}
