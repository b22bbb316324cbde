import BenchSupport
import CBench
import SRTP

/// Somebody without keys who sends to a leg's port: packets under a wrong key, packets that were overheard, datagrams
/// that are too long, and single bytes.
final class Forger {
    private let socket: Peer
    private let target: UInt16
    private let packets: [[UInt8]]
    private let interval: UInt64
    private var due: UInt64 = 0
    private let inbox = Inbox()
    private(set) var sent = 0

    /// A forger that was held up longer than this (nanoseconds) sends late from then on, rather than all at once.
    private static let mostBehind: UInt64 = 200_000
    private static let oversized = 4_000

    /// Overhears what `source` sent last.
    init(against source: StreamSource, packetsPerSecond: Int, _ engine: SRTPEngine) throws {
        socket = try Peer(nil, engine)
        target = source.target
        interval = UInt64(1_000_000_000 / packetsPerSecond)
        var packets: [[UInt8]] = []
        for (number, packet) in source.lastFrame.enumerated() {
            // The header is right and the number is one of the next, so that only the tag gives it away.
            var forged = packet
            let sequence = (UInt16(packet[2]) << 8 | UInt16(packet[3])) &+ UInt16(8 + number)
            forged[2] = UInt8(sequence >> 8)
            forged[3] = UInt8(truncatingIfNeeded: sequence)
            for index in 12..<forged.count { forged[index] = .random(in: 0...255) }
            let long = packet + [UInt8](repeating: 0x5A, count: Self.oversized - packet.count)
            packets += [forged, packet, long, [0x80]]
        }
        self.packets = packets
    }

    /// Sends what is due.
    func send(at now: UInt64) throws {
        if due == 0 { due = now }
        due = max(due, now &- Self.mostBehind)
        while due <= now {
            let packet = packets[sent % packets.count]
            let result = cb_send(socket.socket, target, packet, 1, 0, UInt32(packet.count))
            guard result == 0 else { throw LoadError.socket(errno: -result) }
            sent += 1
            due &+= interval
        }
    }

    /// Packets that were sent to the forger, which ought to get none.
    var received: Int {
        var count = 0
        while true {
            let taken = inbox.take(from: socket.socket, size: 12)
            if taken == 0 { return count }
            count += taken
        }
    }
}
