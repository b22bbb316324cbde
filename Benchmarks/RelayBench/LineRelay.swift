import BenchSupport
import MediaPlane
import SRTP

/// A relay that says a line when it is ready, and then takes a line for each leg, `source` or `sink`, suite, the peer's key, its own key, the peer's port, and
/// answers with the port that it bound: the floor, and Causeway's media plane. A source begins a room.
final class LineRelay: Relay {
    struct BadAnswer: Error, CustomStringConvertible {
        let description: String
    }

    let process: ChildProcess

    init(_ arguments: [String], core: Int32) throws {
        process = try ChildProcess(arguments, core: core)
        _ = try process.hear()
    }

    func connect(_ load: StreamLoad, _ suite: SRTPSuite?) throws {
        for room in load.rooms {
            room.source.aim(at: try open("source", room.source.peer))
            for sink in room.sinks { _ = try open("sink", sink.peer) }
        }
        try process.tell("go")
    }

    private func open(_ role: String, _ peer: Peer) throws -> UInt16 {
        let security =
            switch peer.security {
            // Relays are given their keys.
            case .clear, .agreed: "clear - -"
            case .sdes(let suite, let local, let remote):
                "\(suite.sdesName) \(Hex.text(remote.keyAndSalt)) \(Hex.text(local.keyAndSalt))"
            }
        let answer = try process.ask("\(role) \(security) \(peer.port)")
        guard let port = UInt16(answer) else { throw BadAnswer(description: "a relay answered \(answer)") }
        return port
    }
}

/// Bytes as hexadecimal digits.
enum Hex {
    static func text(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Nil for anything but pairs of digits.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
