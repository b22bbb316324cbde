/// The latest SIP messages, as many as fit into so many octets of memory: copied one behind the other into pieces of one size, of which
/// the oldest is given up for a new one. A message that is kept as it came keeps what it lies in, which may be several times as large, and
/// thousands of them lie among what lives shorter. What they say is looked at when somebody asks. A copy of the ring shares its pieces.
public struct TraceRing: Sendable {
    private static let leastPiece = 4_096
    private static let mostPiece = 256 << 10

    private struct Piece: Sendable {
        /// Records; its capacity was reserved for all that come into it.
        var octets: [UInt8] = []
        var size: Int
        var count = 0

        init(size: Int) {
            self.size = size
            octets.reserveCapacity(size)
        }
    }

    public let capacity: Int
    /// Of memory that is taken.
    public private(set) var octets = 0
    /// Messages.
    public private(set) var count = 0
    private let pieceSize: Int
    private var pieces: [Piece] = []

    /// - Parameter capacity: octets; 0 keeps nothing.
    public init(capacity: Int) {
        self.capacity = max(0, capacity)
        pieceSize = min(self.capacity, max(Self.leastPiece, min(self.capacity / 64, Self.mostPiece)))
    }

    public mutating func append(_ message: @autoclosure () -> TracedMessage) {
        guard capacity > 0 else { return }
        let message = message()
        let size = TraceRecord.size(of: message)
        guard size <= capacity else { return }
        if pieces.last.map({ $0.size - $0.octets.count < size }) ?? true { makeRoom(for: size) }
        TraceRecord.write(message, to: &pieces[pieces.count - 1].octets)
        pieces[pieces.count - 1].count += 1
        count += 1
    }

    private mutating func makeRoom(for size: Int) {
        let size = max(size, pieceSize)
        while octets + size > capacity, !pieces.isEmpty {
            let oldest = pieces.removeFirst()
            octets -= oldest.size
            count -= oldest.count
        }
        pieces.append(Piece(size: size))
        octets += size
    }

    /// The oldest first.
    public var all: [TracedMessage] {
        var messages: [TracedMessage] = []
        messages.reserveCapacity(count)
        for piece in pieces { TraceRecord.read(piece.octets) { messages.append($0) } }
        return messages
    }

    /// What `octets` says, as the arrays have it.
    var reserved: Int { pieces.reduce(0) { $0 + $1.octets.capacity } }
}
