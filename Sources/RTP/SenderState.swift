/// What a sender's reports say of one stream of ours (RFC 3550 §6.4.1).
public struct SenderState: Sendable {
    public let ssrc: UInt32
    public private(set) var clockRate: UInt32
    public private(set) var packets: UInt32 = 0
    public private(set) var octets: UInt32 = 0
    private var last: (timestamp: UInt32, nanoseconds: UInt64)?

    public init(ssrc: UInt32, clockRate: UInt32) {
        self.ssrc = ssrc
        self.clockRate = max(1, clockRate)
    }

    public var hasSent: Bool { last != nil }

    /// The stream goes on by another clock (RFC 7160): what was counted stays.
    public mutating func change(clockRate: UInt32) { self.clockRate = max(1, clockRate) }

    /// Counts a packet sent at `nanoseconds` on the monotonic clock.
    @inlinable
    public mutating func sent(timestamp: UInt32, payloadOctets: Int, atNanoseconds nanoseconds: UInt64) {
        count(timestamp, UInt32(truncatingIfNeeded: payloadOctets), nanoseconds)
    }

    @usableFromInline
    mutating func count(_ timestamp: UInt32, _ size: UInt32, _ nanoseconds: UInt64) {
        packets &+= 1
        octets &+= size
        last = (timestamp, nanoseconds)
    }

    /// What a sender report made now says; nil before the first packet.
    public func report(atNanoseconds now: UInt64, ntp: NTPTime) -> RTCPSenderInfo? {
        guard let last else { return nil }
        let elapsed = now > last.nanoseconds ? now - last.nanoseconds : 0
        let (seconds, rest) = elapsed.quotientAndRemainder(dividingBy: 1_000_000_000)
        let ticks = seconds &* UInt64(clockRate) &+ rest * UInt64(clockRate) / 1_000_000_000
        return RTCPSenderInfo(
            ssrc: ssrc, ntp: ntp, rtpTimestamp: last.timestamp &+ UInt32(truncatingIfNeeded: ticks),
            packetCount: packets, octetCount: octets)
    }
}
