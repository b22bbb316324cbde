import BenchSupport
import Glibc
import MediaPlane
import SRTP

/// rtpengine in userspace with one thread for media: a call for each pair, publish and subscribe for fan-out.
///
/// With the same suite on both sides it passes packets on as they are, still encrypted; being told to log DTMF makes it
/// decrypt them.
final class RtpengineRelay: Relay {
    static let program = "rtpengine"

    let process: ChildProcess
    private let control: NGClient

    init(core: Int32) throws {
        let controlPort: UInt16 = 32_222
        process = try ChildProcess(
            [
                Self.program, "--foreground", "--log-stderr", "--log-level=3", "--table=-1",
                "--interface=lo/127.0.0.1", "--listen-ng=127.0.0.1:\(controlPort)", "--port-min=22000",
                "--port-max=31998", "--num-threads=1", "--media-num-threads=1", "--endpoint-learning=immediate",
                "--dtmf-log-dest=127.0.0.1:32223", "--timeout=3600",
            ], core: core)
        control = try NGClient(port: controlPort)
        let start = Clock.steady
        while (try? control.ask("ping", [:], patienceMilliseconds: 200)) == nil {
            guard !process.hasEnded, Clock.steady &- start < 10_000_000_000 else {
                throw ChildProcess.Failure.silent(Self.program)
            }
            usleep(50_000)
        }
    }

    func connect(_ load: StreamLoad, _ suite: SRTPSuite?) throws {
        for (index, room) in load.rooms.enumerated() {
            if load.viewers == 1 {
                try call("call\(index)", from: room.source, to: room.sinks[0], suite)
            } else {
                try publish("room\(index)", from: room.source, to: room.sinks, suite)
            }
        }
    }

    private func call(_ id: String, from source: StreamSource, to sink: StreamSink, _ suite: SRTPSuite?) throws {
        let common: [String: Bencode] = [
            "call-id": .text(id), "from-tag": .text("a"), "ICE": .text("remove"), "replace": .list([.text("origin")]),
        ]
        let offered = try ask(
            "offer", common, source.peer.port, ownKey(source.peer).map { (1, $0) }, "sendrecv", suite)
        if let (_, key) = offered.key { try sink.peer.receive(with: key) }
        let answered = try ask(
            "answer", common.merging(["to-tag": .text("b")]) { $1 }, sink.peer.port,
            ownKey(sink.peer).map { (offered.key?.tag ?? 1, $0) }, "sendrecv", suite)
        source.aim(at: answered.port)
    }

    private func publish(
        _ id: String, from source: StreamSource, to sinks: [StreamSink], _ suite: SRTPSuite?
    ) throws {
        let common: [String: Bencode] = ["call-id": .text(id), "from-tag": .text("p")]
        let published = try ask(
            "publish", common, source.peer.port, ownKey(source.peer).map { (1, $0) }, "sendonly", suite)
        source.aim(at: published.port)
        for (index, sink) in sinks.enumerated() {
            let subscriber = common.merging(["to-tag": .text("s\(index)")]) { $1 }
            let transport = Bencode.text(suite == nil ? "RTP/AVP" : "RTP/SAVP")
            let answer = try control.ask(
                "subscribe request", subscriber.merging(["transport-protocol": transport]) { $1 })
            let offered = try SessionText(reading: answer["sdp"]?.text ?? "", suite)
            if let (_, key) = offered.key { try sink.peer.receive(with: key) }
            _ = try control.ask(
                "subscribe answer",
                subscriber.merging([
                    "sdp": .text(
                        SessionText.write(
                            port: sink.peer.port, key: ownKey(sink.peer).map { (offered.key?.tag ?? 1, $0) },
                            direction: "recvonly"))
                ]) { $1 })
        }
    }

    private func ask(
        _ command: String, _ fields: [String: Bencode], _ port: UInt16, _ key: (Int, SRTPMasterKey)?,
        _ direction: String, _ suite: SRTPSuite?
    ) throws -> SessionText {
        let text = SessionText.write(port: port, key: key, direction: direction)
        let answer = try control.ask(command, fields.merging(["sdp": .text(text)]) { $1 })
        return try SessionText(reading: answer["sdp"]?.text ?? "", suite)
    }

    /// What a peer encrypts with.
    private func ownKey(_ peer: Peer) -> SRTPMasterKey? {
        if case .sdes(_, _, let remote) = peer.security { remote } else { nil }
    }
}
