import STUN

/// What became of a datagram.
public struct ICEOutcome: Hashable, Sendable {
    public enum Event: Hashable, Sendable {
        /// Nothing that the agent knows of: no STUN, no request, or damaged.
        case ignored
        /// The request was answered with an error, and has changed nothing.
        case refused(STUNErrorCode)
        /// A check from an address that was known.
        case checked
        /// A first check from an address: what the peer begins there (DTLS) may be answered.
        case validated
        /// The peer nominated an address, the first, or another than before: `ICELiteAgent.selected` has changed.
        case selected
    }

    public let event: Event
    /// How many octets of the answer buffer are to be sent where the datagram came from; 0 for none.
    public let answerLength: Int

    static let ignored = Self(event: .ignored, answerLength: 0)
}
