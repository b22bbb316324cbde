import SIP

/// What certain user agents are known to get wrong; told by what they say they are, which decides nothing but this.
struct PeerQuirks: Equatable {
    /// Digest algorithms that the peer can be offered; nil for all.
    var digestAlgorithms: [DigestAlgorithm]?

    init(userAgent: String?) {
        // They give a call up at a challenge whose algorithm they do not know, instead of passing it over
        // (RFC 8760 §2.4): libre in baresip 1.0 at any, SIPp 3.6 at the first.
        if let userAgent, ["baresip", "SIPp"].contains(where: userAgent.hasPrefix) { digestAlgorithms = [.md5] }
    }
}
