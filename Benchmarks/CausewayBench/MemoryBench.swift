import BenchSupport
import Glibc
import MediaPlane
import RTP
import SRTP

/// Memory that a leg takes in this process: sound and picture, both encrypted, in a room where media flows.
struct MemoryBench {
    static let columns = ["legs", "streams of each", "security", "KiB/leg"]
    private static let legs = 200
    private static let roomSize = 50

    let engine: SRTPEngine
    let bridge: SRTPEngineChoice
    private let suite = SRTPSuite.aeadAES128GCM

    func row() async throws -> [Table.Cell] {
        let quiet = try SyntheticVoice(.quiet, seconds: 1, seed: 9)
        let reports = try Peer(nil, engine)
        var points: [AudioPoint] = []
        var cameras: [StreamSource] = []
        for index in 0..<Self.legs {
            points.append(try AudioPoint(suite, engine, quiet, from: index, isSampled: false))
            cameras.append(try StreamSource(.video, suite, engine))
        }
        let plane = try MediaPlane(
            MediaPlaneConfiguration(bindAddress: "127.0.0.1", ports: 40_000...59_999, workers: 1, srtpEngine: bridge))
        defer { plane.stop() }
        // One leg first, so that what the worker has once only is not counted.
        var first = 0
        var room = plane.openRoom()
        for index in 0..<Self.legs {
            if index.isMultiple(of: Self.roomSize) { room = plane.openRoom() }
            let seat = try plane.reserveLeg(in: room)
            points[index].aim(at: seat.audio.port)
            cameras[index].aim(at: seat.video!.port)
            try await plane.startLeg(
                seat.id,
                LegParameters(
                    audio: points[index].peer.parameters(
                        .opus, payloadType: AudioPoint.payloadType, sends: true, receives: true, reports: reports.port),
                    video: cameras[index].peer.parameters(
                        .vp8, payloadType: MediaShape.payloadType, sends: true, receives: true,
                        reports: reports.port)))
            if index == 0 {
                try await play(Array(points[..<1]), Array(cameras[..<1]))
                first = Machine.residentBytes()
            }
        }
        try await play(points, cameras)
        let grown = Machine.residentBytes() - first
        return [
            .number(Double(Self.legs), decimals: 0), .text("Opus and VP8"), .text(suite.sdesName),
            .number(Double(grown) / Double(Self.legs - 1) / 1_024, decimals: 1),
        ]
    }

    /// A second of sound and a few pictures from everyone.
    private func play(_ points: [AudioPoint], _ cameras: [StreamSource]) async throws {
        let inbox = Inbox()
        for tick in 0..<50 {
            for index in points.indices {
                try points[index].sendFrame()
                if tick.isMultiple(of: 10) { try cameras[index].sendFrame(isKeyframe: true, span: 200_000_000) }
                points[index].poll(inbox)
                while inbox.take(from: cameras[index].peer.socket, size: 12) > 0 {}
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
