import CLinux
import Glibc
import RTP
import Synchronization

/// A picture that a studio decodes: a leg's camera, or its slides.
struct FilmedSource: Hashable, Sendable {
    var leg: LegID
    var content: PictureState.Content
}

/// A stream of pictures that a studio makes; unique for the life of a worker.
struct ProductionID: Hashable, Sendable {
    let rawValue: UInt32
}

/// What a studio is to make.
struct ProductionPlan: Sendable {
    enum Content: Sendable {
        /// One camera's picture, smaller.
        case rendition(of: FilmedSource)
        /// Many pictures, as a scene says.
        case composition(Composition)
    }

    var content: Content
    var codec: MediaCodec
    /// Within which the picture is to be; it keeps its proportions.
    var width: Int
    var height: Int
    var bitsPerSecond: Int
    /// Of the stream, random (RFC 3550 §5.1).
    var ssrc: UInt32
    var firstSequence: UInt16
    var firstTimestamp: UInt32
}

/// What a worker asks of its studio.
enum StudioCommand: Sendable {
    case begin(ProductionID, ProductionPlan)
    case keyframe(ProductionID)
    /// What is on a composition changed.
    case arrange(ProductionID, Scene)
    case end(ProductionID)
    /// Packets of a source begin to come.
    case film(FilmedSource)
    /// No more will come.
    case forget(FilmedSource)
    case stop
}

/// What a studio tells its worker.
enum StudioNotice: Sendable {
    /// A source cannot be decoded from where it is.
    case keyframeWanted(FilmedSource)
    /// A source cannot be decoded at all.
    case undecodable(FilmedSource)
}

/// A packet on its way to be decoded.
struct FilmEntry {
    var source: FilmedSource
    var codec: MediaCodec
    /// On the monotonic clock, in nanoseconds.
    var arrival: UInt64
}

/// The ways between a media worker and its studio: packets in one ring, finished pictures in another, and what is rare in
/// queues. Neither ring ever blocks: a packet that does not fit is one that was lost, and a picture that does not fit was
/// never made.
final class StudioLink: Sendable {
    /// What some dozens of cameras send in a frame's time, with room for their keyframes.
    private static let filmCapacity = 4 << 20
    private static let pictureCapacity = 2 << 20
    /// In front of each packet of a picture: its length, as a big-endian number of 16 bits.
    static let lengthOctets = 2

    let film = PacketRing<FilmEntry>(capacity: filmCapacity)
    /// Each entry is one picture: its RTP packets in their order, each behind its length.
    let pictures = PacketRing<ProductionID>(capacity: pictureCapacity)
    let worker: WorkerMailbox
    private let commands = Mutex<[StudioCommand]>([])
    /// Wakes the studio.
    let eventFD: Int32

    let decoders = Atomic(0)
    let encoders = Atomic(0)
    let picturesMade = Atomic<UInt64>(0)
    let cpuNanoseconds = Atomic<UInt64>(0)

    init(to worker: WorkerMailbox) throws(MediaPlaneError) {
        self.worker = worker
        eventFD = cl_event()
        guard eventFD >= 0 else { throw .cannotStartWorker(errno: -eventFD) }
    }

    deinit { close(eventFD) }

    func post(_ command: StudioCommand) {
        commands.withLock { $0.append(command) }
        var one: UInt64 = 1
        _ = write(eventFD, &one, 8)
    }

    /// Takes everything posted so far, in order.
    func takeCommands() -> [StudioCommand] {
        var count: UInt64 = 0
        _ = read(eventFD, &count, 8)
        return commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }

    var statistics: StudioStatistics {
        var statistics = StudioStatistics()
        statistics.decoders = decoders.load(ordering: .relaxed)
        statistics.encoders = encoders.load(ordering: .relaxed)
        statistics.pictures = picturesMade.load(ordering: .relaxed)
        statistics.cpuTime = .nanoseconds(Int64(clamping: cpuNanoseconds.load(ordering: .relaxed)))
        return statistics
    }
}
