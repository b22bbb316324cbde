import Codecs
import Glibc
import RTP

/// Makes pictures out of others while meetings run: decodes those that are wanted, draws, encodes what came of it once for
/// all who see it, and hands it back to the worker as packets. Its thread's own.
///
/// A hostile stream costs its own picture: what cannot be decoded is given up, sizes and queues are bounded.
final class Studio {
    /// Of all that is made: 15 pictures a second.
    static let frameNanoseconds: UInt64 = 66_666_667
    static let frameRate = 15
    /// What is made at once at most, and what is decoded for it.
    static let mostProductions = 64
    private static let mostCameras = 128

    private let link: StudioLink
    private var cameras: [FilmedSource: Camera] = [:]
    private var productions: [ProductionID: Production] = [:]

    init(_ link: StudioLink) { self.link = link }

    var isIdle: Bool { productions.isEmpty && cameras.isEmpty }

    func obey(_ command: StudioCommand) {
        switch command {
        case .begin(let id, let plan):
            guard productions.count < Self.mostProductions else { return }
            productions[id] = Production(plan)
        case .keyframe(let id): productions[id]?.isKeyframeWanted = true
        case .arrange(let id, let scene): productions[id]?.arrange(scene)
        case .end(let id): productions[id] = nil
        case .film(let source):
            guard cameras[source] == nil, cameras.count < Self.mostCameras else { return }
            cameras[source] = Camera(isSlides: source.content == .slides)
        case .forget(let source): cameras[source] = nil
        case .stop: break
        }
        count()
    }

    /// Decodes what came, and makes of it what is due. Once a frame.
    func work(at now: UInt64) {
        link.film.drain { entry, packet in
            cameras[entry.source]?.take(entry.codec, packet, arrival: entry.arrival)
        }
        for (source, camera) in cameras {
            switch camera.tick(at: now) {
            case .keyframeWanted: link.worker.post(.studio(.keyframeWanted(source)))
            case .undecodable: link.worker.post(.studio(.undecodable(source)))
            case nil: break
            }
        }
        var hasMade = false
        for (id, production) in productions {
            production.make(from: cameras, at: now) { picture in
                guard link.pictures.write(id, bytes: picture) else { return false }
                link.picturesMade.add(1, ordering: .relaxed)
                hasMade = true
                return true
            }
        }
        if hasMade { link.worker.wake() }
        count()
    }

    private func count() {
        link.decoders.store(cameras.values.count { $0.isDecoding }, ordering: .relaxed)
        link.encoders.store(productions.values.count { $0.isEncoding }, ordering: .relaxed)
    }
}

/// What the studios of a media plane do now.
public struct StudioStatistics: Sendable, Equatable {
    /// Sources that are decoded, and streams that are encoded.
    public var decoders = 0
    public var encoders = 0
    /// Pictures made so far.
    public var pictures: UInt64 = 0
    /// Of the studios' threads, from their beginning.
    public var cpuTime: Duration = .zero
    public init() {}

    static func + (one: StudioStatistics, other: StudioStatistics) -> StudioStatistics {
        var sum = one
        sum.decoders += other.decoders
        sum.encoders += other.encoders
        sum.pictures &+= other.pictures
        sum.cpuTime += other.cpuTime
        return sum
    }
}
