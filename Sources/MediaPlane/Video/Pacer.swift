/// When pictures may leave over a line that is not wide: at a small multiple of what it carries beside the sound, so that a
/// keyframe does not fill its queue, in which sound would have to wait (as libwebrtc's paced sender does, at 2.5 times). A
/// leaky bucket, and a cursor: the first packet of the source that still waits; it and what follows lie in the source's
/// `PacketHistory`, so that nothing is copied for a viewer.
struct Pacer: Sendable {
    static let factor = 2.0
    /// Over a wider line keyframes, too, leave as they come.
    static let wideBitsPerSecond = 4_000_000.0
    /// By which a packet may leave early: what a tick sends, and a picture of usual size as it comes.
    static let burstNanoseconds: UInt64 = 20_000_000
    /// Who waits for so long without a break waits for what nobody wants to see any more.
    static let longestNanoseconds: UInt64 = 800_000_000

    /// 0 for a viewer whose packets leave as they come.
    private(set) var nanosecondsPerOctet = 0.0
    /// The source's number of the first packet that waits; nil for none.
    private(set) var cursor: UInt16?
    private var waitsSince: UInt64 = 0
    /// When all that left has passed at the pace.
    private var clearAt: UInt64 = 0

    /// What the line carries for pictures, in bit/s; nil where that is not known.
    mutating func adapt(to bitsPerSecond: Double?) {
        guard let rate = bitsPerSecond, rate < Self.wideBitsPerSecond else {
            nanosecondsPerOctet = 0
            return
        }
        nanosecondsPerOctet = 8e9 / (max(rate, 1_000) * Self.factor)
    }

    /// Something waits, or may have to.
    var isEngaged: Bool { nanosecondsPerOctet > 0 || cursor != nil }

    /// The bucket has room for a packet.
    func hasRoom(at now: UInt64) -> Bool { nanosecondsPerOctet == 0 || clearAt < now &+ Self.burstNanoseconds }

    func isTooLate(at now: UInt64) -> Bool { cursor != nil && now &- waitsSince > Self.longestNanoseconds }

    mutating func sent(octets: Int, at now: UInt64) {
        clearAt = max(clearAt, now) &+ UInt64(max(0, Double(octets) * nanosecondsPerOctet))
    }

    /// The packet with this number waits, and all after it.
    mutating func wait(from sequence: UInt16, at now: UInt64) {
        cursor = sequence
        waitsSince = now
    }

    mutating func advance(to sequence: UInt16) { if cursor != nil { cursor = sequence } }

    /// Nothing waits any more: all was sent, or another picture is shown.
    mutating func clear() { cursor = nil }
}
