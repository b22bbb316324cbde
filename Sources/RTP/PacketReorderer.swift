/// Puts one source's packets back in sequence order before they are depacketized or written. A packet in order passes
/// through without being copied; those after a gap are held until it fills, or until the gap is given up.
public struct PacketReorderer: Sendable {
    /// Packets held at most.
    public let capacity: Int
    /// A gap is given up when a packet that arrived so much later is waiting behind it.
    public let patienceNanoseconds: UInt64
    /// Sequence numbers given up as lost, repeated packets, and packets that came after they were given up.
    public private(set) var lost: UInt64 = 0
    public private(set) var duplicates: UInt64 = 0
    public private(set) var late: UInt64 = 0

    private struct Held: Sendable {
        var sequence: Int64
        var arrivalNanoseconds: UInt64
        var packet: [UInt8]
    }

    /// No packet is so late: what comes after such a silence with a number that was passed is of a later round of numbers, or of a
    /// source that began anew.
    private static let longestDelay: UInt64 = 10_000_000_000

    private var next: Int64?
    /// When the last one came.
    private var newest: UInt64 = 0
    private var extender = SequenceExtender()
    /// In sequence order.
    private var held: [Held] = []

    public init(capacity: Int = 128, patienceNanoseconds: UInt64 = 500_000_000) {
        self.capacity = max(1, capacity)
        self.patienceNanoseconds = patienceNanoseconds
    }

    /// Takes a whole packet in and delivers what is now in order; the bytes are valid only during the call of
    /// `deliver`.
    public mutating func push(
        _ packet: UnsafeRawBufferPointer, sequenceNumber: UInt16, arrivalNanoseconds: UInt64,
        deliver: (UnsafeRawBufferPointer, _ arrivalNanoseconds: UInt64) throws -> Void
    ) rethrows {
        let distance = extender.distance(to: sequenceNumber)
        let wasSilent = next != nil && arrivalNanoseconds > newest && arrivalNanoseconds - newest > Self.longestDelay
        newest = max(newest, arrivalNanoseconds)
        if abs(distance) > 3000 || wasSilent && distance <= 0 {
            // The source began anew, or the numbers came round.
            try flush(deliver)
            extender = SequenceExtender()
            next = nil
        }
        let sequence = Int64(extender.extend(sequenceNumber))
        let expected = next ?? sequence
        if sequence < expected {
            late += 1
            return
        }
        if sequence == expected {
            next = sequence + 1
            try deliver(packet, arrivalNanoseconds)
        } else {
            guard insert(sequence, packet, arrivalNanoseconds) else { return }
            next = expected
        }
        try release(arrivalNanoseconds, deliver)
    }

    /// Delivers everything held; at the end of a stream.
    public mutating func flush(
        _ deliver: (UnsafeRawBufferPointer, _ arrivalNanoseconds: UInt64) throws -> Void
    ) rethrows {
        while !held.isEmpty { try deliverFirst(deliver) }
    }

    private mutating func insert(
        _ sequence: Int64, _ packet: UnsafeRawBufferPointer, _ arrivalNanoseconds: UInt64
    ) -> Bool {
        var position = held.count
        while position > 0, held[position - 1].sequence > sequence { position -= 1 }
        if position > 0, held[position - 1].sequence == sequence {
            duplicates += 1
            return false
        }
        held.insert(
            Held(sequence: sequence, arrivalNanoseconds: arrivalNanoseconds, packet: Array(packet)), at: position)
        return true
    }

    private mutating func release(
        _ now: UInt64, _ deliver: (UnsafeRawBufferPointer, UInt64) throws -> Void
    ) rethrows {
        while let first = held.first {
            let waited = now > first.arrivalNanoseconds ? now - first.arrivalNanoseconds : 0
            guard first.sequence == next || held.count > capacity || waited > patienceNanoseconds else { return }
            try deliverFirst(deliver)
        }
    }

    private mutating func deliverFirst(_ deliver: (UnsafeRawBufferPointer, UInt64) throws -> Void) rethrows {
        let first = held.removeFirst()
        if let next, first.sequence > next { lost += UInt64(first.sequence - next) }
        next = first.sequence + 1
        try first.packet.withUnsafeBytes { try deliver($0, first.arrivalNanoseconds) }
    }
}
