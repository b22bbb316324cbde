/// Holds one source's audio packets until they are due, evening out the network's jitter. It adapts its delay to what
/// the network does, allocates nothing after it is made, and holds one SSRC and clock at a time. Named telephone events
/// (RFC 4733) do not belong in it: give them to a `TelephoneEventDetector`.
///
/// The consumer asks for a packet whenever its decoded sound runs short, so packets of any length pass. Silence left
/// out by the sender (timestamps jump, sequence numbers do not) is told from loss.
public struct JitterBuffer: ~Copyable {
    /// What is due now. Bytes are valid until the next `push` or `pop`.
    public enum Playout {
        case packet(Packet)
        /// One is missing: conceal 20 ms. The packet after it, when it is there already, may hold redundancy (Opus
        /// FEC).
        case lost(following: UnsafeRawBufferPointer?)
        /// Nothing was sent, or the buffer is filling: 20 ms of silence or comfort noise.
        case empty
    }

    public struct Packet {
        public var payload: UnsafeRawBufferPointer
        public var payloadType: UInt8
        public var sequenceNumber: UInt16
        public var timestamp: UInt32
        /// Ticks of sound in it.
        public var duration: UInt32
        /// The sequence or the clock began anew: a decoder should be reset.
        public var isDiscontinuity: Bool
    }

    public enum PushResult: Sendable, Equatable {
        case queued, late, duplicate, tooLarge
        /// Queued, and what was held is gone: another source, or a jump.
        case restarted
    }

    public struct Statistics: Sendable, Equatable {
        public var queued: UInt64 = 0
        public var late: UInt64 = 0
        public var duplicates: UInt64 = 0
        public var tooLarge: UInt64 = 0
        public var concealed: UInt64 = 0
        /// Dropped unheard, to bring the delay down or for want of room.
        public var discarded: UInt64 = 0
        public var restarts: UInt64 = 0
        public init() {}
    }

    struct Slot {
        /// Of the packet held; complemented once it was played or dropped, for its payload stays until overwritten.
        var sequence = Self.unused
        static let unused = Int64.min
        var timestamp: Int64 = 0
        var duration: UInt32 = 0
        var length: Int32 = 0
        var payloadType: UInt8 = 0
    }

    private enum State {
        case waiting
        case filling(sinceNanoseconds: UInt64)
        case playing
    }

    public let clockRate: UInt32
    public let capacity: Int
    public let slotSize: Int
    /// A packet may tell what was in the one before it (Opus FEC, RFC 6716 §2.1.7): where packets are lost, the delay grows
    /// by one, so that it is there when the one before it is missed.
    public let awaitsRedundancy: Bool
    public private(set) var statistics = Statistics()

    private let slots: UnsafeMutablePointer<Slot>
    private let storage: UnsafeMutableRawPointer
    private let minimumDelay: Int64
    private let maximumDelay: Int64
    private let step: Int64

    private var state = State.waiting
    private var ssrc: UInt32?
    private var sequences = SequenceExtender()
    private var timestamps = TimestampExtender()
    private var held = 0
    /// Of held packets.
    private var lowest: Int64 = 0
    private var highest: Int64 = 0
    private var lastPlayed: Int64 = -1
    /// What the playout has come to, in extended ticks.
    private var playhead: Int64 = 0
    private var consecutiveMisses = 0
    private var isDiscontinuity = true
    private var delay: DelayEstimator
    private var popsOverTarget = 0
    /// The share of packets lost, smoothed, in 1/65,536; and whether it is worth the delay.
    private var recentLoss: UInt32 = 0
    private var isLossy = false
    /// The frame concealed last was so without what follows it.
    private var wasBlind = false

    private static let lossyFrom: UInt32 = 65_536 * 3 / 100
    private static let cleanBelow: UInt32 = 65_536 / 100

    /// `capacity` packets of at most `slotSize` octets are held.
    public init(
        clockRate: UInt32, capacity: Int = 32, slotSize: Int = 1500, minimumDelayMilliseconds: UInt32 = 20,
        maximumDelayMilliseconds: UInt32 = 200, awaitsRedundancy: Bool = false
    ) {
        self.awaitsRedundancy = awaitsRedundancy
        self.clockRate = max(1000, clockRate)
        self.capacity = max(4, capacity)
        self.slotSize = max(64, slotSize)
        slots = .allocate(capacity: self.capacity)
        slots.initialize(repeating: Slot(), count: self.capacity)
        storage = .allocate(byteCount: self.capacity * self.slotSize, alignment: 16)
        step = Int64(self.clockRate) / 50
        minimumDelay = Int64(self.clockRate) * Int64(minimumDelayMilliseconds) / 1000
        maximumDelay = max(
            minimumDelay, Int64(self.clockRate) * Int64(min(maximumDelayMilliseconds, 10_000)) / 1000)
        delay = DelayEstimator(clockRate: self.clockRate)
    }

