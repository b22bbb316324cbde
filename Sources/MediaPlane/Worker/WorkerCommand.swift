import Glibc
import Synchronization

/// What control asks of a worker. Values only: the sockets in them pass to the worker for good.
enum WorkerCommand: Sendable {
    typealias Reply<Value> = CheckedContinuation<Result<Value, MediaPlaneError>, Never>

    case openRoom(MediaRoomID, tap: TapRing?)
    case setTap(MediaRoomID, TapRing?)
    case closeRoom(MediaRoomID)
    case addLeg(LegSeat, reply: Reply<Void>)
    case startLeg(LegID, LegParameters, reply: Reply<Void>)
    case removeLeg(LegID, reply: Reply<LegStatistics?>)
    case requestKeyframe(LegID)
    case statistics(MediaRoomID, reply: CheckedContinuation<[LegStatistics], Never>)
    case workerStatistics(reply: CheckedContinuation<WorkerStatistics, Never>)
    case stop
}

/// A leg's place in a room with its bound sockets, before its parameters are known.
struct LegSeat: Sendable {
    var id: LegID
    var room: MediaRoomID
    var audio: PortAllocator.Pair
    var video: PortAllocator.Pair
    var audioTrack: UInt16
    var videoTrack: UInt16
}

/// Commands on their way to one worker: a queue and the eventfd that wakes it.
final class WorkerMailbox: Sendable {
    private let queue = Mutex<[WorkerCommand]>([])
    let eventFD: Int32

    init(eventFD: Int32) { self.eventFD = eventFD }

    deinit { close(eventFD) }

    func post(_ command: WorkerCommand) {
        let wasEmpty = queue.withLock { queue in
            queue.append(command)
            return queue.count == 1
        }
        if wasEmpty {
            var one: UInt64 = 1
            _ = write(eventFD, &one, 8)
        }
    }

    /// Takes everything posted so far, in order; also rearms the eventfd.
    func take() -> [WorkerCommand] {
        var count: UInt64 = 0
        _ = read(eventFD, &count, 8)
        return queue.withLock { queue in
            defer { queue = [] }
            return queue
        }
    }
}
