import CSpawn
import Glibc

/// Starts a child and attends to it until it has ended: reads what it says, and ends it where it must. It sleeps in poll(2),
/// and so wants a thread of its own.
struct ChildAttendant: ~Copyable {
    private enum Phase {
        case running
        /// SIGTERM was sent, for a reason.
        case ending(ChildProcess.Ending)
        case killed(ChildProcess.Ending)
    }

    /// Of a pipe that its child has left: it holds a megabyte at most (`/proc/sys/fs/pipe-max-size`).
    private static let mostPieces = 17

    private let limits: ChildProcess.Limits
    private let recall: Recall
    private let onLine: (String) -> Void
    private let child: StartedChild
    private let output: Int32
    private let errors: Int32
    private var phase = Phase.running
    /// When the phase ends by itself.
    private var deadline: ContinuousClock.Instant?
    private var said: BoundedOutput
    private var words = LastWords()
    private var isOutputOpen = true
    private var areErrorsOpen = true
    private var piece = [UInt8](repeating: 0, count: 65_536)

    init(
        _ process: ChildProcess, _ recall: Recall, _ onLine: @escaping (String) -> Void
    ) throws(ChildProcess.Failure) {
        var pipes: [(reading: Int32, writing: Int32)] = []
        var failure: Int32 = 0
        for _ in 0..<2 where failure == 0 {
            var pipe: (reading: Int32, writing: Int32) = (-1, -1)
            failure = cs_pipe(&pipe.reading, &pipe.writing)
            if failure == 0 { pipes.append(pipe) }
        }
        defer { for pipe in pipes { close(pipe.writing) } }
        guard failure == 0, let output = pipes.first, let errors = pipes.last else {
            for pipe in pipes { close(pipe.reading) }
            throw ChildProcess.Failure(process.program, failure)
        }
        do throws(ChildProcess.Failure) {
            child = try StartedChild(process, output: output.writing, errors: errors.writing, recall)
        } catch {
            for pipe in pipes { close(pipe.reading) }
            throw error
        }
        (self.output, self.errors) = (output.reading, errors.reading)
        self.recall = recall
        self.onLine = onLine
        limits = process.limits
        said = BoundedOutput(keeping: limits.outputOctets)
        deadline = limits.time.map { .now + $0 }
    }

    deinit {
        close(output)
        close(errors)
    }

    mutating func attend() -> ChildProcess.Outcome {
        while !step() {}
        // Whoever it left in its group.
        child.signal(SIGKILL)
        // All that it said is in the pipes by now.
        drain()
        said.finish(onLine)
        let (status, signal) = child.bury()
        let ending: ChildProcess.Ending =
            switch phase {
            case .running: signal == 0 ? .exited(status) : .killed(signal: signal)
            case .ending(let reason), .killed(let reason): reason
            }
        return ChildProcess.Outcome(
            ending: ending, output: said.kept, isOutputCut: said.isCut, lastWords: words.line)
    }

    /// Waits for what comes next and takes it; true when the child has ended.
    private mutating func step() -> Bool {
        let hearsRecall = if case .running = phase { true } else { false }
        // Those that are not waited for have negative numbers, which poll(2) passes over.
        var watched = [
            pollfd(fd: child.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isOutputOpen ? output : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: areErrorsOpen ? errors : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: hearsRecall ? recall.descriptor : -1, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&watched, nfds_t(watched.count), patience) >= 0 else { return false }
        // Before anything else: a child that has ended by itself was not ended by us.
        if watched[0].revents != 0, child.hasEnded() { return true }
        if watched[3].revents != 0 {
            end(for: .cancelled)
        } else if let deadline, deadline <= .now {
            switch phase {
            case .running: end(for: .outOfTime)
            case .ending(let reason):
                child.signal(SIGKILL)
                phase = .killed(reason)
                self.deadline = nil
            case .killed: self.deadline = nil
            }
        }
        _ = readOutput()
        _ = readErrors()
        return false
    }

    private mutating func end(for reason: ChildProcess.Ending) {
        child.signal(SIGTERM)
        phase = .ending(reason)
        deadline = .now + limits.grace
    }

    /// In milliseconds, rounded up; -1 where nothing falls due.
    private var patience: Int32 {
        guard let deadline else { return -1 }
        let left = (deadline - .now) / .milliseconds(1)
        return Int32(max(0, min(left.rounded(.up), 86_400_000)))
    }

    private enum Reading {
        case octets(Int)
        case nothing
        case end
    }

    private mutating func read(_ descriptor: Int32) -> Reading {
        let count = Glibc.read(descriptor, &piece, piece.count)
        if count > 0 { return .octets(count) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
    }

    /// Takes one piece, so that a child that talks without end does not keep us from the rest; false where there is none.
    private mutating func readOutput() -> Bool {
        guard isOutputOpen else { return false }
        switch read(output) {
        case .octets(let count):
            said.take(piece[..<count], onLine)
            return true
        case .nothing: return false
        case .end:
            isOutputOpen = false
            return false
        }
    }

    private mutating func readErrors() -> Bool {
        guard areErrorsOpen else { return false }
        switch read(errors) {
        case .octets(let count):
            words.take(piece[..<count])
            return true
        case .nothing: return false
        case .end:
            areErrorsOpen = false
            return false
        }
    }

    /// Takes what the pipes hold. Their end is not waited for: a daemon that the child left may keep them open, or fill them.
    private mutating func drain() {
        for _ in 0..<Self.mostPieces where !readOutput() { break }
        for _ in 0..<Self.mostPieces where !readErrors() { break }
    }
}
