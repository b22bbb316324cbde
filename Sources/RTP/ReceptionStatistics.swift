/// What a receiver knows of one source, and the report block it makes of it (RFC 3550 §6.4.1, §A.1, §A.3, §A.8).
public struct ReceptionStatistics: Sendable {
    /// How a packet stood to those before it.
    public enum Verdict: Sendable, Equatable {
        case accepted
        /// Not yet two packets in sequence: the source is not valid yet.
        case onProbation
        /// A jump too great to be loss; a second packet in sequence makes it a restart.
        case jumped
        /// A jump was confirmed: the source began anew and its counters with it.
        case restarted
    }

    static let maximumDropout: UInt16 = 3000
    static let maximumMisorder: UInt16 = 100
    static let minimumSequential = 2

    private enum State: Sendable {
        case unheard(isTrusted: Bool)
        case probation(left: Int)
        case valid
    }

    public let ssrc: UInt32
    public let clockRate: UInt32
    private var state: State
    private var highest: UInt16 = 0
    private var cycles: UInt32 = 0
    private var base: UInt32 = 0
    private var badSequence: UInt32 = .max
    private var received: UInt32 = 0
    private var expectedPrior: UInt32 = 0
    private var receivedPrior: UInt32 = 0
    private var lastTransit: UInt32?
    /// Sixteen times the jitter, in ticks.
    private var jitterScaled: UInt32 = 0
    private var lastSenderReport: (compact: UInt32, arrivalNanoseconds: UInt64)?

    /// Differences in transit time since the last summary, in ticks.
    private struct Spread: Sendable {
        var count: UInt64 = 0
        var least = UInt32.max
        var most: UInt32 = 0
        var sum: UInt64 = 0
        var squares = 0.0

        mutating func take(_ difference: UInt32) {
            count &+= 1
            least = min(least, difference)
            most = max(most, difference)
            sum &+= UInt64(difference)
            squares += Double(difference) * Double(difference)
        }
    }
    private var spread = Spread()
    private var summarized: (highest: UInt32, expected: UInt32, received: UInt32)?

    /// Octets of payload taken in since the first packet.
    public private(set) var octets: UInt64 = 0
    /// Packets taken in since the first one, across restarts.
    public private(set) var packets: UInt64 = 0

    /// A stream that authenticates needs no probation: `isTrusted` takes the first packet as valid.
    public init(ssrc: UInt32, clockRate: UInt32, isTrusted: Bool = false) {
        self.ssrc = ssrc
        self.clockRate = max(1, clockRate)
        state = .unheard(isTrusted: isTrusted)
    }

    public var isValid: Bool {
        if case .valid = state { true } else { false }
    }
    public var extendedHighestSequence: UInt32 { cycles &+ UInt32(highest) }
    /// Timestamp ticks.
    public var jitter: UInt32 { jitterScaled >> 4 }
    public var jitterMilliseconds: Double { Double(jitter) * 1000 / Double(clockRate) }
    public var expected: UInt32 { isValid ? extendedHighestSequence &- base &+ 1 : 0 }
    /// May be negative where packets came twice; clamped to 24 bits.
    public var cumulativeLost: Int32 {
        min(max(Int32(bitPattern: expected &- received), -0x80_0000), 0x7f_ffff)
    }

    /// Takes a packet in; `arrivalNanoseconds` is on the monotonic clock.
    @discardableResult
    public mutating func receive(
        sequenceNumber: UInt16, timestamp: UInt32, arrivalNanoseconds: UInt64, payloadOctets: Int
    ) -> Verdict {
        let verdict = update(sequenceNumber)
        guard verdict == .accepted || verdict == .restarted else { return verdict }
        packets &+= 1
        octets &+= UInt64(max(0, payloadOctets))
        if verdict == .restarted { lastTransit = nil }
        let transit = ticks(arrivalNanoseconds) &- timestamp
        if let lastTransit {
            let difference = Int32(bitPattern: transit &- lastTransit)
            // A jump of the timestamp is not jitter.
            if difference.magnitude < 10 &* clockRate {
                jitterScaled = jitterScaled &+ difference.magnitude &- ((jitterScaled &+ 8) >> 4)
                spread.take(difference.magnitude)
            }
        }
        lastTransit = transit
        return verdict
    }

