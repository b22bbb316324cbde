import CSpawn
import ChildProcesses
import Glibc

/// A connection, and the child that was ordered over it.
struct RunningJob {
    /// How long who connected may take to order.
    private static let patience = Duration.seconds(10)

    /// -1 once it is closed.
    private(set) var connection: Int32
    private var child: cs_child?
    /// When an order has to be there; nil once it is.
    private(set) var orderedBy: ContinuousClock.Instant?

    init(_ connection: Int32) {
        self.connection = connection
        orderedBy = .now + Self.patience
        tell(.welcome)
    }

    var isOver: Bool { connection < 0 && child == nil }
    /// Readable when the child has ended; -1 where there is none.
    var childEnd: Int32 { child?.end ?? -1 }

    /// Takes what came over the connection. What is no message, or not the one to come, ends this job, and no other.
    ///
    /// - Parameter isLeft: nobody is at the other end any more.
    mutating func hear(isLeft: Bool, _ octets: inout [UInt8]) {
        var descriptors = [Int32](repeating: -1, count: Int(CS_MOST_DESCRIPTORS))
        var (length, count): (Int, Int32) = (0, 0)
        let failure = cs_receive(connection, &octets, octets.count, &length, &descriptors, &count)
        guard failure != EAGAIN else { return }
        defer { for each in descriptors.prefix(Int(count)) { close(each) } }
        guard failure == 0, length > 0 else {
            return failure == 0 ? drop() : refuse("\(String(cString: strerror(failure)))")
        }
        let message: JobMessage
        do throws(JobMessage.ParseFailure) { message = try JobMessage(parsing: octets[..<length]) } catch {
            return refuse("\(error)")
        }
        switch message {
        // Who has left waits for nothing that it ordered.
        case .order where child == nil && isLeft: drop()
        case .order(let order) where child == nil && order.descriptors == Int(count):
            start(order, Array(descriptors.prefix(Int(count))))
        case .signal(let number) where child != nil: signal(number)
        default: refuse("a message that was not to come")
        }
    }

    private mutating func start(_ order: JobOrder, _ descriptors: [Int32]) {
        orderedBy = nil
        var started = cs_child()
        let failure = withCStrings([order.program] + order.arguments) { arguments in
            withCStrings(order.environment) { environment in
                guard let bounds = order.bounds else {
                    return cs_spawn(
                        order.program, arguments, environment, order.directory, -1, descriptors[0], descriptors[1],
                        order.niceness, &started)
                }
                var own = cs_bounds(
                    processor_seconds: Int(bounds.processorSeconds), file_octets: Int(bounds.fileOctets),
                    memory_octets: Int(bounds.memoryOctets))
                return cs_spawn_confined(
                    order.program, arguments, environment, order.directory, descriptors[0], descriptors[1],
                    descriptors[2], order.niceness, &own, &started)
            }
        }
        guard failure == 0 else {
            tell(.notStarted(failure))
            return drop()
        }
        child = started
        tell(.started)
    }

    /// Its child has ended: whoever it left in its group is killed, and who ordered it is told.
    mutating func bury() {
        guard let child else { return }
        // Until it is reaped, the group's number is nobody else's.
        kill(-child.pid, SIGKILL)
        var signal: Int32 = 0
        let status = cs_reap(child, &signal)
        self.child = nil
        tell(.ended(status: status, signal: signal))
        disconnect()
    }

    /// Ends it as it likes, or at once where there is no child yet.
    mutating func end() {
        if child == nil { disconnect() } else { signal(SIGTERM) }
    }

    /// Ends it. Its child is buried when it is gone.
    mutating func drop() {
        signal(SIGKILL)
        disconnect()
    }

    private mutating func refuse(_ reason: String) {
        RunnerService.say("a job is ended, for what came over its connection was none of the protocol: \(reason)")
        tell(.refused(.malformed))
        drop()
    }

    private func signal(_ number: Int32) {
        if let child { kill(-child.pid, number) }
    }

    private mutating func disconnect() {
        if connection >= 0 { close(connection) }
        connection = -1
        orderedBy = nil
    }

    /// Who does not take its few messages is not waited for.
    private func tell(_ message: JobMessage) {
        if connection >= 0 { Self.say(message, to: connection) }
    }

    static func say(_ message: JobMessage, to connection: Int32) {
        let octets = message.serialised
        _ = cs_send(connection, octets, octets.count, nil, 0)
    }
}
