import Dispatch
import Glibc
import SRTP
import STUN
import Synchronization

/// What control asks of a worker. Values only: the sockets in them pass to the worker for good.
enum WorkerCommand: Sendable {
    typealias Reply<Value> = CheckedContinuation<Result<Value, MediaPlaneError>, Never>

    case openRoom(MediaRoomID, tap: TapRing?, mutesNewcomers: Bool)
    case setTap(MediaRoomID, TapRing?)
    case closeRoom(MediaRoomID)
    case addLeg(LegSeat)
    /// A leg that was added without gets sockets for the camera's picture.
    case addVideo(LegID, PortAllocator.Pair)
    /// A leg gets a stream for slides.
    case addSlides(LegID, PortAllocator.Pair, track: UInt16, StreamSources)
    /// Who presents in a room is decided elsewhere.
    case setPresenter(MediaRoomID, LegID?)
    case setMuted(LegID, Bool)
    /// All in a room see this leg's camera, whoever speaks.
    case setSpotlight(MediaRoomID, LegID?)
    /// To another room of the same worker.
    case moveLeg(LegID, to: MediaRoomID)
    case startLeg(LegID, LegParameters, reply: Reply<Void>)
    /// A part of a handshake; to the peer of a path, or to an address.
    case sendOnPath(KeyAgreement.Name, [UInt8], to: TransportAddress?)
    /// The keys that a handshake gave, and where the peer is, if ICE does not say.
    case keyPath(KeyAgreement.Name, local: SRTPMasterKey, remote: SRTPMasterKey, at: TransportAddress?)
    case removeLeg(LegID, reply: Reply<LegStatistics?>?)
    case requestKeyframe(LegID)
    case play(SoundClip, PlaybackID, to: ClipAudience)
    case stopClips(LegID)
    /// Everybody in a room hears and sees itself, so many frames of 20 ms later.
    case setEcho(MediaRoomID, frames: Int)
    case setCare(MediaRoomID, SoundCare)
    case statistics(MediaRoomID, reply: CheckedContinuation<[LegStatistics], Never>)
    case workerStatistics(reply: CheckedContinuation<WorkerStatistics, Never>)
    case setLayout(MediaRoomID, RoomLayout)
    /// A leg has a layout of its own, or has the room's again.
    case setLegLayout(LegID, RoomLayout?)
    case setCaptions(MediaRoomID, RoomCaptions)
    /// What a leg makes of its panes, and whose cameras they show.
    case setPanes(LegID, PaneUse, [LegID?])
    case studio(StudioNotice)
    /// From now on this worker sends what another puts in there.
    case adopt(FanOutRing)
    case retire(RetiredEgress)
    case closeRooms(DispatchSemaphore)
    case stop

    /// Something may be due in the next tick for it.
    var mayStir: Bool {
        switch self {
        case .statistics, .workerStatistics, .adopt, .retire, .closeRooms, .stop: false
        default: true
        }
    }
}

/// A leg's place in a room with its bound sockets, before its parameters are known.
struct LegSeat: Sendable {
    var id: LegID
    var room: MediaRoomID
    var audio: PortAllocator.Pair
    /// Nil where nobody has asked for pictures yet.
    var video: PortAllocator.Pair?
    var audioTrack: UInt16
    var videoTrack: UInt16
    var audioSources: StreamSources
    var videoSources: StreamSources
    /// The way to the worker that sends this leg's packets, where that is another.
    var fanOut: FanOutRing?
}

/// Commands on their way to one worker: a queue and the eventfd that wakes it.
final class WorkerMailbox: Sendable {
    private struct Queue {
        var commands: [WorkerCommand] = []
        var isWoken = false
    }
    private let queue = Mutex(Queue())
    let eventFD: Int32

    init(eventFD: Int32) { self.eventFD = eventFD }

    deinit { close(eventFD) }

    /// - Parameter isPatient: what would wake the worker for nothing: it is done with the next command that is not, or in
    ///   the next tick.
    func post(_ command: WorkerCommand, isPatient: Bool = false) {
        let wakes = queue.withLock { queue in
            queue.commands.append(command)
            if isPatient || queue.isWoken { return false }
            queue.isWoken = true
            return true
        }
        if wakes { wake() }
    }

    func wake() {
        var one: UInt64 = 1
        _ = write(eventFD, &one, 8)
    }

    /// To be called before what may have come is looked at: what comes later wakes again.
    func rearm() {
        var count: UInt64 = 0
        _ = read(eventFD, &count, 8)
    }

    /// Takes everything posted so far, in order.
    func take() -> [WorkerCommand] {
        queue.withLock { queue in
            defer { queue = Queue() }
            return queue.commands
        }
    }
}
