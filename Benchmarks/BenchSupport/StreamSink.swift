import CBench
import SRTP

/// Receives a forwarded stream. Every sink counts packets and follows their sequence numbers; a sampled one also
/// authenticates each packet, decrypts it, and checks order and content.
package final class StreamSink {
    package let peer: Peer
    package let isSampled: Bool
    private let shape: MediaShape
    package private(set) var delivered = 0
    package private(set) var checked = 0
    package private(set) var wrong: String?
    package private(set) var sequence = SequenceCheck()
    private var nextSerial: UInt64?
    /// Nanoseconds from departure to arrival, while times are wanted.
    package private(set) var latencies: [UInt64] = []

    package init(_ shape: MediaShape, _ suite: SRTPSuite?, _ engine: SRTPEngine, isSampled: Bool) throws {
        self.shape = shape
        peer = try Peer(suite, engine)
        self.isSampled = isSampled
    }

    package func wantTimes(_ on: Bool) {
        guard isSampled else { return }
        _ = cb_want_arrival_times(peer.socket, on ? 1 : 0)
    }

    /// Forgets what was counted; order and keys go on.
    package func reset() {
        delivered = 0
        checked = 0
        latencies.removeAll(keepingCapacity: true)
        nextSerial = nil
        sequence = SequenceCheck()
    }

    /// Takes in one batch. False when it left nothing behind.
    package func poll(_ inbox: Inbox) -> Bool {
        let count = inbox.take(from: peer.socket, size: isSampled ? Inbox.datagramSize : 12)
        for index in 0..<count {
            delivered += 1
            sequence.take(inbox.bytes(index))
            if isSampled { check(inbox, index) }
        }
        return count == Inbox.capacity
    }

    private func check(_ inbox: Inbox, _ index: Int) {
        let packet = inbox.bytes(index)
        let datagram = inbox.datagrams[index]
        guard let length = peer.open(packet, length: Int(datagram.length), capacity: Inbox.datagramSize) else {
            wrong = "a packet does not authenticate"
            return
        }
        guard length == shape.length else {
            wrong = "a packet of \(length) bytes"
            return
        }
        let bytes = UnsafeRawPointer(packet)
        let serial = bytes.loadUnaligned(fromByteOffset: MediaShape.serial, as: UInt64.self)
        let last = bytes.loadUnaligned(fromByteOffset: shape.lastSerial, as: UInt64.self)
        if serial != last { wrong = "a packet made of two" }
        if let nextSerial, serial < nextSerial { wrong = "packets out of order" }
        nextSerial = serial + 1
        for offset in stride(from: MediaShape.pattern, to: shape.lastSerial, by: 4)
        where packet[offset] != MediaShape.patternByte {
            wrong = "altered content"
        }
        checked += 1
        guard datagram.arrival_nanoseconds > 0 else { return }
        let departure = bytes.loadUnaligned(fromByteOffset: MediaShape.departure, as: UInt64.self)
        latencies.append(datagram.arrival_nanoseconds > departure ? datagram.arrival_nanoseconds - departure : 0)
    }
}
