import RTP

/// When the packets of one sender came, by their transport-wide sequence numbers, until it has been told
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3). Flat, of a fixed size.
public struct ArrivalRecorder: ~Copyable {
    /// 1 s at 10 Mbit/s.
    public static let capacity = 1024
    /// Packets untold of that make a feedback due before its time.
    static let mostUntold: UInt64 = 256
    /// Numbers by which a packet may come late and still be told of.
    static let mostLate: UInt64 = 64
    /// Packets far behind in a row, after which they are the beginning of something new.
    static let mostStrays = 4

    public let intervalNanoseconds: UInt64
    /// Nanoseconds by slot; 0 for what has not come. Those of the last `capacity` numbers up to `newest` hold.
    private let arrivals: UnsafeMutablePointer<UInt64>
    private var extender = SequenceExtender()
    private var newest: UInt64?
    /// The first number that no feedback told of.
    private var untold: UInt64 = 0
    private var untoldSince: UInt64?
    private var feedbackCount: UInt8 = 0
    private var strays = 0

    public init(intervalNanoseconds: UInt64 = 100_000_000) {
        self.intervalNanoseconds = intervalNanoseconds
        arrivals = .allocate(capacity: Self.capacity)
        arrivals.initialize(repeating: 0, count: Self.capacity)
    }

    deinit { arrivals.deallocate() }

    /// A packet came at `now` on the monotonic clock.
    public mutating func receive(_ sequence: UInt16, atNanoseconds now: UInt64) {
        let index = extender.peek(sequence)
        guard let newest else { return begin(at: index, sequence, now) }
        if index > newest {
            guard index - newest < UInt64(Self.capacity) else { return begin(at: index, sequence, now) }
            for between in newest + 1..<index { arrivals[slot(between)] = 0 }
            _ = extender.extend(sequence)
            self.newest = index
            // What no longer has a slot is told of no more.
            if index - untold >= UInt64(Self.capacity) { untold = index - UInt64(Self.capacity) + 1 }
        } else {
            guard newest - index < UInt64(Self.capacity) else {
                strays += 1
                if strays >= Self.mostStrays {
                    extender = SequenceExtender()
                    begin(at: extender.peek(sequence), sequence, now)
                }
                return
            }
            guard arrivals[slot(index)] == 0 else { return }
            if index < untold {
                guard untold - index <= Self.mostLate else { return }
                untold = index
            }
        }
        strays = 0
        arrivals[slot(index)] = max(1, now)
        if untoldSince == nil { untoldSince = now }
    }

    /// When a feedback is due; nil while there is nothing to tell.
    public var deadline: UInt64? {
        guard let untoldSince, let newest else { return nil }
        return newest &- untold >= Self.mostUntold ? untoldSince : untoldSince &+ intervalNanoseconds
    }

    /// Adds feedbacks on what came since the last ones, as many as fit. Returns whether it added any.
    @discardableResult
    public mutating func write(to builder: inout RTCPBuilder, sender: UInt32, media: UInt32) -> Bool {
        var hasWritten = false
        while let newest, untold <= newest {
            let told = builder.transportFeedback(
                sender: sender, media: media, baseSequence: UInt16(truncatingIfNeeded: untold),
                feedbackCount: feedbackCount, count: Int(newest - untold) + 1
            ) { arrival(untold + UInt64($0)) }
            guard told > 0 else {
                // A run of lost packets longer than a feedback, or a buffer that is full.
                guard arrival(untold) == nil, skipLost() else { break }
                continue
            }
            feedbackCount &+= 1
            untold += UInt64(told)
            hasWritten = true
        }
        if let newest, untold > newest { untoldSince = nil }
        return hasWritten
    }

    /// Passes over packets that did not come, if more of them follow each other than one feedback can tell of.
    private mutating func skipLost() -> Bool {
        guard let newest else { return false }
        var index = untold
        while index < newest, arrival(index) == nil { index += 1 }
        guard index - untold >= UInt64(RTCPBuilder.mostFeedbackStatuses) else { return false }
        untold = index
        return true
    }

    private mutating func begin(at index: UInt64, _ sequence: UInt16, _ now: UInt64) {
        arrivals.update(repeating: 0, count: Self.capacity)
        _ = extender.extend(sequence)
        newest = index
        untold = index
        untoldSince = now
        strays = 0
        arrivals[slot(index)] = max(1, now)
    }

    private func arrival(_ index: UInt64) -> UInt64? {
        let nanoseconds = arrivals[slot(index)]
        return nanoseconds == 0 ? nil : nanoseconds
    }

    private func slot(_ index: UInt64) -> Int { Int(truncatingIfNeeded: index) & (Self.capacity - 1) }
}
