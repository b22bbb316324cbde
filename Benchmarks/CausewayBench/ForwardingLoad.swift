import BenchSupport
import CBench
import MediaPlane
import SRTP

/// Rooms of one camera and so many viewers each, on one bridge worker in this process.
final class ForwardingLoad {
    let streams: StreamLoad
    private let plane: MediaPlane
    private let reports: Peer

    /// Opens the rooms and makes sure that every viewer is sent a picture.
    init(rooms: Int, viewers: Int, _ suite: SRTPSuite?, _ engine: SRTPEngine, _ bridge: SRTPEngineChoice) async throws {
        reports = try Peer(nil, engine)
        plane = try MediaPlane(
            MediaPlaneConfiguration(bindAddress: "127.0.0.1", ports: 40_000...59_999, workers: 1, srtpEngine: bridge))
        try await Self.untilWorkerRuns()
        let probe = try WorkerProbe()
        streams = try StreamLoad(rooms: rooms, viewers: viewers, .video, suite, engine) { probe.cpuNanoseconds }
        cb_count_allocations(WorkerProbe.threadName)
        for room in streams.rooms {
            let id = plane.openRoom()
            let seat = try plane.reserveLeg(in: id)
            room.source.aim(at: seat.video.port)
            try await plane.startLeg(
                seat.id, LegParameters(audio: nil, video: parameters(room.source.peer, sends: true)))
            for sink in room.sinks {
                let seat = try plane.reserveLeg(in: id)
                try await plane.startLeg(seat.id, LegParameters(audio: nil, video: parameters(sink.peer, sends: false)))
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

    private func parameters(_ peer: Peer, sends: Bool) -> StreamParameters {
        peer.parameters(
            .vp8, payloadType: MediaShape.payloadType, sends: sends, receives: !sends, reports: reports.port)
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
