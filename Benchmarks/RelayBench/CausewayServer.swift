import BenchSupport
import Glibc
import MediaPlane
import SRTP

/// Causeway's media plane with one worker, in a process of its own, told by `LineRelay` what to open.
struct CausewayServer {
    static let flag = "--serve"

    struct BadLine: Error {}

    private let plane: MediaPlane
    private var room: MediaRoomID?
    private let reports: UInt16

    static func arguments(_ engine: SRTPEngineChoice, _ ports: ClosedRange<UInt16>) -> [String] {
        [Programs.own, flag, engine.rawValue, "\(ports.lowerBound)", "\(ports.upperBound)"]
    }

    /// Serves until standard input ends.
    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 4, let engine = SRTPEngineChoice(rawValue: arguments[1]),
            let low = UInt16(arguments[2]), let high = UInt16(arguments[3]), low < high
        else { throw BadLine() }
        // RTCP goes where nobody minds it.
        let reports = try Peer(nil, try SRTPEngine(.openSSL))
        var server = CausewayServer(
            plane: try MediaPlane(
                MediaPlaneConfiguration(
                    bindAddress: "127.0.0.1", ports: low...high, workers: 1, srtpEngine: engine,
                    silenceLimit: .seconds(3_600))), reports: reports.port)
        try say("ready")
        while let line = readLine() {
            guard line != "go" else { continue }
            try say("\(try await server.open(line))")
        }
        server.plane.stop()
        withExtendedLifetime(reports) {}
    }

    private static func say(_ text: String) throws {
        let line = Array((text + "\n").utf8)
        guard write(STDOUT_FILENO, line, line.count) == line.count else { throw BadLine() }
    }

    private init(plane: MediaPlane, reports: UInt16) {
        self.plane = plane
        self.reports = reports
    }

    /// Opens the leg that a line describes. Returns its port.
    private mutating func open(_ line: String) async throws -> UInt16 {
        let words = line.split(separator: " ")
        guard words.count == 5, let port = UInt16(words[4]) else { throw BadLine() }
        let isSource = words[0] == "source"
        if isSource { room = plane.openRoom() }
        guard let room else { throw BadLine() }
        let mapping = PayloadMapping(payloadType: MediaShape.payloadType, codec: .vp8)
        let seat = try plane.reserveLeg(in: room)
        let video = StreamParameters(
            receivable: [mapping], sending: mapping, remoteRTP: .init(host: "127.0.0.1", port: port),
            remoteRTCP: .init(host: "127.0.0.1", port: reports), multiplexesRTCP: false, receives: isSource,
            sends: !isSource, security: try security(words), feedback: [.pictureLossIndication])
        try await plane.startLeg(seat.id, LegParameters(audio: nil, video: video))
        return seat.video!.port
    }

    private func security(_ words: [Substring]) throws -> StreamSecurity {
        guard words[1] != "clear" else { return .clear }
        guard let suite = SRTPSuite(sdesName: String(words[1])), let remote = Hex.bytes(words[2]),
            let local = Hex.bytes(words[3])
        else { throw BadLine() }
        return .sdes(
            suite: suite, local: try SRTPMasterKey(suite: suite, keyAndSalt: local),
            remote: try SRTPMasterKey(suite: suite, keyAndSalt: remote))
    }
}
