/// What was sent to one receiver under transport-wide sequence numbers, till it is told what became of it. Flat, of a fixed
/// size; a number is forgotten when it comes round again.
struct SendHistory: ~Copyable {
    /// 2 s at 10 Mbit/s.
    static let capacity = 2048

    enum Fate: UInt8 { case none, inFlight, unreported, lost, received }

    struct Packet {
        var sentAt: UInt64
        var octets: UInt16
        var sequence: UInt16
        /// Of the probe that it was part of; 0 for none.
        var probe: UInt8
        var fate: Fate
    }

    private let packets: UnsafeMutablePointer<Packet>
    private let mask: UInt16
    private(set) var next: UInt16

    /// - Parameters:
    ///   - first: should be low, so that a peer that misses the first packets knows them for older than those after.
    ///   - isEmpty: nothing will be asked of it.
    init(first: UInt16, isEmpty: Bool = false) {
        let count = isEmpty ? 1 : Self.capacity
        packets = .allocate(capacity: count)
        packets.initialize(
            repeating: Packet(sentAt: 0, octets: 0, sequence: 0, probe: 0, fate: .none), count: count)
        mask = UInt16(truncatingIfNeeded: count - 1)
        next = first
    }

    deinit { packets.deallocate() }

    mutating func send(octets: Int, probe: UInt8, at now: UInt64) -> UInt16 {
        let sequence = next
        packets[slot(sequence)] = Packet(
            sentAt: now, octets: UInt16(clamping: octets), sequence: sequence, probe: probe, fate: .inFlight)
        next &+= 1
        return sequence
    }

    /// A packet whose fate is open, or was thought to be another. nil for what was never sent, is forgotten, or is known to
    /// have arrived.
    mutating func receive(_ sequence: UInt16) -> Packet? {
        let slot = slot(sequence)
        let packet = packets[slot]
        guard packet.sequence == sequence, packet.fate != .none, packet.fate != .received else { return nil }
        packets[slot].fate = .received
        return packet
    }

    /// Numbers that did not arrive. Returns how many of them had not been told of before.
    mutating func lose(_ first: UInt16, count: Int) -> Int { settle(first, count, as: .lost).packets }

    /// Numbers of which the feedback was lost. Returns the octets of them.
    mutating func pass(_ first: UInt16, count: Int) -> Int { settle(first, count, as: .unreported).octets }

    private mutating func settle(_ first: UInt16, _ count: Int, as fate: Fate) -> (packets: Int, octets: Int) {
        var settled = (packets: 0, octets: 0)
        let skipped = max(0, count - Self.capacity)
        for step in skipped..<max(skipped, count) {
            let sequence = first &+ UInt16(truncatingIfNeeded: step)
            let slot = slot(sequence)
            guard packets[slot].fate == .inFlight, packets[slot].sequence == sequence else { continue }
            packets[slot].fate = fate
            settled.packets += 1
            settled.octets += Int(packets[slot].octets)
        }
        return settled
    }

    private func slot(_ sequence: UInt16) -> Int { Int(sequence & mask) }
}