    deinit {
        slots.deallocate()
        storage.deallocate()
    }

    /// The delay aimed at now.
    public var targetDelayMilliseconds: UInt32 { UInt32(clamping: target * 1000 / Int64(clockRate)) }
    /// Sound held, from the playhead on.
    public var heldMilliseconds: UInt32 { UInt32(clamping: max(0, depth) * 1000 / Int64(clockRate)) }
    public var heldPackets: Int { held }

    /// Takes a packet in. `duration` is the ticks of sound in it (`AudioPacketDuration`); arrival is on the monotonic
    /// clock.
    @discardableResult
    public mutating func push(
        _ payload: UnsafeRawBufferPointer, payloadType: UInt8, ssrc: UInt32, sequenceNumber: UInt16, timestamp: UInt32,
        duration: UInt32, arrivalNanoseconds: UInt64
    ) -> PushResult {
        guard payload.count <= slotSize, !payload.isEmpty else {
            statistics.tooLarge += 1
            return .tooLarge
        }
        var result = PushResult.queued
        if let known = self.ssrc {
            let ahead = sequences.distance(to: sequenceNumber)
            let ticks = timestamps.distance(to: timestamp)
            if known != ssrc || abs(ahead) > 1000 || abs(ticks) > 60 * Int64(clockRate) {
                reset()
                statistics.restarts += 1
                result = .restarted
            }
        }
        self.ssrc = ssrc
        let sequence = Int64(sequences.extend(sequenceNumber))
        let ticks = timestamps.extend(timestamp)
        delay.note(ticks: ticks, arrivalNanoseconds: arrivalNanoseconds)
        guard sequence > lastPlayed else {
            statistics.late += 1
            return .late
        }
        if held > 0 {
            if sequence <= highest, slots[index(sequence)].sequence == sequence {
                statistics.duplicates += 1
                return .duplicate
            }
            if sequence - lowest >= Int64(capacity) {
                while held > 0, sequence - lowest >= Int64(capacity) { discardLowest() }
            } else if highest - sequence >= Int64(capacity) {
                statistics.late += 1
                return .late
            }
        }
        let slot = index(sequence)
        slots[slot] = Slot(
            sequence: sequence, timestamp: ticks, duration: max(1, min(duration, clockRate)),
            length: Int32(payload.count), payloadType: payloadType)
        UnsafeMutableRawBufferPointer(start: storage + slot * slotSize, count: payload.count).copyMemory(from: payload)
        lowest = held == 0 ? sequence : min(lowest, sequence)
        highest = held == 0 ? sequence : max(highest, sequence)
        held += 1
        statistics.queued += 1
        if case .waiting = state { state = .filling(sinceNanoseconds: arrivalNanoseconds) }
        return result
    }

    /// The next 20 ms, or the next packet of whatever length, to be played at `now`.
    public mutating func pop(atNanoseconds now: UInt64) -> Playout {
        switch state {
        case .waiting:
            return .empty
        case .filling(let since):
            guard held > 0 else {
                state = .waiting
                return .empty
            }
            playhead = slots[index(lowest)].timestamp
            let waited = now > since ? now - since : 0
            guard depth >= target || waited >= nanoseconds(target) else { return .empty }
            state = .playing
            consecutiveMisses = 0
            popsOverTarget = 0
            discardBeyondBounds()
            return play(lowest)
        case .playing:
            return popPlaying()
        }
    }

    /// The payload of the packet `back` packets before the one played last (0 for that itself), so that a decoder that
    /// slept can be brought up to date; nil when it never came or is gone. Valid until the next `push` or `pop`.
    public func played(_ back: Int) -> UnsafeRawBufferPointer? {
        let sequence = lastPlayed - Int64(back)
        guard back >= 0, sequence >= 0 else { return nil }
        let position = index(sequence)
        return slots[position].sequence == ~sequence ? payload(of: position) : nil
    }

    /// Forgets everything held, and the source.
    public mutating func reset() {
        for slot in 0..<capacity { slots[slot].sequence = Slot.unused }
        held = 0
        lastPlayed = -1
        ssrc = nil
        sequences = SequenceExtender()
        timestamps = TimestampExtender()
        delay = DelayEstimator(clockRate: clockRate)
        state = .waiting
        isDiscontinuity = true
        recentLoss = 0
        isLossy = false
        wasBlind = false
    }

