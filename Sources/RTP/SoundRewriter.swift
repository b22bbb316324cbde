/// Gives the sound of a point, which goes on packet by packet as it came, the numbers of one stream: they go on without a
/// break over what is left out by choice, over sources and clocks that change, and over a source that begins anew. What was
/// lost before stays visible as a gap. Plain values, no allocation.
///
/// No number is given twice, whatever the source sends: packets go out encrypted, and no key may see two packets of one
/// number (RFC 3711 §9.1).
public struct SoundRewriter: Sendable {
    /// What a packet's fields become.
    public struct Output: Sendable, Equatable {
        public var sequenceNumber: UInt16
        public var timestamp: UInt32
        /// The first sound after something was left out, or of another source: its marker is to be set (RFC 3551 §4.1).
        public var beginsAnew: Bool
    }

    /// How far behind the newest packet a late one may be.
    static let window: Int16 = 64
    static let maximumDropout: Int16 = 3000
    /// A clock that is further from the time elapsed, in seconds, was set.
    private static let mostSecondsAstray: UInt32 = 10

    /// Whose packets go out.
    public private(set) var source: UInt32?
    /// Of the source.
    public private(set) var clockRate: UInt32 = 8_000
    private var sequenceOffset: UInt16 = 0
    private var timestampOffset: UInt32 = 0
    /// The newest number given.
    private var highest: UInt16
    /// Bit i says whether `highest` - i was given.
    private var given: UInt64 = 0
    /// How many numbers before `highest` belong to what goes on now: packets older than that come too late.
    private var reach: Int16 = 0
    /// The number that would confirm that the source began anew (RFC 3550 §A.1).
    private var awaited: UInt16?
    private var newest: UInt32
    private var newestNanoseconds: UInt64 = 0
    private var hasSent = false
    private var isPaused = true

    /// The first packet gets these, which should be random (RFC 3550 §5.1).
    public init(firstSequence: UInt16, firstTimestamp: UInt32) {
        highest = firstSequence &- 1
        newest = firstTimestamp
    }

    /// What a packet that is no more of this source would get.
    public var next: (sequenceNumber: UInt16, timestamp: UInt32) { (highest &+ 1, newest) }

    /// The fields of a packet on its way out; nil when it must not go: it went already, comes too late, or is the first after
    /// a jump.
    ///
    /// - Parameters:
    ///   - clockRate: of the packet's codec; nil for an event (RFC 4733), which goes by the clock of the sound.
    ///   - now: when it came, on the monotonic clock.
    public mutating func rewrite(
        source: UInt32, clockRate: UInt32?, sequenceNumber: UInt16, timestamp: UInt32, atNanoseconds now: UInt64
    ) -> Output? {
        guard source == self.source, clockRate == nil || clockRate == self.clockRate else {
            awaited = nil
            self.clockRate = max(1, clockRate ?? self.clockRate)
            return begin(source, sequenceNumber, timestamp, isSound: clockRate != nil, now)
        }
        let number = sequenceNumber &+ sequenceOffset
        let ahead = Int16(bitPattern: number &- highest)
        guard ahead > -Self.window, ahead <= Self.maximumDropout else {
            guard awaited == sequenceNumber else {
                awaited = sequenceNumber &+ 1
                return nil
            }
            awaited = nil
            return begin(source, sequenceNumber, timestamp, isSound: clockRate != nil, now)
        }
        awaited = nil
        guard ahead > 0 else {
            let bit = UInt64(1) << UInt64(-ahead)
            guard -ahead <= reach, given & bit == 0 else { return nil }
            given |= bit
            return Output(
                sequenceNumber: number, timestamp: timestamp &+ timestampOffset, beginsAnew: false)
        }
        if clockRate != nil { followClock(timestamp, now) }
        advance(by: ahead)
        return newestOutput(timestamp, isSound: clockRate != nil, now)
    }

    /// Leaves a packet out by choice, and all before it: what follows takes its number.
    public mutating func leaveOut(source: UInt32, sequenceNumber: UInt16) {
        isPaused = true
        guard source == self.source else { return }
        let ahead = Int16(bitPattern: sequenceNumber &+ sequenceOffset &- highest)
        guard ahead > 0 else {
            // Far behind, it is a source that began anew, and is met as another.
            if ahead <= -Self.window { interrupt() }
            return
        }
        sequenceOffset = highest &- sequenceNumber
        reach = 0
        awaited = nil
    }

    /// Nothing goes out for a while: whatever comes next begins anew.
    public mutating func interrupt() {
        source = nil
        isPaused = true
        awaited = nil
    }

    /// A timestamp of the source as the stream has it, to carry its sender reports over; nil while there is no source.
    public func timestamp(ofSource timestamp: UInt32) -> UInt32? {
        source == nil ? nil : timestamp &+ timestampOffset
    }

    /// The stream's timestamp of an instant on the clock that `rewrite` is given.
    public func timestamp(atNanoseconds now: UInt64) -> UInt32 { newest &+ elapsedTicks(now) }

    private mutating func begin(
        _ source: UInt32, _ sequenceNumber: UInt16, _ timestamp: UInt32, isSound: Bool, _ now: UInt64
    ) -> Output {
        self.source = source
        sequenceOffset = highest &+ 1 &- sequenceNumber
        // What was sent last lasts for a packet's time at least.
        let step = hasSent ? max(clockRate / 50, elapsedTicks(now)) : 0
        timestampOffset = newest &+ step &- timestamp
        isPaused = true
        advance(by: 1)
        reach = 0
        newestNanoseconds = now
        newest = timestamp &+ timestampOffset
        return newestOutput(timestamp, isSound: isSound, now)
    }

    private mutating func advance(by ahead: Int16) {
        highest &+= UInt16(ahead)
        // Smart shifts: what is shifted out is gone.
        given = given << UInt64(ahead) | 1
        reach = min(Self.window, reach &+ min(ahead, Self.window))
    }

    /// Of a packet newer than all before.
    private mutating func newestOutput(_ timestamp: UInt32, isSound: Bool, _ now: UInt64) -> Output {
        hasSent = true
        defer {
            if isSound {
                newest = timestamp &+ timestampOffset
                newestNanoseconds = now
                isPaused = false
            }
        }
        return Output(
            sequenceNumber: highest, timestamp: timestamp &+ timestampOffset, beginsAnew: isSound && isPaused)
    }

    /// A source that sets its clock does not carry the stream's along.
    private mutating func followClock(_ timestamp: UInt32, _ now: UInt64) {
        let expected = self.timestamp(atNanoseconds: now)
        let astray = Int32(bitPattern: timestamp &+ timestampOffset &- expected)
        guard astray.magnitude / Self.mostSecondsAstray > clockRate else { return }
        timestampOffset = expected &- timestamp
        // What came before would not have come out so.
        reach = 0
    }

    private func elapsedTicks(_ now: UInt64) -> UInt32 {
        let elapsed = now > newestNanoseconds ? now - newestNanoseconds : 0
        let (seconds, rest) = elapsed.quotientAndRemainder(dividingBy: 1_000_000_000)
        let ticks = seconds &* UInt64(clockRate) &+ rest * UInt64(clockRate) / 1_000_000_000
        return UInt32(truncatingIfNeeded: min(ticks, 1 << 30))
    }
}
