import BenchSupport
import SRTP

/// What a mixed room costs.
struct MixingBench {
    struct Shape {
        var rooms: Int
        var points: Int
    }

    static let shapes = [(1, 10), (1, 50), (1, 100), (10, 50)].map(Shape.init(rooms:points:))
    static let columns = [
        "rooms", "points", "talkers", "security", "CPU ms/point and s", "worker % of a core", "packets in",
        "packets out", "missing", "late ticks", "longest tick ms", "stolen ms", "allocations/1,000",
        "listener hears, dB off",
        "talker hears, dB off", "segmental SNR dB", "of Opus alone",
    ]

    let isQuick: Bool
    let engine: SRTPEngine
    let bridge: SRTPEngineChoice
    private let suite = SRTPSuite.aeadAES128GCM
    private let talkers: [SyntheticVoice]
    private let quiet: SyntheticVoice
    /// The score that the talkers' own encoding leaves, before any bridge.
    private let opusAlone: Double

    init(isQuick: Bool, engine: SRTPEngine, bridge: SRTPEngineChoice) throws {
        self.isQuick = isQuick
        self.engine = engine
        self.bridge = bridge
        // The first talks twice as loud, so that a talker who heard itself would show.
        talkers = try [(110.0, 0.3), (150, 0.15), (210, 0.15)].enumerated().map { index, voice in
            try SyntheticVoice(.speech(pitch: voice.0, amplitude: voice.1), seconds: 4, seed: UInt64(index))
        }
        quiet = try SyntheticVoice(.quiet, seconds: 4, seed: 9)
        let decoded = try talkers.map { try $0.decoded() }
        let sum = decoded[0].indices.map { index in decoded.reduce(0) { $0 + $1[index] } }
        opusAlone = SoundScore(voices: talkers.map(\.samples)).score(of: sum) ?? 0
    }

    func row(_ shape: Shape) async throws -> [Table.Cell] {
        let rooms = try await MixedRooms(
            shape.rooms, of: shape.points, talkers: talkers, quiet: quiet, suite, engine, bridge)
        let run = try await rooms.run(seconds: isQuick ? 5 : 10)
        let isRight = max(abs(run.listenerError), abs(run.talkerError)) <= MixedRooms.tolerance
        guard isRight else {
            throw LoadError.wrongContent(
                "a listener hears \(run.listenerError) dB off, the loudest talker \(run.talkerError) dB off")
        }
        let milliseconds = Double(run.workerNanoseconds) / 1e6
        let points = Double(shape.rooms * shape.points)
        return [
            .number(Double(shape.rooms), decimals: 0), .number(Double(shape.points), decimals: 0),
            .number(Double(talkers.count), decimals: 0), .text(suite.sdesName),
            .number(milliseconds / points / run.seconds, decimals: 2),
            .number(milliseconds / 10 / run.seconds, decimals: 1), .number(Double(run.sent), decimals: 0),
            .number(Double(run.delivered), decimals: 0), .number(Double(run.missing), decimals: 0),
            .number(Double(run.lateTicks), decimals: 0),
            .number(Double(run.longestTick.components.attoseconds) / 1e15, decimals: 1),
            .number(run.stolen * 1_000, decimals: 0),
            .number(Double(run.allocations) * 1_000 / Double(max(1, run.delivered)), decimals: 2),
            .number(run.listenerError, decimals: 1), .number(run.talkerError, decimals: 1),
            run.score.map { .number($0, decimals: 1) } ?? .text("-"), .number(opusAlone, decimals: 1),
        ]
    }
}
