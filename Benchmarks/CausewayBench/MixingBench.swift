import BenchSupport
import SRTP

/// What a mixed room costs.
struct MixingBench {
    static let sizes = [10, 50, 100]
    static let columns = [
        "points", "talkers", "security", "CPU ms/point and s", "worker % of a core", "packets in", "packets out",
        "missing", "allocations/1,000", "listener hears, dB off", "talker hears, dB off",
    ]

    let isQuick: Bool
    let engine: SRTPEngine
    let bridge: SRTPEngineChoice
    private let suite = SRTPSuite.aeadAES128GCM
    private let talkers: [SyntheticVoice]
    private let quiet: SyntheticVoice

    init(isQuick: Bool, engine: SRTPEngine, bridge: SRTPEngineChoice) throws {
        self.isQuick = isQuick
        self.engine = engine
        self.bridge = bridge
        // The first talks twice as loud, so that a talker who heard itself would show.
        talkers = try [(110.0, 0.3), (150, 0.15), (210, 0.15)].enumerated().map { index, voice in
            try SyntheticVoice(.speech(pitch: voice.0, amplitude: voice.1), seconds: 4, seed: UInt64(index))
        }
        quiet = try SyntheticVoice(.quiet, seconds: 4, seed: 9)
    }

    func row(_ points: Int) async throws -> [Table.Cell] {
        let room = try await MixedRoom(points: points, talkers: talkers, quiet: quiet, suite, engine, bridge)
        let run = try room.run(seconds: isQuick ? 2 : 8)
        let isRight = max(abs(run.listenerError), abs(run.talkerError)) <= MixedRoom.tolerance
        guard isRight else {
            throw LoadError.wrongContent(
                "a listener hears \(run.listenerError) dB off, the loudest talker \(run.talkerError) dB off")
        }
        let milliseconds = Double(run.workerNanoseconds) / 1e6
        return [
            .number(Double(points), decimals: 0), .number(Double(talkers.count), decimals: 0), .text(suite.sdesName),
            .number(milliseconds / Double(points) / run.seconds, decimals: 2),
            .number(milliseconds / 10 / run.seconds, decimals: 1), .number(Double(run.sent), decimals: 0),
            .number(Double(run.delivered), decimals: 0), .number(Double(run.missing), decimals: 0),
            .number(Double(run.allocations) * 1_000 / Double(max(1, run.delivered)), decimals: 2),
            .number(run.listenerError, decimals: 1), .number(run.talkerError, decimals: 1),
        ]
    }
}
