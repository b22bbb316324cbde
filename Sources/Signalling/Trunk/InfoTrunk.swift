import SIP

/// What bridges tell each other of a point in the call that carries its streams: an Info Package (RFC 6086) of this bridge's
/// own, taken in trunks' calls only. The body is `text/plain`; what it says is not signalling's business (`TrunkOrder`).
enum InfoTrunk {
    static let package = "causeway-trunk"
    static let mostOctets = 4_096

    static func text(in request: SIPRequest) -> String? {
        guard request.body.count <= mostOctets,
            request.contentType?.isSame(as: MediaType(type: "text", subtype: "plain")) ?? false
        else { return nil }
        return String(validating: request.body, as: UTF8.self)
    }
}
