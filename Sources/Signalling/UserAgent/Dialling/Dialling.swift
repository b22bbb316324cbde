import SIP

/// A call of the bridge's to a point, until it is answered, and for as long after that as other answers may still come
/// (RFC 3261 §13.2.2.4): an INVITE by each way to the point. Who answers first has the call.
struct Dialling {
    struct Branch {
        var invite: OutgoingInvite
        /// The ways on which the device registered that are not tried yet, the best first: they come before what its URI
        /// resolves to.
        var registered: [Flow]
        /// Where the INVITE went last.
        var flow: Flow?
        var transaction: ClientTransactionID?
        /// Its URI was resolved: the next server is the next of those.
        var isSearched = false
        /// The INVITE, while a way is looked for.
        var waiting: SIPRequest?
        /// Descriptions in responses before the 2xx: the first in a dialog is the answer (RFC 3261 §13.2.1).
        var early: [DialogID: [UInt8]] = [:]
        var failure: OutgoingInvite.Failure?
    }

    private enum State {
        case calling
        /// Given up for this reason.
        case ending(CallEndReason)
        case settled
    }

    let username: String
    let room: String
    var branches: [Branch]
    /// Of a call to another bridge.
    let trunk: TrunkSubject?
    private var state = State.calling

    init(username: String, room: String, branches: [Branch], trunk: TrunkSubject? = nil) {
        self.trunk = trunk
        self.username = username
        self.room = room
        self.branches = branches
    }

    /// It was answered, or came to nothing, and the daemon knows it.
    var isSettled: Bool { if case .settled = state { true } else { false } }
    /// No branch has anything to say any more.
    var isOver: Bool { branches.allSatisfy(\.invite.isOver) }
    var deadline: SIPInstant? { branches.compactMap(\.invite.deadline).min() }

    mutating func settle() { state = .settled }
    mutating func giveUp(_ reason: CallEndReason) { if case .calling = state { state = .ending(reason) } }

    /// Why nobody answered; nil while somebody may.
    var outcome: CallEndReason? {
        guard branches.allSatisfy({ $0.failure != nil }) else { return nil }
        if case .ending(let reason) = state { return reason }
        return branches.compactMap(\.failure).map(CallEndReason.init).max { $0.weight < $1.weight } ?? .unreachable
    }
}

extension CallEndReason {
    init(_ failure: OutgoingInvite.Failure) {
        self =
            switch failure {
            case .refused(let response):
                .declined(code: response.status, reason: UserAgentCore.printable(response.reason))
            case .noAnswer: .noAnswer
            case .unreachable: .unreachable
            case .cancelled: .cancelled
            case .malformed(let error): .declined(code: 400, reason: error.reason)
            }
    }

    /// Of several devices of a point, what one that a person answered says counts more than what a dead one does not
    /// (RFC 3261 §16.7 step 6).
    fileprivate var weight: Int {
        switch self {
        case .declined(let code, _) where code >= 600: 4
        case .declined(let code, _) where code != 408 && code != 404 && code != 480: 3
        case .declined: 2
        case .noAnswer: 1
        default: 0
        }
    }
}
