import Logging
import LogSubjects
import SIP

/// A call that the bridge is to make.
struct OutgoingCall: Sendable {
    let id: CallID
    let username: String
    let room: String
    /// What displays show.
    let title: String
    /// Where the point is, if it did not register.
    let address: URI?
    /// It registered over WebSocket.
    let isBrowser: Bool
}

/// What the user agent core wants done, in order. What is big and rare is held by a reference, so that the rest is small.
enum UserAgentAction: Sendable {
    /// Put these octets on a flow.
    case send([UInt8], on: Flow)
    /// A point that proved who it is wants in; `offer` is nil when the bridge is to make the offer (RFC 3261 §13.2.1).
    indirect case callArrived(PointCall, offer: [UInt8]?, flow: Flow)
    /// The ACK of the call's 200 came; `answer` where the bridge made the offer.
    case callAcknowledged(CallID, answer: [UInt8]?)
    /// A re-INVITE or UPDATE: answer it by `answerChange` or `refuseChange`. `offer` is nil when the bridge is to make it.
    case changeArrived(CallID, offer: [UInt8]?)
    /// The ACK to a re-INVITE for which the bridge made the offer.
    case changeAnswered(CallID, answer: [UInt8]?)
    case keyframeRequested(CallID)
    /// A key, pressed in INFO.
    case digit(CallID, Character)
    /// A point asks for the word, or does not any more.
    case hand(CallID, isRaised: Bool)
    /// A point wants to be shown this layout (``InfoLayout``).
    case layout(CallID, String)
    /// A point wants these cameras in its panes (``InfoPanes``).
    case panes(CallID, PaneWish)
    /// What the bridge at the other end of a trunk's call says of its point.
    case trunkOrdered(CallID, String)
    /// A text that came by a trunk's call.
    indirect case trunkTexted(CallID, RelayedMessage)
    /// A message to a room: answer it by `answerMessage`.
    indirect case messageArrived(ServerTransactionID, RoomMessage)
    /// All ways to a point, to outlive this run; then, where there is one, the registration can be answered by
    /// `registrationKept`.
    case keepBindings([Binding], of: String, then: ServerTransactionID?)
    /// A way is wanted for what waits at the core, by the servers of a URI (RFC 3263): tell `reached` or `unreachable`.
    case findWay(Errand, to: URI)
    /// The next server of those that the last search found.
    case findNextWay(Errand)
    /// Nothing waits any more.
    case forgetWay(Errand)
    /// A point wants to watch a room's conference: tell `answerWatch`.
    case watchAsked(SubscriptionID, room: String, by: String)
    /// Nobody watches a room any more.
    case unwatched(room: String)
    case referred(Referral)
    /// What became of sending a point to another room: a final status, or 202 where no more was to be learnt.
    case transferEnded(CallID, status: UInt16)
    case callProgressed(CallID, status: UInt16)
    /// A point that the bridge called is there. `answer` is empty if it gave none; `offer` is the one that it accepted.
    case callAnswered(PointCall, answer: [UInt8], to: [UInt8])
    /// The last word on a call that arrived, or on one of the bridge's.
    case callEnded(CallID, CallEndReason)
    case log(Logger.Level, LogLine)
}
