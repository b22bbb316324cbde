import BenchSupport
import CBench
import Glibc
import MediaPlane
import RTP
import SRTP

/// Rooms of Opus points, of whom a few in each talk and all others send the noise of a quiet office.
final class MixedRooms {
    struct Run {
        var seconds = 0.0
        var sent = 0
        var delivered = 0
        var missing = 0
        var workerNanoseconds: UInt64 = 0
        var allocations: UInt64 = 0
        /// How far what was heard is from what ought to be, in decibels: of one listener, and of the loudest talker.
        var listenerError = 0.0
        var talkerError = 0.0
        /// Of what the listener heard against the clean voices, in decibels.
        var score: Double?
        /// Ticks that began 20 ms after they were due, or were left out.
        var lateTicks: UInt64 = 0
        var longestTick = Duration.zero
        /// What the host took of the worker's core meanwhile, in seconds.
        var stolen = 0.0
    }

    /// What a point may be off by before the sound counts as wrong, in decibels: a talker who heard itself would be off
    /// by 4.8.
    static let tolerance = 2.0
    /// That of the only worker.
    private static let core = 0

    private let plane: MediaPlane
    private let probe: WorkerProbe
    private var points: [AudioPoint] = []
    private let talkers: [SyntheticVoice]
    private let reports: Peer
    private let inbox = Inbox()

    init(
        _ rooms: Int, of size: Int, talkers: [SyntheticVoice], quiet: SyntheticVoice, _ suite: SRTPSuite?,
        _ engine: SRTPEngine, _ bridge: SRTPEngineChoice
    ) async throws {
        self.talkers = talkers
        reports = try Peer(nil, engine)
        let plane = try MediaPlane(
            MediaPlaneConfiguration(bindAddress: "127.0.0.1", ports: 40_000...59_999, workers: 1, srtpEngine: bridge))
        self.plane = plane
        let ids = (0..<rooms).map { _ in plane.openRoom() }
        for number in 0..<rooms * size {
            let index = number % size
            let room = ids[number / size]
            let point = try AudioPoint(
                suite, engine, index < talkers.count ? talkers[index] : quiet, from: index * 7,
                isSampled: number == 0 || number == talkers.count)
            let seat = try plane.reserveLeg(in: room)
            point.aim(at: seat.audio.port)
            try await plane.startLeg(
                seat.id,
                LegParameters(
                    audio: point.peer.parameters(
                        .opus, payloadType: AudioPoint.payloadType, sends: true, receives: true,
                        reports: reports.port), video: nil))
            points.append(point)
        }
        probe = try WorkerProbe()
    }

    deinit { plane.stop() }

    func run(seconds: Double) async throws -> Run {
        try play(seconds: 1.5)
        for point in points { point.reset() }
        cb_count_allocations(WorkerProbe.threadName)
        let cpuBefore = probe.cpuNanoseconds
        let stolenBefore = Machine.stolenSeconds(core: Self.core)
        let ticksBefore = await plane.workerStatistics()[0]
        var result = Run()
        result.sent = try play(seconds: seconds)
        result.workerNanoseconds = probe.cpuNanoseconds &- cpuBefore
        result.seconds = seconds
        result.stolen = Machine.stolenSeconds(core: Self.core) - stolenBefore
        let ticks = await plane.workerStatistics()[0]
        result.lateTicks =
            ticks.lateTicks + ticks.skippedTicks - ticksBefore.lateTicks - ticksBefore.skippedTicks
        result.longestTick = ticks.longestTick
        result.allocations = cb_allocations()
        for point in points {
            result.delivered += point.delivered
            result.missing += point.sequenceCheck.missing
            if let wrong = point.wrong { throw LoadError.wrongContent(wrong) }
        }
        let all = talkers.reduce(0) { $0 + $1.power }
        result.listenerError = Self.decibels(points[talkers.count].heardPower, over: all)
        result.talkerError = Self.decibels(points[0].heardPower, over: all - talkers[0].power)
        result.score = SoundScore(voices: talkers.map(\.samples)).score(of: points[talkers.count].heard)
        return result
    }

    private static func decibels(_ heard: Double?, over expected: Double) -> Double {
        10 * log10(max(heard ?? 0, 1e-12) / expected)
    }

    /// Every point sends each 20 ms, the points spread evenly over them. Returns packets sent.
    @discardableResult
    private func play(seconds: Double) throws -> Int {
        let start = Clock.steady
        let interval = 20_000_000 / UInt64(points.count)
        let total = Int(seconds * 50) * points.count
        for index in 0..<total {
            let due = start &+ UInt64(index) &* interval
            while Clock.steady < due { points[index % points.count].poll(inbox) }
            try points[index % points.count].sendFrame()
            points[(index + 1) % points.count].poll(inbox)
        }
        return total
    }
}
