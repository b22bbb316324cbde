/// The 48-bit index of an RTP packet: rollover counter and sequence number (RFC 3711 §3.3.1).
enum PacketIndex {
    static let limit: UInt64 = 1 << 48

    /// The index that `sequence` most likely has when `highest` is the highest so far (RFC 3711 Appendix A); nil when it
    /// would pass 2^48. Before the first rollover nothing can be from the rollover before, so a far sequence number is
    /// ahead, as libsrtp has it too.
    @inline(__always)
    static func estimate(highest: UInt64, sequence: UInt16) -> UInt64? {
        let last = Int32(truncatingIfNeeded: highest & 0xffff)
        let distance = Int32(sequence) - last
        var rollover = highest >> 16
        if last < 0x8000 {
            if distance > 0x8000, rollover > 0 { rollover -= 1 }
        } else if distance < -0x8000 {
            rollover += 1
        }
        let index = rollover << 16 | UInt64(sequence)
        return index < limit ? index : nil
    }
}
