/// What else may happen in a dialog before its 2xx: UPDATE both ways (RFC 3311 §5.1), INFO, BYE of the caller
/// (RFC 3261 §15).
extension OutgoingInvite {
    /// The branches of the fork that ring.
    public var earlyDialogs: [DialogID] { Array(early.keys) }

    /// Checks the order of a request from the peer in an early dialog; nil if it is in none of this INVITE's.
    public mutating func receive(_ request: SIPRequest) -> Dialog.Verdict? {
        guard let id = DialogID(incoming: request) else { return nil }
        return early[id]?.dialog.receive(request)
    }

    /// A request of this side in an early dialog, with where it goes; nil if there is no such dialog (any more).
    public mutating func request(
        _ method: SIPMethod, in id: DialogID, headers: SIPHeaders = .init(), body: [UInt8] = []
    ) -> (request: SIPRequest, nextHop: URI)? {
        guard var branch = early[id] else { return nil }
        var request = branch.dialog.request(method, headers: headers, body: body)
        digest.authorize(&request)
        early[id] = branch
        return (request, branch.dialog.nextHop)
    }
}
