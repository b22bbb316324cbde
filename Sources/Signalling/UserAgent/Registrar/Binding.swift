import SIP

/// One way to reach a point, as it registered it (RFC 3261 §10, RFC 3327, RFC 5626 §6, RFC 5627 §5).
struct Binding: Equatable, Sendable {
    /// What tells it from the point's other bindings (RFC 5626 §6).
    enum Key: Equatable, Sendable {
        case contact
        /// A flow of a device that keeps several.
        case flow(instance: String, number: UInt32)
    }

    var uri: URI
    var key: Key
    /// The device's `+sip.instance`, with its angle brackets.
    var instance: String?
    var callID: String
    var sequence: UInt32
    var expires: SIPInstant
    /// The `q` of the contact, as written.
    var quality: String?
    /// URIs of the proxies on the way, nearest to the registrar first.
    var path: [String]
    /// The way on which it was registered; nil when that is gone.
    var flow: Flow?
    var userAgent: String?
    /// Temporary GRUUs that it was given: all hold until the device registers with another Call-ID (RFC 5627 §3.2).
    var temporaryGRUUs: [String] = []

    func isSame(as other: Binding) -> Bool {
        switch (key, other.key) {
        case (.contact, .contact): uri.isEquivalent(to: other.uri)
        case (.flow, .flow): key == other.key
        default: false
        }
    }

    /// The device's public GRUU (RFC 5627 §3.1.1); nil where it named no instance.
    func publicGRUU(of point: String, domain: String) -> SIPURI? {
        guard let instance else { return nil }
        var uri = SIPURI(user: point, host: domain)
        uri.parameters["gr"] = instance.filter { $0 != "<" && $0 != ">" }
        return uri
    }
}
