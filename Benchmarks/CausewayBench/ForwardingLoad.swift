import CBench
import Glibc
import MediaPlane
import RTP
import SRTP

/// Rooms of one camera and so many viewers each, on one bridge worker, with the load generator on the calling thread.
final class ForwardingLoad {
    /// What one run at one rate came to.
    struct Run {
        var seconds = 0.0
        var expected = 0
        var delivered = 0
        var outOfOrder = 0
        var checked = 0
        var workerNanoseconds: UInt64 = 0
        var allocations: UInt64 = 0
        /// Packets that the generator's own sockets dropped: its fault, not the bridge's.
        var droppedByGenerator = 0
        var latencies: [UInt64] = []

        var lost: Int { expected - delivered }
        var packetsPerSecond: Double { Double(delivered) / seconds }
        var nanosecondsPerPacket: Double { Double(workerNanoseconds) / Double(max(1, delivered)) }
        var workerLoad: Double { Double(workerNanoseconds) / 1e9 / seconds }
    }

    let rooms: Int
    let viewers: Int
    private let plane: MediaPlane
    private let probe: WorkerProbe
    private var sources: [VideoSource] = []
    private var sinks: [VideoSink] = []
    private let reports: Peer
    private let inbox = Inbox()
    private var nextSink = 0
    private var nextRoundAt: UInt64 = 0

    /// Sinks are looked at once in so many nanoseconds, and without a poller: waking the generator for each packet would
    /// cost the worker, which delivers on loopback in its own time, more than the packet.
    private static let round: UInt64 = 1_000_000
    /// One sink of so many also decrypts and checks.
    private static let sampling = 20
    /// A generator that was held up longer than this (nanoseconds) sends late from then on, rather than all at once.
    private static let mostBehind: UInt64 = 500_000

    /// Opens the rooms and makes sure that every viewer is sent a picture.
    init(rooms: Int, viewers: Int, _ suite: SRTPSuite?, _ engine: SRTPEngine, _ bridge: SRTPEngineChoice) async throws {
        self.rooms = rooms
        self.viewers = viewers
        reports = try Peer(nil, engine)
        plane = try MediaPlane(
            MediaPlaneConfiguration(bindAddress: "127.0.0.1", ports: 40_000...59_999, workers: 1, srtpEngine: bridge))
        try await Self.untilWorkerRuns()
        probe = try WorkerProbe()
        cb_count_allocations(WorkerProbe.threadName)
        for _ in 0..<rooms {
            let room = plane.openRoom()
            let source = try VideoSource(suite, engine)
            let seat = try await plane.reserveLeg(in: room)
            source.aim(at: seat.video.port)
            try await plane.startLeg(seat.id, LegParameters(audio: nil, video: parameters(source.peer, sends: true)))
            sources.append(source)
            for _ in 0..<viewers {
                let sink = try VideoSink(suite, engine, isSampled: sinks.count.isMultiple(of: Self.sampling))
                let seat = try await plane.reserveLeg(in: room)
                try await plane.startLeg(seat.id, LegParameters(audio: nil, video: parameters(sink.peer, sends: false)))
                sinks.append(sink)
            }
        }
        // Opening legs allocates: a counter that missed that would not be believed when it counts none later.
        guard cb_allocations() > 0 else { throw LoadError.noAllocationsCounted }
        try prime()
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
            .vp8, payloadType: VideoPacket.payloadType, sends: sends, receives: !sends, reports: reports.port)
    }

    /// Keyframes, so that viewers are shown the source whatever went on before.
    func prime() throws {
        for sink in sinks { sink.reset() }
        for _ in 0..<5 {
            for source in sources {
                try source.sendFrame(isKeyframe: true, span: 20_000_000)
                drain(for: 1_000_000)
            }
            drain(for: 20_000_000)
        }
        let blind = sinks.count { $0.delivered < VideoPacket.burst }
        guard blind == 0 else { throw LoadError.noPicture(sinks: blind) }
    }

    /// Sends `packetsPerSecond` delivered packets a second, spread evenly over the sources in bursts, and counts what
    /// comes of it.
    func run(packetsPerSecond: Double, seconds: Double, timesArrivals: Bool = false) throws -> Run {
        for source in sources { source.sent = 0 }
        for sink in sinks {
            sink.reset()
            sink.wantTimes(timesArrivals)
        }
        let droppedBefore = drops
        let framesPerSecond = packetsPerSecond / Double(VideoPacket.burst * viewers)
        let interval = max(1, UInt64(1e9 / framesPerSecond))
        let span = interval &* UInt64(sources.count)
        cb_count_allocations(WorkerProbe.threadName)
        let cpuBefore = probe.cpuNanoseconds
        let start = Clock.steady
        let end = start &+ UInt64(seconds * 1e9)
        var due = start
        var frame = 0
        while due < end {
            let now = Clock.steady
            if due <= now {
                try sources[frame % sources.count].sendFrame(span: span)
                frame += 1
                due = max(due &+ interval, now &- Self.mostBehind)
            } else {
                poll(at: now)
            }
        }
        var result = Run()
        result.expected = sources.reduce(0) { $0 + $1.sent } * viewers
        let patience = Clock.steady &+ 200_000_000
        while sinks.reduce(0, { $0 + $1.delivered }) < result.expected, Clock.steady < patience { pollAll() }
        // What the bridge still had to do when the last frame was sent counts as well.
        result.seconds = Double(Clock.steady &- start) / 1e9
        result.workerNanoseconds = probe.cpuNanoseconds &- cpuBefore
        result.allocations = cb_allocations()
        result.droppedByGenerator = drops - droppedBefore
        for sink in sinks {
            result.delivered += sink.delivered
            result.outOfOrder += sink.sequence.outOfOrder
            result.checked += sink.checked
            result.latencies += sink.latencies
            if let wrong = sink.wrong { throw LoadError.wrongContent(wrong) }
            sink.wantTimes(false)
        }
        result.latencies.sort()
        return result
    }

    private var drops: Int { sinks.reduce(0) { $0 + Int(cb_drops($1.peer.socket)) } }

    /// Takes in what the next sink has, if it is time.
    private func poll(at now: UInt64) {
        if nextSink == 0 {
            guard now >= nextRoundAt else { return }
            nextRoundAt = now &+ Self.round
        }
        while sinks[nextSink].poll(inbox) {}
        nextSink = (nextSink + 1) % sinks.count
    }

    private func pollAll() { for sink in sinks { while sink.poll(inbox) {} } }

    private func drain(for nanoseconds: UInt64) {
        let end = Clock.steady &+ nanoseconds
        while Clock.steady < end { pollAll() }
    }
}
