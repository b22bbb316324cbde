import SIP

/// One call as the user agent core keeps it: a dialog that the bridge answers, and what is under way in it.
struct Call {
    enum Phase {
        /// The INVITE waits for the word of the rest of the daemon.
        case entering(Pending)
        /// The 200 is out and sent again until its ACK comes.
        case answered(Answered)
        case up
        /// A BYE is out; the call goes when that is answered or given up.
        case leaving
    }

    /// A request that is not answered yet.
    struct Pending {
        let transaction: ServerTransactionID
        let request: SIPRequest
    }

    /// A 2xx to an INVITE that waits for its ACK.
    struct Answered {
        let transaction: ServerTransactionID
        var waiting: AcceptedInvite
        /// The bridge made the offer; the ACK must bring the answer.
        let expectsAnswer: Bool
        /// Hang up as soon as the ACK is there: before, BYE is not allowed (RFC 3261 §15).
        var hangUp: CallEndReason?
    }

    /// A re-INVITE or UPDATE that the bridge has not answered yet, or whose 2xx waits for its ACK.
    enum Change {
        case pending(Pending)
        case answered(Answered)
    }

    let incoming: IncomingCall
    let invite: ServerTransactionID
    let localTag: String
    let contact: NameAddress
    var dialog: Dialog
    /// Where the point was last heard: requests to it go there first.
    var flow: Flow
    /// The connection under `flow` is gone; the point is heard again when it opens another.
    var isFlowGone = false
    var phase: Phase
    /// A ringing that the point must acknowledge.
    var ringing: ReliableProvisional?
    var change: Change?
    var timer: RunningSessionTimer?
    /// The point's `Allow` names UPDATE.
    var allowsUpdate: Bool

    /// The next thing to do without being asked.
    var deadline: SIPInstant? {
        var due = timer?.due
        if case .entering = phase { due = earlier(due, ringing?.deadline) }
        if case .answered(let answered) = phase { due = earlier(due, answered.waiting.deadline) }
        if case .answered(let answered)? = change { due = earlier(due, answered.waiting.deadline) }
        return due
    }
}

/// The earlier of two deadlines that there may be.
func earlier(_ left: SIPInstant?, _ right: SIPInstant?) -> SIPInstant? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
}

/// A session timer and when it acts.
struct RunningSessionTimer {
    let timer: SessionTimer
    /// The bridge refreshes; otherwise it waits for the point to.
    let isRefresher: Bool
    var due: SIPInstant

    init(_ timer: SessionTimer, isRefresher: Bool, at now: SIPInstant) {
        self.timer = timer
        self.isRefresher = isRefresher
        due = now + (isRefresher ? timer.refresh : timer.expiry)
    }
}
