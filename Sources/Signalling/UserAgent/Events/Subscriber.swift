import ConferenceInfo
import SIP

/// Names a subscription in this process.
struct SubscriptionID: Hashable, Sendable {
    let rawValue: UInt64
}

/// Who is told of something by NOTIFY (RFC 6665), and in which dialog.
struct Subscriber {
    enum Place {
        /// The SUBSCRIBE or REFER made it.
        case own(Dialog, Flow)
        /// That of a call.
        case call(CallID)
    }

    enum Topic {
        /// What its last NOTIFY made it know; nil before the first.
        case conference(room: String, known: ConferenceInfo?)
        case referral(SIPFragment)
    }

    enum Stage {
        /// The daemon is asked whether it may.
        case asking(SubscriptionPolicy.Terms)
        case running(Subscription)
    }

    var place: Place
    var topic: Topic
    var stage: Stage

    var event: SIPEvent {
        switch stage {
        case .asking(let terms): terms.event
        case .running(let subscription): subscription.event
        }
    }
    var deadline: SIPInstant? { if case .running(let subscription) = stage { subscription.deadline } else { nil } }
    var room: String? { if case .conference(let room, _) = topic { room } else { nil } }
}