    /// Notes a sender report of this source.
    public mutating func receiveSenderReport(_ ntp: NTPTime, arrivalNanoseconds: UInt64) {
        lastSenderReport = (ntp.compact, arrivalNanoseconds)
    }

    /// The report block for the interval since the last call.
    public mutating func makeReportBlock(atNanoseconds now: UInt64) -> RTCPReportBlock {
        let expected = self.expected
        let expectedInterval = Int64(Int32(bitPattern: expected &- expectedPrior))
        let receivedInterval = Int64(Int32(bitPattern: received &- receivedPrior))
        expectedPrior = expected
        receivedPrior = received
        let lost = expectedInterval - receivedInterval
        let fraction = expectedInterval <= 0 || lost <= 0 ? 0 : min(255, (lost << 8) / expectedInterval)
        var delay: UInt32 = 0
        if let report = lastSenderReport {
            delay = NTPTime.compact(
                nanoseconds: now > report.arrivalNanoseconds ? now - report.arrivalNanoseconds : 0)
        }
        return RTCPReportBlock(
            ssrc: ssrc, fractionLost: UInt8(fraction), cumulativeLost: cumulativeLost,
            extendedHighestSequence: extendedHighestSequence, jitter: jitter,
            lastSenderReport: lastSenderReport?.compact ?? 0, delaySinceLastSenderReport: delay)
    }

    /// The summary since the last one; nil where nothing came.
    public mutating func makeStatisticsSummary() -> RTCPStatisticsSummary? {
        let before = summarized ?? (base &- 1, 0, 0)
        guard isValid, received &- before.received != 0 else { return nil }
        let expectedInterval = Int64(Int32(bitPattern: expected &- before.expected))
        let receivedInterval = Int64(Int32(bitPattern: received &- before.received))
        defer {
            summarized = (extendedHighestSequence, expected, received)
            spread = Spread()
        }
        let mean = spread.count > 0 ? Double(spread.sum) / Double(spread.count) : 0
        let variance = spread.count > 0 ? max(0, spread.squares / Double(spread.count) - mean * mean) : 0
        return RTCPStatisticsSummary(
            ssrc: ssrc, beginSequence: UInt16(truncatingIfNeeded: before.highest &+ 1),
            endSequence: highest &+ 1, lost: UInt32(clamping: max(0, expectedInterval - receivedInterval)),
            leastJitter: spread.count > 0 ? spread.least : 0, mostJitter: spread.most,
            meanJitter: UInt32(mean), deviationOfJitter: UInt32(variance.squareRoot()))
    }

    private func ticks(_ nanoseconds: UInt64) -> UInt32 {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return UInt32(truncatingIfNeeded: seconds &* UInt64(clockRate) &+ rest * UInt64(clockRate) / 1_000_000_000)
    }

    private mutating func begin(_ sequenceNumber: UInt16) {
        base = UInt32(sequenceNumber)
        highest = sequenceNumber
        badSequence = .max
        cycles = 0
        received = 0
        receivedPrior = 0
        expectedPrior = 0
        summarized = nil
        spread = Spread()
    }

    private mutating func update(_ sequenceNumber: UInt16) -> Verdict {
        switch state {
        case .unheard(isTrusted: false):
            highest = sequenceNumber
            state = .probation(left: Self.minimumSequential - 1)
            return .onProbation
        case .unheard(isTrusted: true):
            begin(sequenceNumber)
            state = .valid
            received = 1
            return .accepted
        case .probation(let left):
            if sequenceNumber == highest &+ 1 {
                highest = sequenceNumber
                guard left > 1 else {
                    begin(sequenceNumber)
                    state = .valid
                    received = 1
                    return .accepted
                }
                state = .probation(left: left - 1)
            } else {
                highest = sequenceNumber
                state = .probation(left: Self.minimumSequential - 1)
            }
            return .onProbation
        case .valid:
            let delta = sequenceNumber &- highest
            if delta < Self.maximumDropout {
                if sequenceNumber < highest { cycles &+= 1 << 16 }
                highest = sequenceNumber
            } else if delta <= 0 &- Self.maximumMisorder {
                guard UInt32(sequenceNumber) == badSequence else {
                    badSequence = UInt32(sequenceNumber &+ 1)
                    return .jumped
                }
                begin(sequenceNumber)
                received = 1
                return .restarted
            }
            received &+= 1
            return .accepted
        }
    }
}
