import SIP

/// What waits at the user agent core until a way is found for it.
enum Errand: Hashable, Sendable {
    /// The INVITE of a branch of a call of the bridge's.
    case branch(CallID, Int)
    /// Requests in the dialog of a call whose connection is gone.
    case dialog(CallID)
}

/// A request in a dialog that waits for a way.
struct Stranded {
    let request: SIPRequest
    let own: UserAgentCore.OwnRequest
}
