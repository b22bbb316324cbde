/// A bridge of the cluster, by the name that its configuration gives it.
public struct BridgeID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Whose call a participant is that came by a trunk: a bridge's, and the name that it has for it.
public struct TrunkOrigin: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var bridge: BridgeID
    public var participant: ParticipantID

    public init(bridge: BridgeID, participant: ParticipantID) {
        self.bridge = bridge
        self.participant = participant
    }

    public var description: String { "\(participant)@\(bridge)" }
    public static func < (left: Self, right: Self) -> Bool {
        (left.bridge, left.participant) < (right.bridge, right.participant)
    }
}
