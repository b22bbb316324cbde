/// Which of one source's packets have come, by their sequence numbers, so that none goes on twice. A second packet under a number that
/// has gone on, with other content, would be encrypted as the first was, which AES in counter mode and GCM do not bear (RFC 7714 §8.1).
/// SRTP's own replay protection does not see all of them: sources in the clear have none, and a retransmission (RFC 4588) has a
/// number of its own. Plain values, no allocation.
public struct ArrivalWindow: Sendable {
    /// Numbers behind the newest within which a late packet is still told from one that has come.
    public static let span: Int16 = 512
    /// Numbers ahead of the newest that a source may leave out (RFC 3550 §A.1).
    static let maximumDropout: Int16 = 3000

    public enum Verdict: Sendable {
        /// It has not come before.
        case new
        /// It has come, or is too old to tell, or is the first of a jump: it does not go on.
        case known
        /// The source began anew with it, and may give numbers that it gave before.
        case restarted
    }

    private var newest: UInt16?
    /// The number that would confirm that the source jumped.
    private var jump: UInt16?
    private var seen = InlineArray<8, UInt64>(repeating: 0)

    public init() {}

    public mutating func receive(_ sequence: UInt16) -> Verdict {
        guard let newest else {
            begin(with: sequence)
            return .new
        }
        let ahead = Int16(bitPattern: sequence &- newest)
        if ahead > 0, ahead <= Self.maximumDropout {
            pass(from: newest, to: sequence)
            self.newest = sequence
        } else if ahead > 0 || ahead <= -Self.span {
            guard jump == sequence else {
                jump = sequence &+ 1
                return .known
            }
            begin(with: sequence)
            return .restarted
        }
        jump = nil
        guard seen[slot(sequence)] & bit(sequence) == 0 else { return .known }
        seen[slot(sequence)] |= bit(sequence)
        return .new
    }

    private mutating func begin(with sequence: UInt16) {
        (newest, jump) = (sequence, nil)
        seen = InlineArray(repeating: 0)
        seen[slot(sequence)] = bit(sequence)
    }

    /// Forgets of the numbers up to the newest what they stood for a span ago.
    private mutating func pass(from newest: UInt16, to sequence: UInt16) {
        guard sequence &- newest < UInt16(Self.span) else { return seen = InlineArray(repeating: 0) }
        var passed = newest
        while passed != sequence {
            passed &+= 1
            seen[slot(passed)] &= ~bit(passed)
        }
    }

    @inline(__always) private func slot(_ sequence: UInt16) -> Int { Int((sequence >> 6) & 7) }
    @inline(__always) private func bit(_ sequence: UInt16) -> UInt64 { 1 << UInt64(sequence & 63) }
}
