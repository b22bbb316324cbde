/// The latest SIP messages, as many as fit into so many octets. To take one in costs no copy of it: it shares its octets with whoever
/// received or sent it. What they say is looked at when somebody asks.
public struct TraceRing: Sendable {
    /// What an entry costs besides its message.
    private static let overhead = 200
    public let capacity: Int
    public private(set) var octets = 0
    private var messages: [TracedMessage] = []
    /// Of the oldest; what is before it was given up and not moved together yet.
    private var first = 0

    /// - Parameter capacity: octets; 0 keeps nothing.
    public init(capacity: Int) { self.capacity = max(0, capacity) }

    public var count: Int { messages.count - first }

    public mutating func append(_ message: @autoclosure () -> TracedMessage) {
        guard capacity > 0 else { return }
        let message = message()
        octets += message.octets.count + Self.overhead
        messages.append(message)
        while octets > capacity, first < messages.count {
            octets -= messages[first].octets.count + Self.overhead
            messages[first].octets = []
            first += 1
        }
        guard first > 256, first * 2 > messages.count else { return }
        messages.removeFirst(first)
        first = 0
    }

    /// The oldest first.
    public var all: ArraySlice<TracedMessage> { messages[first...] }
}
