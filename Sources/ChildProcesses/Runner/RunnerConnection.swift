import CSpawn
import Glibc

/// A connection to a runner of jobs, which is closed with this value.
final class RunnerConnection {
    enum Heard {
        case message(JobMessage)
        case nothing
        /// Also where what came is no message.
        case end
    }

    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Returns 0 or an errno.
    func send(_ message: JobMessage, _ descriptors: [Int32] = []) -> Int32 {
        let octets = message.serialised
        return cs_send(descriptor, octets, octets.count, descriptors, Int32(descriptors.count))
    }

    /// Does not wait.
    func hear() -> Heard {
        var octets = [UInt8](repeating: 0, count: 64)
        var descriptors = [Int32](repeating: -1, count: Int(CS_MOST_DESCRIPTORS))
        var (length, count): (Int, Int32) = (0, 0)
        let failure = cs_receive(descriptor, &octets, octets.count, &length, &descriptors, &count)
        guard failure != EAGAIN else { return .nothing }
        for each in descriptors.prefix(Int(count)) { close(each) }
        guard failure == 0, length > 0, let message = try? JobMessage(parsing: octets[..<length]) else { return .end }
        return .message(message)
    }

    /// The next message; nil where there is none in time, or where somebody recalls before.
    func answer(within patience: Duration, or recall: Recall? = nil) -> JobMessage? {
        let deadline = ContinuousClock.now + patience
        while true {
            switch hear() {
            case .message(let message): return message
            case .end: return nil
            case .nothing: break
            }
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { return nil }
            var watched = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: recall?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&watched, nfds_t(watched.count), Int32(left.rounded(.up))) >= 0 || errno == EINTR else {
                return nil
            }
            if watched[0].revents == 0, watched[1].revents != 0 { return nil }
        }
    }
}

/// A child that a runner started. Its end comes as a message; the end of the connection ends it.
final class OrderedJob {
    private let connection: RunnerConnection
    /// What it ended with. A runner that goes takes its children with it.
    private(set) var end: (status: Int32, signal: Int32) = (-1, SIGKILL)

    init(_ connection: RunnerConnection) { self.connection = connection }

    var descriptor: Int32 { connection.descriptor }

    func hasEnded() -> Bool {
        switch connection.hear() {
        case .nothing: return false
        case .message(.ended(let status, let signal)): end = (status, signal)
        case .message, .end: break
        }
        return true
    }

    /// Of one that has ended there is nobody to hear it.
    func signal(_ number: Int32) { _ = connection.send(.signal(number)) }
}
