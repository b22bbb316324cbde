import BenchSupport
import CBench
import MediaPlane
import SRTP

/// Rooms of one point that sends and so many that get it each, on one bridge worker in this process.
final class ForwardingLoad {
    /// How they get it.
    enum Way {
        /// As viewers of a camera.
        case viewed
        /// As other bridges do, which are sent the point's streams as they came.
        case carriedPicture, carriedSound
    }

    let streams: StreamLoad
    private let plane: MediaPlane
    private let reports: Peer

    /// Opens the rooms and makes sure that every viewer is sent something.
    init(
        rooms: Int, viewers: Int, _ suite: SRTPSuite?, _ engine: SRTPEngine, _ bridge: SRTPEngineChoice,
        _ way: Way = .viewed
    ) async throws {
        reports = try Peer(nil, engine)
        plane = try MediaPlane(
            MediaPlaneConfiguration(bindAddress: "127.0.0.1", ports: 40_000...59_999, workers: 1, srtpEngine: bridge))
        try await Self.untilWorkerRuns()
        let probe = try WorkerProbe()
        streams = try StreamLoad(
            rooms: rooms, viewers: viewers, way == .carriedSound ? .audio : .video, suite, engine
        ) { probe.cpuNanoseconds }
        cb_count_allocations(WorkerProbe.threadName)
        for room in streams.rooms {
            let id = plane.openRoom()
            let seat = try plane.reserveLeg(in: id)
            room.source.aim(at: way == .carriedSound ? seat.audio.port : seat.video!.port)
            try await plane.startLeg(seat.id, parameters(room.source.peer, sends: true, way))
            for sink in room.sinks {
                var parameters = parameters(sink.peer, sends: false, way)
                if way != .viewed { parameters.carried = seat.id }
                try await plane.startLeg(try plane.reserveLeg(in: id).id, parameters)
            }
        }
        // Opening legs allocates: a counter that missed that would not be believed when it counts none later.
        guard cb_allocations() > 0 else { throw LoadError.noAllocationsCounted }
        try streams.prime()
    }

    deinit { plane.stop() }

    /// A worker takes its name and its core before it takes commands.
    private static func untilWorkerRuns() async throws {
        for _ in 0..<1_000 {
            if (try? WorkerProbe()) != nil { return }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private func parameters(_ peer: Peer, sends: Bool, _ way: Way) -> LegParameters {
        let stream = peer.parameters(
            way == .carriedSound ? .pcmu : .vp8, payloadType: MediaShape.payloadType, sends: sends, receives: !sends,
            reports: reports.port)
        return way == .carriedSound
            ? LegParameters(audio: stream, video: nil) : LegParameters(audio: nil, video: stream)
    }

    /// As `StreamLoad.run`, and the worker's requests of the heap meanwhile.
    func run(
        packetsPerSecond: Double, seconds: Double, timesArrivals: Bool = false
    ) throws -> (run: StreamLoad.Run, allocations: UInt64) {
        cb_count_allocations(WorkerProbe.threadName)
        let run = try streams.run(packetsPerSecond: packetsPerSecond, seconds: seconds, timesArrivals: timesArrivals)
        return (run, cb_allocations())
    }
}
