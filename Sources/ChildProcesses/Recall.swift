import CSpawn
import Glibc

/// Tells the thread that attends to a child, which sleeps in poll(2), that nobody waits for the child any more.
final class Recall: Sendable {
    /// Readable, at its end, once it was called.
    let descriptor: Int32
    private let writing: Int32

    init() throws(ChildProcess.Failure) {
        var (reading, writing): (Int32, Int32) = (-1, -1)
        let failure = cs_pipe(&reading, &writing)
        guard failure == 0 else { throw .notStarted(program: "", reason: String(cString: strerror(failure))) }
        (descriptor, self.writing) = (reading, writing)
    }

    var isCalled: Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) > 0
    }

    func call() {
        var octet: UInt8 = 0
        _ = write(writing, &octet, 1)
    }

    deinit {
        close(descriptor)
        close(writing)
    }
}
