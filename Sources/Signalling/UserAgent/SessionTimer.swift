import SIP

/// The session timer of one call, seen from the bridge, which answers (RFC 4028 §9).
struct SessionTimer: Equatable {
    typealias Refresher = SessionExpires.Refresher

    /// What a request carries of RFC 4028.
    struct Request {
        var interval: UInt32?
        var refresher: Refresher?
        var minimum: UInt32?
        var supported: Bool
    }

    enum Outcome: Equatable {
        case none
        case timer(SessionTimer)
        /// 422 with this Min-SE.
        case tooSmall(minimum: UInt32)
    }

    let interval: UInt32
    /// As the 2xx says it: `uac` is whoever sent the request, `uas` whoever answered.
    let refresher: Refresher

    static func negotiate(_ request: Request, interval ours: UInt32, minimum: UInt32) -> Outcome {
        guard request.supported || request.interval != nil else { return .none }
        if let asked = request.interval, asked < minimum {
            // A caller that does not support timers could not act on 422: a proxy asked for them.
            return request.supported ? .tooSmall(minimum: minimum) : .none
        }
        let floor = max(minimum, request.minimum ?? 0)
        let interval = max(floor, min(request.interval ?? ours, ours))
        if request.supported { return .timer(.init(interval: interval, refresher: request.refresher ?? .uac)) }
        return .timer(.init(interval: interval, refresher: .uas))
    }

    /// When the side that waits gives up: a little before the end, as the RFC advises (§10).
    var expiry: Duration { .seconds(Int64(interval - min(32, interval / 3))) }
    /// When the side that refreshes does so.
    var refresh: Duration { .seconds(Int64(interval / 2)) }
    var headerValue: String {
        SessionExpires(interval: .seconds(Int64(interval)), refresher: refresher).description
    }
}

extension SessionTimer.Request {
    init(_ request: SIPRequest) throws(SIPSyntaxError) {
        let asked = try request.headers.sessionExpires()
        interval = asked.map { UInt32(clamping: $0.interval.components.seconds) }
        refresher = asked?.refresher
        minimum = try request.headers.minimumSessionInterval().map { UInt32(clamping: $0.components.seconds) }
        supported = request.headers.lists("timer", in: .supported) || request.headers.lists("timer", in: .require)
    }
}
