/// Which of the last 512 RTP packet indices have been received (RFC 3711 §3.3.2). 512 lets a retransmission be a second
/// late at the rate of a high-definition stream.
struct ReplayWindow {
    static let span: UInt64 = 512
    private(set) var highest: UInt64
    private var seen = InlineArray<8, UInt64>(repeating: 0)

    /// A window whose first packet is `index`.
    init(first index: UInt64) {
        highest = index
        mark(index)
    }

    /// Whether `index` is new and not too old to tell.
    @inline(__always)
    func admits(_ index: UInt64) -> Bool {
        if index > highest { return true }
        if highest &- index >= Self.span { return false }
        return seen[slot(index)] & bit(index) == 0
    }

    /// Takes `index`, which the window admits, as received.
    @inline(__always)
    mutating func accept(_ index: UInt64) {
        if index > highest {
            if index &- highest >= Self.span {
                seen = InlineArray(repeating: 0)
            } else {
                var passed = highest &+ 1
                while passed < index {
                    seen[slot(passed)] &= ~bit(passed)
                    passed &+= 1
                }
            }
            highest = index
        }
        mark(index)
    }

    private mutating func mark(_ index: UInt64) { seen[slot(index)] |= bit(index) }
    @inline(__always) private func slot(_ index: UInt64) -> Int { Int(truncatingIfNeeded: (index >> 6) & 7) }
    @inline(__always) private func bit(_ index: UInt64) -> UInt64 { 1 << (index & 63) }
}

/// Which of the last 128 SRTCP indices have been received (RFC 3711 §3.4).
struct RTCPReplayWindow {
    private var highest: UInt32 = 0
    private var seen: UInt128 = 0

    func admits(_ index: UInt32) -> Bool {
        if index > highest { return true }
        let age = highest &- index
        return age < 128 && seen >> UInt128(age) & 1 == 0
    }

    mutating func accept(_ index: UInt32) {
        if index > highest {
            seen = index &- highest < 128 ? seen << UInt128(index &- highest) : 0
            highest = index
        }
        seen |= 1 << UInt128(highest &- index)
    }
}
