/// What names a dialog, seen from this side (RFC 3261 §12).
public struct DialogID: Hashable, Sendable {
    public var callID: String
    public var localTag: String
    /// Empty for a peer by RFC 2543, which sends none.
    public var remoteTag: String

    public init(callID: String, localTag: String, remoteTag: String) {
        self.callID = callID
        self.localTag = localTag
        self.remoteTag = remoteTag
    }

    /// The dialog that a request from the peer belongs to; nil if it names none.
    public init?(incoming request: SIPRequest) {
        guard let localTag = request.to.tag else { return nil }
        self.init(callID: request.callID, localTag: localTag, remoteTag: request.from.tag ?? "")
    }

    /// The dialog that a response to this side's request belongs to; nil if it names none.
    public init?(incoming response: SIPResponse) {
        guard let localTag = response.from.tag, let remoteTag = response.to.tag else { return nil }
        self.init(callID: response.callID, localTag: localTag, remoteTag: remoteTag)
    }
}