    private mutating func popPlaying() -> Playout {
        guard held > 0 else { return miss(following: nil, wasSent: lastPlayed >= 0 && consecutiveMisses < 5) }
        trim()
        let slot = slots[index(lowest)]
        if wasBlind, isLossy, slot.sequence - lastPlayed - 1 == consecutiveMisses, slot.timestamp == playhead,
            spread + step <= maximumDelay
        {
            // It came one frame too late to tell what was lost. It does so now, and whatever follows is later by a frame.
            wasBlind = false
            return .lost(following: payload(of: index(lowest)))
        }
        if slot.timestamp <= playhead { return play(lowest) }
        if slot.sequence == lastPlayed + 1 || lastPlayed < 0 {
            // The sender left silence out. While more than the target is held, the silence is cut short; where it is
            // longer than any delay, the clock jumped.
            if depth > maximumDelay + step * 2 { return play(lowest) }
            if depth > target + step { playhead = min(slot.timestamp, playhead + step) }
            guard slot.timestamp > playhead else { return play(lowest) }
            playhead = min(slot.timestamp, playhead + step)
            consecutiveMisses = 0
            return .empty
        }
        let isNext = slot.timestamp - playhead <= step
        return miss(following: isNext ? payload(of: index(lowest)) : nil, wasSent: true)
    }

    /// Nothing to play: conceals for a while, then falls silent, then fills anew.
    private mutating func miss(following: UnsafeRawBufferPointer?, wasSent: Bool) -> Playout {
        consecutiveMisses += 1
        playhead += step
        wasBlind = following == nil
        if held == 0, consecutiveMisses >= 25 {
            state = .waiting
            return .empty
        }
        guard wasSent else { return .empty }
        statistics.concealed += 1
        return .lost(following: following)
    }

    private mutating func play(_ sequence: Int64) -> Playout {
        let position = index(sequence)
        let slot = slots[position]
        remove(sequence)
        noteLoss(before: sequence)
        lastPlayed = sequence
        // A late packet that is played after all moves the playhead back: the delay grows by its lateness.
        playhead = slot.timestamp + Int64(slot.duration)
        consecutiveMisses = 0
        wasBlind = false
        let packet = Packet(
            payload: UnsafeRawBufferPointer(start: storage + position * slotSize, count: Int(slot.length)),
            payloadType: slot.payloadType, sequenceNumber: UInt16(truncatingIfNeeded: slot.sequence),
            timestamp: UInt32(truncatingIfNeeded: slot.timestamp), duration: slot.duration,
            isDiscontinuity: isDiscontinuity)
        isDiscontinuity = false
        return .packet(packet)
    }

    private mutating func noteLoss(before sequence: Int64) {
        guard awaitsRedundancy, lastPlayed >= 0 else { return }
        for _ in 0..<min(max(0, sequence - lastPlayed - 1), 10) { recentLoss += (65_536 - recentLoss) >> 6 }
        recentLoss -= recentLoss >> 6
        if recentLoss >= Self.lossyFrom { isLossy = true }
        if recentLoss < Self.cleanBelow { isLossy = false }
    }

    /// Brings the delay down: at once when it is beyond bounds, by one packet when it stayed above the target for a
    /// second.
    private mutating func trim() {
        discardBeyondBounds()
        popsOverTarget = spread > target + step * 2 ? popsOverTarget + 1 : 0
        if popsOverTarget > 50, held > 1 {
            discardLowest()
            popsOverTarget = 0
        }
    }

    private mutating func discardBeyondBounds() {
        while held > 1, spread > maximumDelay + step * 2 { discardLowest() }
    }

    private mutating func discardLowest() {
        let slot = slots[index(lowest)]
        lastPlayed = lowest
        playhead = max(playhead, slot.timestamp + Int64(slot.duration))
        statistics.discarded += 1
        remove(lowest)
        if held > 0 { playhead = min(playhead, slots[index(lowest)].timestamp) }
    }

    private mutating func remove(_ sequence: Int64) {
        slots[index(sequence)].sequence = ~sequence
        held -= 1
        guard held > 0, sequence == lowest else { return }
        repeat { lowest += 1 } while lowest < highest && slots[index(lowest)].sequence != lowest
    }

    private var target: Int64 {
        min(max(delay.spread + step, minimumDelay) + (isLossy ? step : 0), maximumDelay)
    }

    /// Ticks from the playhead to the end of the newest packet.
    private var depth: Int64 {
        guard held > 0 else { return 0 }
        let newest = slots[index(highest)]
        return newest.timestamp + Int64(newest.duration) - playhead
    }

    /// Ticks from the oldest packet held to the end of the newest.
    private var spread: Int64 {
        guard held > 0 else { return 0 }
        let newest = slots[index(highest)]
        return newest.timestamp + Int64(newest.duration) - slots[index(lowest)].timestamp
    }

    private func payload(of position: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: storage + position * slotSize, count: Int(slots[position].length))
    }

    private func index(_ sequence: Int64) -> Int { Int(sequence % Int64(capacity)) }

    private func nanoseconds(_ ticks: Int64) -> UInt64 {
        UInt64(max(0, ticks)) * 1_000_000_000 / UInt64(clockRate)
    }
}
