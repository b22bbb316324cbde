import SIP

/// What certain user agents are known to get wrong; told by what they say they are, which decides nothing but this.
struct PeerQuirks: Equatable {
    /// Digest algorithms that the peer can be offered; nil for all.
    var digestAlgorithms: [DigestAlgorithm]?

    init(userAgent: String?) {
        // libre, in baresip, gives a call up at a challenge whose algorithm it does not know instead of passing it over.
        if userAgent?.hasPrefix("baresip") == true { digestAlgorithms = [.md5] }
    }
}
