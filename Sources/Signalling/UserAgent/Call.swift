import SIP

/// One call as the user agent core keeps it: a dialog with a point, and what is under way in it.
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

    let point: PointCall
    /// Of a call that came in.
    let invite: ServerTransactionID?
    let localTag: String
    let contact: NameAddress
    var dialog: Dialog
    /// Where the point was last heard: requests to it go there first.
    var flow: Flow
    /// The connection under `flow` is gone; the point is heard again when it opens another.
    var isFlowGone = false
    var phase: Phase
    /// When the point hears that it rings, if it has not been answered by then.
    var ringsAt: SIPInstant?
    /// A ringing that the point must acknowledge.
    var ringing: ReliableProvisional?
    var change: Change?
    var timer: RunningSessionTimer?
    /// What the point's `Allow` names.
    var allows: PeerMethods
    /// The bridge's last description, for refreshing the session.
    var description: [UInt8] = []
    /// The call whose place this one takes when it is answered.
    var replaces: CallID?
    /// A REFER that sends the point elsewhere.
    var transfer: OutgoingRefer?
    /// The point came in by an invitation, which is good for this room and nothing else.
    var isByInvitation = false
    /// Texts that it has not taken yet.
    var messagesUnderWay = 0
    /// Messages that came before its ACK.
    var heldMessages: [RelayedMessage] = []
    /// What the bridge at a trunk's other end is to be told after its ACK.
    var heldInformation: [(package: String, text: String)] = []
    /// The last re-INVITE, whose 2xx may come again.
    var reinvited: ClientTransactionID?

    /// Whether what comes on a flow comes from the call's other end. Whom the bridge called sits behind an address that
    /// it chose; only the port may be another.
    func isPeer(_ other: Flow) -> Bool {
        other == flow || point.direction == .outgoing && other.remoteHost == flow.remoteHost
    }

    /// The next thing to do without being asked.
    var deadline: SIPInstant? {
        var due = earlier(timer?.due, transfer?.deadline)
        if case .entering = phase { due = earlier(due, earlier(ringsAt, ringing?.deadline)) }
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

/// What a peer takes, of what the bridge may want of it (RFC 3261 §20.5).
struct PeerMethods: Sendable {
    let update: Bool
    let refer: Bool
    let message: Bool

    init(_ headers: SIPHeaders) {
        update = headers.lists(SIPMethod.update.rawValue, in: .allow)
        refer = headers.lists(SIPMethod.refer.rawValue, in: .allow)
        message = headers.lists(SIPMethod.message.rawValue, in: .allow)
    }
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
