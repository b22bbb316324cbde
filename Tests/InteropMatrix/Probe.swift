/// What is measured in a line of the matrix, in the order of the table's columns.
enum Probe: String, CaseIterable, Sendable, Codable {
    case register, call, tone, picture
    case hold, oldHold, portZero
    case event, info, inBand
    case transfer, reoffer, lateOffer, options, refresh
    case rested, lossy, narrow, moved, cutOff

    var group: LineGroup {
        switch self {
        case .rested, .lossy, .narrow, .moved, .cutOff: .networks
        default: .endpoints
        }
    }

    var title: String {
        switch self {
        case .register: "register"
        case .call: "call"
        case .tone: "tone"
        case .picture: "picture"
        case .hold: "hold a="
        case .oldHold: "hold c="
        case .portZero: "port 0"
        case .event: "4733"
        case .info: "INFO"
        case .inBand: "in-band"
        case .transfer: "transfer"
        case .reoffer: "re-offer"
        case .lateOffer: "late offer"
        case .options: "OPTIONS"
        case .refresh: "refresh"
        case .rested: "after 40 s"
        case .lossy: "losses"
        case .narrow: "300 kbit/s"
        case .moved: "moved"
        case .cutOff: "cut off 10 s"
        }
    }

    /// What a measured cell says.
    var legend: String {
        switch self {
        case .register: "the bridge knows where the point is"
        case .call: "ms from dialling to the endpoint's word that the call is up"
        case .tone:
            "dBFS at which another point hears the endpoint, and the endpoint it (−12 is what was sent); nobody hears itself"
        case .picture: "likeness of the picture seen to the film shown, 1 being the same; it moves"
        case .hold:
            "s until the bridge is silent after a=sendonly or a=inactive, and until both are heard again; held for longer than the silence limit"
        case .oldHold: "the same by c=0.0.0.0 (RFC 2543)"
        case .portZero: "the sound refused by port 0 and taken up again, the call staying up"
        case .event: "a key by RFC 4733 reaches the bridge, once"
        case .info: "a key by INFO reaches the bridge, once"
        case .inBand: "a key's two tones in the sound are recognized"
        case .transfer: "REFER moves the point to another room"
        case .reoffer: "the codec changes within the call, and the tone is heard after"
        case .lateOffer: "an INVITE without a description"
        case .options: "what OPTIONS out of the blue is answered"
        case .refresh: "who refreshes the session (RFC 4028), after how many seconds"
        case .rested: "s until it is heard again after 40 s on hold in which nothing was sent either way; it hears, too"
        case .lossy:
            "share in % and longest gap in ms of what is heard of it, and of what it hears; where it sees a picture, how long that stood still at longest, in ms"
        case .narrow:
            "while the line carries no more: longest gap in ms in what is heard of it; what is missing in ms of what it hears (a browser: while it adapts, and after); kbit/s it gets before, then, and after"
        case .moved:
            "longest gap in ms in what is heard of it and what it hears, its address changing meanwhile; packets it had sent before"
        case .cutOff: "ms from the line's return until it is heard, and until it hears"
        }
    }

    /// What the bridge does not do yet: shown, but no fault. Whatever is taken off this list must pass.
    static let awaited: Set<Probe> = []
}

/// What came of a probe.
enum Outcome: Sendable, Equatable {
    case measured(String)
    /// The endpoint has no way to do it.
    case beyond(String)
    /// The bridge does not do it yet.
    case awaited(String)
    case failed(String)

    var mark: String {
        switch self {
        case .measured: "passed"
        case .beyond: "beyond"
        case .awaited: "awaited"
        case .failed: "failed"
        }
    }

    var text: String {
        switch self {
        case .measured(let text), .beyond(let text), .awaited(let text), .failed(let text): text
        }
    }
}

/// An endpoint's excuse: what it cannot do is no fault of the bridge.
struct Beyond: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
